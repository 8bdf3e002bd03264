import { Button, Group, Text } from '@mantine/core'
import { texts } from '../texts'

/** From page to page of a list; nothing where it has one only. */
export function Pager(props: { number: number; back: (() => void) | null; forward: (() => void) | null }) {
  if (!props.back && !props.forward) return null
  return (
    <Group component="nav" justify="center" gap="md" aria-label={texts.shell.pages.name}>
      <Button variant="default" disabled={!props.back} onClick={props.back ?? undefined}>
        {texts.shell.pages.back}
      </Button>
      <Text size="sm" role="status">
        {texts.shell.pages.number(props.number)}
      </Text>
      <Button variant="default" disabled={!props.forward} onClick={props.forward ?? undefined}>
        {texts.shell.pages.forward}
      </Button>
    </Group>
  )
}
