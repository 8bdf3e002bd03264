import { Button, Card, Divider, Group, Stack, Text, Title } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { atLeast } from '../../auth/person'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'
import { Moment } from '../../ui/Moment'
import { ConnectButton } from './ConnectButton'
import { DisconnectButton } from './DisconnectButton'
import { Choose } from './Choose'
import { Gauges } from './Gauges'

type Status = Schemas['ConnectionStatus']

/** Which organisation, whether it works, and what an owner may do about it. */
export function ConnectionCard({ status }: { status: Status }) {
  const { person } = useSignedIn()
  const owner = atLeast(person, 'owner')
  if (status.choices.length > 0) return <Choose choices={status.choices} mayChoose={owner} />
  if (status.status === 'disconnected') return <Disconnected status={status} owner={owner} />
  return (
    <Card component="section" aria-label={texts.overview.connectedTo}>
      <Stack gap="lg">
        <div>
          <Text size="sm" c="dimmed">
            {texts.overview.connectedTo}
          </Text>
          <Title order={2} fz="1.6rem">
            {status.tenant_name}
          </Title>
          {status.advice && <Text mt={4}>{status.advice}</Text>}
        </div>
        <Facts status={status} />
        <Divider />
        <Gauges minute={status.calls_left_minute} day={status.calls_left_day} />
        {owner && (
          <Group gap="sm">
            {status.status === 'needs_attention' && <ConnectButton again />}
            {status.status === 'connected' && <RefreshButton />}
            <DisconnectButton name={status.tenant_name ?? ''} />
          </Group>
        )}
      </Stack>
    </Card>
  )
}

function Disconnected({ status, owner }: { status: Status; owner: boolean }) {
  return (
    <Card component="section" aria-label={texts.overview.connectTitle} padding="xl">
      <Stack gap="md" align="flex-start">
        <Title order={2} fz="1.6rem">
          {texts.overview.connectTitle}
        </Title>
        {status.tenant_name && (
          <Text>
            {texts.overview.wasConnectedTo}: <strong>{status.tenant_name}</strong>
          </Text>
        )}
        <Text c="dimmed" maw="34rem">
          {owner ? texts.overview.connectText : texts.overview.connectOwnerOnly}
        </Text>
        {owner && <ConnectButton again={Boolean(status.tenant_name)} />}
      </Stack>
    </Card>
  )
}

function Facts({ status }: { status: Status }) {
  const names = texts.overview.facts
  const scopes = status.scopes.map((scope) => texts.overview.scopes[scope] ?? scope)
  return (
    <dl className="facts">
      <Fact name={names.connectedBy}>{status.connected_by ?? texts.shell.never}</Fact>
      <Fact name={names.connectedAt}>
        <Moment at={status.connected_at} />
      </Fact>
      <Fact name={names.webhook}>
        <Moment at={status.last_webhook_at} since />
      </Fact>
      <Fact name={names.pull}>
        <Moment at={status.last_pull_at} since />
      </Fact>
      <Fact name={names.expires}>
        <Moment at={status.token_expires_at} since />
      </Fact>
      {status.paused_until && (
        <Fact name={names.paused}>
          <Moment at={status.paused_until} />
        </Fact>
      )}
      {scopes.length > 0 && <Fact name={names.scopes}>{scopes.join(', ')}</Fact>}
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function RefreshButton() {
  const { api } = useSignedIn()
  const refreshAll = useRefreshAll()
  const renew = useMutation({
    mutationFn: () => data(api.POST('/xero/oauth/refresh/', { body: {} })),
    onSuccess: async () => {
      sayDone(texts.overview.refreshed)
      await refreshAll()
    },
  })
  return (
    <Button
      variant="default"
      leftSection={<IconRefresh size={18} aria-hidden />}
      loading={renew.isPending}
      onClick={() => renew.mutate()}
    >
      {texts.overview.refresh}
    </Button>
  )
}
