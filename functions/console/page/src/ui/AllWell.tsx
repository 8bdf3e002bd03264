import { Card, Group, Text, ThemeIcon, Title } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'

/** Where what needs a person would stand, when nothing does. */
export function AllWell(props: { title: string; text: string }) {
  return (
    <Card component="section">
      <Group wrap="nowrap" gap="md">
        <ThemeIcon size={44} radius="xl" color="teal" variant="light" aria-hidden>
          <IconCircleCheck size={26} />
        </ThemeIcon>
        <div>
          <Title order={2} fz="1.1rem">
            {props.title}
          </Title>
          <Text c="dimmed" size="sm">
            {props.text}
          </Text>
        </div>
      </Group>
    </Card>
  )
}
