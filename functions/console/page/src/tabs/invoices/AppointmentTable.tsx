import { Checkbox, Table, Text } from '@mantine/core'
import { usePlace } from '../../api/queries'
import { dateAndTime, timeOfDay } from '../../lib/dates'
import { money } from '../../lib/money'
import { texts } from '../../texts'
import { XeroLink } from '../../ui/XeroLink'
import { isCreatable, type ActionId, type Row } from './actions'
import { RowActions } from './RowActions'
import { Status } from './Status'

const words = texts.invoices

interface Props {
  rows: Row[]
  oneDay: boolean
  chosen: ReadonlySet<string>
  onChoose: (ids: string[], yes: boolean) => void
  busyId: string | null
  onPress: (action: ActionId, row: Row) => void
}

/** One page of appointments; on a phone each is a card. */
export function AppointmentTable(props: Props) {
  const open = props.rows.filter(isCreatable).map((row) => row.appointment_id)
  const all = open.length > 0 && open.every((id) => props.chosen.has(id))
  return (
    <Table className="list" verticalSpacing="sm">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col" w={44}>
            <Checkbox
              aria-label={words.choosePage}
              disabled={open.length === 0}
              checked={all}
              indeterminate={!all && open.some((id) => props.chosen.has(id))}
              onChange={() => props.onChoose(open, !all)}
            />
          </Table.Th>
          <Table.Th scope="col">{words.columns.appointment}</Table.Th>
          <Table.Th scope="col">{words.columns.invoice}</Table.Th>
          <Table.Th scope="col">{words.columns.status}</Table.Th>
          <Table.Th scope="col" className="amount">
            {words.columns.total}
          </Table.Th>
          <Table.Th scope="col" className="amount">
            {words.columns.due}
          </Table.Th>
          <Table.Th scope="col" className="amount">
            {words.columns.actions}
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {props.rows.map((row) => (
          <AppointmentRow key={row.appointment_id} row={row} {...props} />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function AppointmentRow({ row, ...props }: { row: Row } & Props) {
  const place = usePlace()
  const { invoice } = row
  const when = (props.oneDay ? timeOfDay : dateAndTime)(row.starts_at, place)
  const patient = row.patient_name ?? words.unknownPatient
  const who = `${patient}, ${when}`
  const shown = (amount: string) => money(amount, invoice?.currency, place.locale)
  return (
    <Table.Tr data-needs={row.needs_you} data-testid={row.appointment_id}>
      <Table.Td className="pick">
        {isCreatable(row) ? (
          <Checkbox
            aria-label={words.choose(who)}
            checked={props.chosen.has(row.appointment_id)}
            onChange={({ currentTarget }) => props.onChoose([row.appointment_id], currentTarget.checked)}
          />
        ) : null}
      </Table.Td>
      <Table.Th scope="row">
        {patient}
        <Text size="sm" c="dimmed">
          {[when, row.patient_code, row.appointment_id].filter(Boolean).join(' · ')}
        </Text>
      </Table.Th>
      <Table.Td data-label={invoice ? words.columns.invoice : undefined}>
        {invoice?.xero_url ? (
          <XeroLink href={invoice.xero_url}>{invoice.invoice_number ?? texts.shell.openInXero}</XeroLink>
        ) : null}
      </Table.Td>
      <Table.Td>
        <Status row={row} />
      </Table.Td>
      <Table.Td className="amount" data-label={invoice ? words.columns.total : undefined}>
        {invoice ? shown(invoice.total) : null}
      </Table.Td>
      <Table.Td className="amount" data-label={invoice ? words.columns.due : undefined}>
        {invoice ? shown(invoice.amount_due) : null}
      </Table.Td>
      <Table.Td>
        <RowActions
          row={row}
          who={who}
          busy={props.busyId === row.appointment_id}
          onPress={(action) => props.onPress(action, row)}
        />
      </Table.Td>
    </Table.Tr>
  )
}
