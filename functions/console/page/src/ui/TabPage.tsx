import { Group, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { texts } from '../texts'

/** The tab shown last. A first load leaves the focus where the person has put it while the tab was on its way. */
let shown: string | null = null

/** The frame of every tab: its heading takes the focus, so that a screen reader says where one has come. */
export function TabPage(props: { title: string; intro?: string; aside?: ReactNode; children: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${props.title} · ${texts.shell.product}`
    const moved = shown !== null && shown !== props.title
    shown = props.title
    // Not on the first load: there the reader begins at the top by itself. Nor where an address names a part of the tab.
    if (moved && !window.location.hash) heading.current?.focus()
  }, [props.title])
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-end" gap="md">
        <div>
          <Title order={1} tabIndex={-1} ref={heading} className="tab-title">
            {props.title}
          </Title>
          {props.intro && <Text c="dimmed">{props.intro}</Text>}
        </div>
        {props.aside}
      </Group>
      {props.children}
    </Stack>
  )
}
