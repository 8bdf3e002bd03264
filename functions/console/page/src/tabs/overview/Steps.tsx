import { Button, Card, Group, Stack, Text, Title, VisuallyHidden } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { isPositive } from '../../lib/money'
import { texts } from '../../texts'

/** A newcomer's way to the first paid invoice; gone once there is one. */
export function Steps({ status, overview }: { status: Schemas['ConnectionStatus']; overview: Schemas['Overview'] }) {
  const { settings } = useSignedIn()
  const connected = status.status === 'connected'
  const created = overview.weeks.some((week) => isPositive(week.invoiced) || isPositive(week.draft))
  const words = texts.overview.steps
  return (
    <Card component="section">
      <Title order={2} fz="1.1rem" mb="md">
        {texts.overview.stepsTitle}
      </Title>
      <Stack component="ol" gap="md" p={0} m={0} className="plain-list">
        <Step number={1} done={connected} title={words.connect} text={words.connectText} />
        <Step number={2} done={created} title={words.create} text={words.createText}>
          {connected && !created && (
            <Button size="compact-md" component={Link} href="/invoices">
              {texts.overview.toInvoices}
            </Button>
          )}
        </Step>
        <Step number={3} done={false} title={words.paid} text={words.paidText}>
          {created && settings.rehearsal_url && (
            <Button size="compact-md" component="a" href={settings.rehearsal_url} target="_blank" rel="noreferrer">
              {texts.overview.toDesk}
            </Button>
          )}
        </Step>
      </Stack>
    </Card>
  )
}

function Step(props: {
  number: number
  done: boolean
  title: string
  text: string
  children?: React.ReactNode
}) {
  return (
    <Group component="li" wrap="nowrap" align="flex-start" gap="md">
      <span className="step-number" data-done={props.done}>
        {props.done ? <IconCheck size={20} aria-hidden /> : props.number}
      </span>
      <div>
        <Text fw={600}>
          {props.title}
          {props.done && <VisuallyHidden> ({texts.overview.stepDone})</VisuallyHidden>}
        </Text>
        <Text size="sm" c="dimmed" mb={props.children ? 6 : 0}>
          {props.text}
        </Text>
        {props.children}
      </div>
    </Group>
  )
}
