import { Button, Card, Collapse, Group, List, Stack, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { Link } from 'wouter'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { atLeast } from '../../auth/person'
import { countOf, remediesOf, waitingOf, type Remedy } from '../../lib/causes'
import { texts } from '../../texts'
import { AllWell } from '../../ui/AllWell'
import { sayDone } from '../../ui/notify'
import { ConnectButton } from './ConnectButton'

type Cause = Schemas['Cause']

/** What needs a person, by cause, each with the button that mends it. */
export function NeedsYou({ causes }: { causes: Cause[] }) {
  if (causes.length === 0) {
    return <AllWell title={texts.overview.nothingNeedsYou} text={texts.overview.nothingNeedsYouText} />
  }
  return (
    <Card component="section" className="needs-you">
      <Title order={2} fz="1.1rem" mb="sm">
        {texts.overview.needsYou(countOf(causes))}
      </Title>
      <Stack gap={0}>
        {causes.map((cause) => (
          <OneCause key={cause.cause} cause={cause} />
        ))}
      </Stack>
    </Card>
  )
}

function OneCause({ cause }: { cause: Cause }) {
  const [shown, { toggle }] = useDisclosure()
  const waiting = waitingOf(cause)
  return (
    <div className="cause">
      <Text fw={600}>{cause.sentence}</Text>
      <Text size="sm" c="dimmed">
        {cause.remedy}
      </Text>
      <Group gap="xs" mt="xs">
        {remediesOf(cause.cause).map((remedy) => (
          <Mend key={remedy} cause={cause.cause} remedy={remedy} />
        ))}
        {waiting.length > 0 && (
          <Button size="compact-md" variant="subtle" onClick={toggle} aria-expanded={shown}>
            {shown ? texts.overview.hideDocuments : `${texts.overview.showDocuments} (${waiting.length})`}
          </Button>
        )}
      </Group>
      <Collapse expanded={shown}>
        <List size="sm" mt="xs" spacing={4}>
          {waiting.map((one) => (
            <List.Item key={one.id}>
              {texts.overview.kinds[one.kind] ?? one.kind} <strong>{one.about}</strong>
              {one.reason && <>: {one.reason}</>}
            </List.Item>
          ))}
        </List>
      </Collapse>
    </div>
  )
}

function Mend({ cause, remedy }: { cause: string; remedy: Remedy }) {
  const { api, person } = useSignedIn()
  const refreshAll = useRefreshAll()
  const retry = useMutation({
    mutationFn: () =>
      data(api.POST('/xero/attention/{cause}/retry/', { params: { path: { cause } }, body: {} })),
    onSuccess: async ({ count }) => {
      sayDone(texts.overview.askedAgain(count))
      await refreshAll()
    },
  })
  switch (remedy) {
    case 'connect':
      return atLeast(person, 'owner') ? <ConnectButton again /> : null
    case 'choose':
      return null // the card beside asks
    case 'webhook':
      return <Way to="/developer#webhook">{texts.overview.toWebhook}</Way>
    case 'completeness':
      return <Way to="/completeness">{texts.overview.toCompleteness}</Way>
    case 'invoices':
      return <Way to="/invoices">{texts.overview.toInvoices}</Way>
    case 'mappings':
      return <Way to="/mappings">{texts.overview.toMappings}</Way>
    case 'retry':
      return (
        <Button size="compact-md" loading={retry.isPending} onClick={() => retry.mutate()}>
          {texts.overview.tryAgain}
        </Button>
      )
  }
}

/** To the tab where it is mended. */
function Way({ to, children }: { to: string; children: string }) {
  return (
    <Button size="compact-md" variant="light" component={Link} href={to}>
      {children}
    </Button>
  )
}
