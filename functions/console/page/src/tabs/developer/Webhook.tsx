import { Card, Group, List, Stack, Text, Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import type { Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useStatus } from '../../api/queries'
import { texts } from '../../texts'
import { Moment } from '../../ui/Moment'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { Tag } from '../../ui/Tag'
import { Code } from './Code'

const words = texts.developer
const ID = 'webhook'

/** Whether Xero's announcements arrive, and how to switch them on. */
export function Webhook() {
  const { settings } = useSignedIn()
  const status = useStatus()
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (window.location.hash !== `#${ID}`) return
    title.current?.focus()
    title.current?.scrollIntoView({ block: 'center' })
  }, [])
  return (
    <Card component="section" id={ID}>
      <Stack gap="md">
        <Group justify="space-between">
          <Title order={2} fz="1.2rem" tabIndex={-1} ref={title} className="tab-title">
            {words.webhookTitle}
          </Title>
          {status.data && <State status={status.data} />}
        </Group>
        <Text c="dimmed">{words.webhookText}</Text>
        {status.isPending && <Rows count={1} />}
        {status.error && !status.data && (
          <ProblemNotice error={status.error} retry={() => void status.refetch()} />
        )}
        {status.data && <Heard status={status.data} />}
        <div>
          <Text fw={550} mb={4}>
            {words.deliveryAddress}
          </Text>
          <Code title={words.deliveryAddress}>{`${settings.public_url}/xero/webhook/`}</Code>
        </div>
        <div>
          <Title order={3} fz="1rem" mb={4}>
            {words.webhookHow}
          </Title>
          <List type="ordered">
            {words.webhookSteps.map((step) => (
              <List.Item key={step}>{step}</List.Item>
            ))}
          </List>
        </div>
      </Stack>
    </Card>
  )
}

type Status = Schemas['ConnectionStatus']

/** Only calls with the right signature are kept, so one that was heard is one that was checked. */
function stateOf(status: Status): keyof typeof words.webhookStates {
  if (status.status === 'disconnected') return 'unknown'
  const { last_webhook_at: last, webhook_missed_at: missed } = status
  if (missed && (!last || last <= missed)) return 'warn'
  return last ? 'good' : 'off'
}

function State({ status }: { status: Status }) {
  const state = stateOf(status)
  return <Tag tone={state === 'unknown' ? 'off' : state}>{words.webhookStates[state]}</Tag>
}

function Heard({ status }: { status: Status }) {
  const said = {
    good: words.webhookOk,
    warn: words.webhookSilent,
    off: words.webhookNever,
    unknown: words.webhookUnknown,
  }[stateOf(status)]
  const names = words.webhookFacts
  return (
    <>
      <Text fw={550}>{said}</Text>
      <dl className="facts">
        <Fact name={names.last} at={status.last_webhook_at} />
        {status.webhook_missed_at && <Fact name={names.missed} at={status.webhook_missed_at} />}
        <Fact name={names.pull} at={status.last_pull_at} />
      </dl>
    </>
  )
}

function Fact({ name, at }: { name: string; at: string | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Moment at={at} since />
      </dd>
    </div>
  )
}
