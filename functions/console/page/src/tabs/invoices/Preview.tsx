import { Alert, List, Stack, Table, Text, Title } from '@mantine/core'
import { usePlace } from '../../api/queries'
import type { Schemas } from '../../api/client'
import { money } from '../../lib/money'
import { texts } from '../../texts'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { isLiving, type Row } from './actions'
import { usePreview } from './queries'

const words = texts.invoices
type Shown = Schemas['Preview']
type Fields = Record<string, unknown>

/** The document as it would be sent: what stands in its way first, then lines, totals, and the rule of each field. */
export function Preview({ row, date }: { row: Row; date: string | null }) {
  const preview = usePreview(row, date)
  if (preview.error && !preview.data) return <ProblemNotice error={preview.error} retry={() => void preview.refetch()} />
  if (!preview.data) return <Rows count={4} />
  const { document, notices, totals, rules } = preview.data
  // That the appointment is invoiced already is why somebody looks.
  const problems = preview.data.problems.filter(({ field }) => !(isLiving(row) && field === 'appointment_id'))
  return (
    <Stack gap="md">
      <Said title={words.previewProblems} color="red" problems={problems} />
      <Said title={words.previewNotices} color="yellow" problems={notices} />
      {document && <Lines document={document} rules={rules} />}
      {totals && <Totals totals={totals} />}
      {document && <Rules document={document} rules={rules} />}
    </Stack>
  )
}

function Said({ title, color, problems }: { title: string; color: string; problems: Shown['problems'] }) {
  if (problems.length === 0) return null
  return (
    <Alert color={color} variant="light" title={title} className={color === 'red' ? 'notice' : undefined}>
      <List size="sm">
        {problems.map(({ field, message }) => (
          <List.Item key={field + message}>
            <strong>{field}</strong>: {message}
          </List.Item>
        ))}
      </List>
    </Alert>
  )
}

function Lines({ document, rules }: { document: Fields; rules: Fields }) {
  const { locale, currency } = usePlace()
  const lines = (document.LineItems ?? []) as Fields[]
  const why = (rules.lines ?? []) as Record<string, string>[]
  return (
    // Keyboards can scroll it, too: https://dequeuniversity.com/rules/axe/4.11/scrollable-region-focusable
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="scroll" tabIndex={0} role="region" aria-label={words.previewLines}>
      <Table aria-label={words.previewLines}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.description}</Table.Th>
            <Table.Th scope="col" className="amount">
              {words.quantity}
            </Table.Th>
            <Table.Th scope="col" className="amount">
              {words.unitAmount}
            </Table.Th>
            <Table.Th scope="col">{words.account}</Table.Th>
            <Table.Th scope="col">{words.tax}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {lines.map((line, index) => (
            <Table.Tr key={index}>
              <Table.Td>{text(line.Description)}</Table.Td>
              <Table.Td className="amount">{text(line.Quantity)}</Table.Td>
              <Table.Td className="amount">
                {money(text(line.UnitAmount), text(document.CurrencyCode) || currency, locale)}
              </Table.Td>
              <Chosen value={line.AccountCode} rule={why[index]?.account_code} />
              <Chosen value={line.TaxType} rule={why[index]?.tax_type} />
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

function Chosen({ value, rule }: { value: unknown; rule: string | undefined }) {
  return (
    <Table.Td>
      {text(value)}
      {rule && (
        <Text size="xs" c="dimmed">
          {rule}
        </Text>
      )}
    </Table.Td>
  )
}

function Totals({ totals }: { totals: Record<string, string> }) {
  const { locale, currency } = usePlace()
  return (
    <div>
      <Title order={3} fz="1rem" mb={4}>
        {words.previewTotals}
      </Title>
      <dl className="facts">
        {Object.entries(totals).map(([name, amount]) => (
          <div key={name}>
            <dt>{words.totals[name] ?? name}</dt>
            <dd>{money(amount, currency, locale)}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

function Rules({ document, rules }: { document: Fields; rules: Fields }) {
  const named = Object.entries(rules).filter((rule): rule is [string, string] => typeof rule[1] === 'string')
  if (named.length === 0) return null
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className="scroll" tabIndex={0} role="region" aria-label={words.previewRules}>
      <Table aria-label={words.previewRules}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.field}</Table.Th>
            <Table.Th scope="col">{words.value}</Table.Th>
            <Table.Th scope="col">{words.rule}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {named.map(([field, rule]) => (
            <Table.Tr key={field}>
              <Table.Th scope="row">{field}</Table.Th>
              <Table.Td>{valueOf(document, field)}</Table.Td>
              <Table.Td>{rule}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** `due_date` is `DueDate` in Xero's document. */
function valueOf(document: Fields, field: string): string {
  const wanted = field.replaceAll('_', '').toLowerCase()
  const name = Object.keys(document).find((each) => each.toLowerCase() === wanted)
  return name ? text(document[name]) : ''
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
