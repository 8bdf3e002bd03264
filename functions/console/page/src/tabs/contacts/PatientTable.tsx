import { Button, Group, Table, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { withStatus, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { usePlace, useRefreshAll } from '../../api/queries'
import { timeOfDay } from '../../lib/dates'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'
import { Tag } from '../../ui/Tag'
import { XeroLink } from '../../ui/XeroLink'
import { standingOf, type Patient } from './standing'

const words = texts.contacts

/** One page of patients, each with its contact; on a phone each is a card. */
export function PatientTable({ rows }: { rows: Patient[] }) {
  return (
    <Table className="list" verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{words.columns.patient}</Table.Th>
          <Table.Th scope="col">{words.columns.contact}</Table.Th>
          <Table.Th scope="col">{words.columns.state}</Table.Th>
          <Table.Th scope="col" className="amount">
            {words.columns.actions}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map((row) => (
          <PatientRow key={row.patient_id} row={row} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function PatientRow({ row }: { row: Patient }) {
  const who = row.patient_name ?? words.erasedPatient
  const { tags, sentences, needsYou } = standingOf(row)
  return (
    <Table.Tr data-needs={needsYou} data-testid={row.patient_id}>
      <Table.Th scope="row">
        {who}
        <Text size="sm" c="dimmed">
          {[row.reference, row.patient_id].filter(Boolean).join(' · ')}
        </Text>
      </Table.Th>
      <Table.Td data-label={row.xero_url ? words.columns.contact : undefined}>
        {row.xero_url && row.name ? <XeroLink href={row.xero_url}>{row.name}</XeroLink> : null}
      </Table.Td>
      <Table.Td>
        <Group gap={6}>
          {tags.map(([tone, word]) => (
            <Tag key={word} tone={tone}>
              {word}
            </Tag>
          ))}
        </Group>
        <Waiting row={row} />
        {sentences.map((sentence) => (
          <Text key={sentence} size="sm" className="reason" c={needsYou ? undefined : 'dimmed'}>
            {sentence}
          </Text>
        ))}
      </Table.Td>
      <Table.Td>
        <div className="row-actions">
          <Send row={row} who={who} urgent={needsYou || row.behind || row.state === 'not_sent'} />
        </div>
      </Table.Td>
    </Table.Tr>
  )
}

function Waiting({ row: { operation } }: { row: Patient }) {
  const place = usePlace()
  if (!operation?.reason) return null
  const at = operation.next_attempt_at
  return (
    <Text size="sm" className="reason">
      {at ? words.waitsUntil(operation.reason, timeOfDay(at, place)) : operation.reason}
    </Text>
  )
}

/** Sends the patient now; one that Xero has exactly so is sent again all the same, in case it was changed there. */
function Send({ row, who, urgent }: { row: Patient; who: string; urgent: boolean }) {
  const { api } = useSignedIn()
  const refreshAll = useRefreshAll()
  const send = useMutation({
    mutationFn: () =>
      withStatus<Schemas['Contact'] | Schemas['Accepted']>(
        api.POST('/xero/contacts/sync_patient/', {
          body: { patient_id: row.patient_id, force_update: !urgent },
        }),
      ),
    onSuccess: ({ body }) => {
      if ('operation_id' in body) sayDone(words.waiting(body.reason ?? ''))
      else sayDone(body.changed ? words.synced(who) : words.unchanged(who))
    },
    onSettled: refreshAll,
  })
  const label = row.operation ? words.tryAgain : urgent ? words.send : words.sendAgain
  if (row.state === 'erased' && !urgent) return null
  return (
    <Button
      size="compact-sm"
      variant={urgent ? 'filled' : 'subtle'}
      loading={send.isPending}
      aria-label={words.sendOf(label, who)}
      onClick={() => send.mutate()}
    >
      {label}
    </Button>
  )
}
