import { Stack, Text, ThemeIcon } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'
import type { ReactNode } from 'react'

/** What stands where a list would, when there is nothing to list. */
export function Empty(props: { icon: Icon; title: string; text?: string; children?: ReactNode }) {
  return (
    <Stack align="center" gap="xs" py="xl" ta="center">
      <ThemeIcon size={56} radius="xl" variant="light" aria-hidden>
        <props.icon size={28} stroke={1.5} />
      </ThemeIcon>
      <Text fw={600}>{props.title}</Text>
      {props.text && (
        <Text c="dimmed" maw="28rem">
          {props.text}
        </Text>
      )}
      {props.children}
    </Stack>
  )
}
