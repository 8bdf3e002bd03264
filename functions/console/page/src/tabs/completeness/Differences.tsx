import { Alert, Button, Card, Group, List, Modal, Stack, Table, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconTool } from '@tabler/icons-react'
import { useState } from 'react'
import { useSignedIn } from '../../api/context'
import { usePlace } from '../../api/queries'
import { atLeast } from '../../auth/person'
import { dayText } from '../../lib/dates'
import { money } from '../../lib/money'
import { texts } from '../../texts'
import { Empty } from '../../ui/Empty'
import { StackedTable } from '../../ui/StackedTable'
import { useRepair, type Choice, type Completeness, type Difference } from './data'

const words = texts.completeness
const PAGE = 10
/** So many single ones the server takes in one call. */
const NAMED_AT_ONCE = 200
interface Wish {
  choice: Choice
  kind: string
  /** What is said before a repair that ends or overwrites something. */
  text: string
}

/** What is not the same, kind by kind, each with the button that mends it. */
export function Differences(props: { month: string; found: Completeness; day: string | null; allDays: () => void }) {
  const { person } = useSignedIn()
  const { locale } = usePlace()
  const mayRepair = atLeast(person, 'bookkeeper')
  const repair = useRepair(props.month)
  const [wish, setWish] = useState<Wish | null>(null)
  const { found, day } = props
  const items = day ? found.items.filter((item) => item.date === day) : found.items
  const kinds = Object.keys(found.kinds).filter((kind) => items.some((item) => item.kind === kind))
  const total = Object.values(found.kinds).reduce((sum, count) => sum + count, 0)
  const safe = found.items.some((item) => item.safe)
  const unmended = (repair.data ?? []).filter((item) => item.outcome === 'needs_person')

  /** Straight away where nothing is lost by it, else after a question. */
  function press(item: Difference, choice: Choice) {
    if (item.safe) repair.mutate(choice)
    else setWish({ choice, kind: item.kind, text: item.repair })
  }

  return (
    <Card component="section" aria-labelledby="differences-title">
      <Group justify="space-between" mb="sm">
        <Title order={2} fz="1.15rem" id="differences-title">
          {words.differences}
        </Title>
        {day && (
          <Group gap="xs">
            <Text size="sm">{words.onlyDay(dayText(day, locale))}</Text>
            <Button size="compact-sm" variant="default" onClick={props.allDays}>
              {words.allDays}
            </Button>
          </Group>
        )}
      </Group>
      {total > found.items.length && <Text size="sm">{words.listed(found.items.length)}</Text>}
      {unmended.length > 0 && (
        <Alert color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />} title={words.needsPerson} className="warning" mb="md">
          <List size="sm">
            {unmended.map((item) => (
              <List.Item key={`${item.appointment_id}:${item.invoice_id}`}>
                <strong>{item.appointment_id ?? item.invoice_id}</strong>: {item.sentence}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
      {items.length === 0 && (
        <Empty icon={IconCircleCheck} title={words.noDifferences} text={day ? undefined : words.noDifferencesText} />
      )}
      {items.length > 0 && !mayRepair && <Text c="dimmed">{words.onlyBookkeepers}</Text>}
      {items.length > 0 && mayRepair && safe && !day && (
        <Group gap="md" mb="md">
          <Button
            leftSection={<IconTool size={18} aria-hidden />}
            loading={repair.isPending && !repair.variables.kinds && !repair.variables.items}
            onClick={() => repair.mutate({})}
          >
            {words.repairAll}
          </Button>
          <Text size="sm" c="dimmed" flex="1 1 16rem">
            {words.repairAllText}
          </Text>
        </Group>
      )}
      <Stack gap="xl" mt="sm">
        {kinds.map((kind) => (
          <Kind
            key={kind}
            kind={kind}
            items={items.filter((item) => item.kind === kind)}
            count={day ? null : (found.kinds[kind] ?? 0)}
            busy={repair.isPending ? repair.variables : null}
            press={mayRepair ? press : null}
          />
        ))}
      </Stack>
      <Modal
        opened={wish !== null}
        onClose={() => setWish(null)}
        title={words.sureTitle(words.kinds[wish?.kind ?? ''] ?? '')}
        closeButtonProps={{ 'aria-label': texts.shell.close }}
        centered
      >
        <Text>{wish?.text}.</Text>
        <Text mt="xs">{words.sure}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={() => setWish(null)}>
            {texts.shell.cancel}
          </Button>
          <Button
            color="red.8"
            onClick={() => {
              if (wish) repair.mutate(wish.choice)
              setWish(null)
            }}
          >
            {words.repair}
          </Button>
        </Group>
      </Modal>
    </Card>
  )
}

/** ``count`` of all there are of the kind; null while only a day of it is shown. */
function Kind(props: {
  kind: string
  items: Difference[]
  count: number | null
  busy: Choice | null
  press: ((item: Difference, choice: Choice) => void) | null
}) {
  const [shown, setShown] = useState(PAGE)
  const { locale, currency } = usePlace()
  const { kind, items, busy, press } = props
  const name = words.kinds[kind] ?? kind
  const [first] = items
  if (!first) return null
  const named = items.slice(0, NAMED_AT_ONCE).map(idOf)
  const count = props.count ?? named.length
  const all: Choice = props.count === null ? { items: named } : { kinds: [kind] }
  const { date, appointment, invoice, clinicTotal, xeroTotal, what, actions } = words.columns
  const amount = (value: string | null) => (value === null ? '–' : money(value, currency, locale))
  return (
    <section aria-label={name}>
      <Group justify="space-between" align="flex-start" gap="sm" mb="xs">
        <div>
          <Title order={3} fz="1.05rem">
            {name} ({count})
          </Title>
          <Text size="sm" c="dimmed">
            {first.repair}.
          </Text>
        </div>
        {press && (
          <Button
            size="compact-md"
            variant={first.safe ? 'filled' : 'default'}
            aria-label={`${words.repairKind(count)}: ${name}`}
            loading={busy?.kinds?.includes(kind) ?? false}
            disabled={busy !== null}
            onClick={() => press(first, all)}
          >
            {words.repairKind(count)}
          </Button>
        )}
      </Group>
      <StackedTable
        label={name}
        columns={[date, appointment, invoice, clinicTotal, xeroTotal, what, ...(press ? [actions] : [])]}
        amounts={[clinicTotal, xeroTotal]}
      >
        {items.slice(0, shown).map((item) => (
          <Table.Tr key={idOf(item)}>
            <Table.Td data-label={date} className="when">{item.date ? dayText(item.date, locale) : '–'}</Table.Td>
            <Table.Td data-label={appointment} className="id">
              {item.appointment_id ?? '–'}
            </Table.Td>
            <Table.Td data-label={invoice} className="id">
              {item.invoice_number ?? '–'}
            </Table.Td>
            <Table.Td data-label={clinicTotal} className="amount">
              {amount(item.clinic_total)}
            </Table.Td>
            <Table.Td data-label={xeroTotal} className="amount">
              {amount(item.xero_total)}
            </Table.Td>
            <Table.Td data-label={what}>{item.sentence}</Table.Td>
            {press && (
              <Table.Td>
                <Button
                  size="compact-sm"
                  variant="light"
                  aria-label={words.repairOf(item.appointment_id ?? item.invoice_number ?? '')}
                  loading={busy?.items?.includes(idOf(item)) ?? false}
                  disabled={busy !== null}
                  onClick={() => press(item, { items: [idOf(item)] })}
                >
                  {words.repair}
                </Button>
              </Table.Td>
            )}
          </Table.Tr>
        ))}
      </StackedTable>
      {items.length > shown && (
        <Button variant="subtle" size="compact-md" mt="xs" onClick={() => setShown(shown + 10 * PAGE)}>
          {texts.shell.more} ({items.length - shown})
        </Button>
      )}
    </section>
  )
}

/** How the repair is told which one: by the appointment; an invoice that nobody has by itself. */
function idOf(item: Difference): string {
  const id = item.kind === 'orphan' ? (item.invoice_id ?? item.appointment_id) : (item.appointment_id ?? item.invoice_id)
  return id ?? ''
}
