import { Group, Text } from '@mantine/core'
import { usePlace } from '../../api/queries'
import { dayText, timeOfDay } from '../../lib/dates'
import { isPositive, money } from '../../lib/money'
import { texts } from '../../texts'
import { Tag, type Tone } from '../../ui/Tag'
import { isLiving, type Row } from './actions'

const words = texts.invoices.status

/** How the appointment stands in the books, what is under way, and what needs a person, each in a sentence. */
export function Status({ row }: { row: Row }) {
  const { invoice } = row
  const [tone, word] = standingOf(row)
  const waits = row.operation !== null && row.operation.next_attempt_at !== null
  return (
    <>
      <Group gap={6}>
        <Tag tone={tone}>{word}</Tag>
        {row.needs_you && <Tag tone="bad">{words.needsYou}</Tag>}
        {waits && <Tag tone="info">{words.waiting}</Tag>}
        {invoice?.emailed_at && isLiving(row) && <Tag tone="off">{words.emailed}</Tag>}
      </Group>
      <Reasons row={row} />
    </>
  )
}

function Reasons({ row }: { row: Row }) {
  const place = usePlace()
  const { invoice, operation } = row
  const said: string[] = []
  if (operation?.reason) {
    const { reason, next_attempt_at: at } = operation
    said.push(at ? texts.invoices.waitsUntil(ended(reason), timeOfDay(at, place)) : ended(reason))
  }
  if (invoice?.difference) said.push(invoice.difference.sentence)
  if (invoice?.total_differs && isLiving(row)) {
    const shown = (amount: string) => money(amount, invoice.currency, place.locale)
    said.push(texts.invoices.totalDiffers(shown(invoice.expected_total ?? ''), shown(invoice.total)))
  }
  if (said.length === 0 && invoice?.due_date && row.state === 'due') {
    said.push(texts.invoices.dueOn(dayText(invoice.due_date, place.locale)))
  }
  return said.map((sentence) => (
    <Text key={sentence} size="sm" className="reason" c={row.needs_you ? undefined : 'dimmed'}>
      {sentence}
    </Text>
  ))
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}

function standingOf(row: Row): [Tone, string] {
  const { invoice } = row
  switch (row.state) {
    case 'paid':
      return ['good', words.paid]
    case 'due': {
      const part = invoice && (isPositive(invoice.amount_paid) || isPositive(invoice.amount_credited))
      return ['warn', part ? words.partPaid : words.due]
    }
    case 'draft':
      return ['info', invoice?.status === 'SUBMITTED' ? words.submitted : words.draft]
    case 'cancelled':
      return ['off', invoice?.status === 'VOIDED' ? words.voided : invoice?.status === 'DELETED' ? words.deleted : words.credited]
    case 'nothing_to_invoice':
      return ['off', row.status === 'no_show' ? words.no_show : words.cancelled]
    default:
      return ['off', words.not_invoiced]
  }
}
