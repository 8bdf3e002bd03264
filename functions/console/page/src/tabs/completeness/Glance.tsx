import { Card, Group, SegmentedControl, Table, Text, Title, UnstyledButton, VisuallyHidden } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import { useState } from 'react'
import { usePlace } from '../../api/queries'
import { dayText } from '../../lib/dates'
import { money } from '../../lib/money'
import { texts } from '../../texts'
import { StackedTable } from '../../ui/StackedTable'
import { Tag } from '../../ui/Tag'
import type { Completeness } from './data'
import { weeksOf } from './month'

const words = texts.completeness
type Day = Completeness['by'][string][number] & { differences: number }
type View = 'calendar' | 'table'
interface Props {
  month: string
  found: Completeness
  day: string | null
  onDay: (day: string | null) => void
}

/** Every day of the month with what both sides have. */
export function Glance(props: Props) {
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const [chosen, setChosen] = useState<View | null>(null)
  const view = chosen ?? (narrow ? 'table' : 'calendar')
  return (
    <Card component="section" aria-labelledby="glance-title">
      <Group justify="space-between" mb="md">
        <Title order={2} fz="1.15rem" id="glance-title">
          {words.glance}
        </Title>
        <SegmentedControl
          aria-label={words.view}
          size="xs"
          value={view}
          onChange={(value) => setChosen(value as View)}
          data={(['calendar', 'table'] as const).map((value) => ({ value, label: words.views[value] }))}
        />
      </Group>
      {view === 'calendar' ? <Calendar {...props} /> : <Days {...props} />}
    </Card>
  )
}

function Calendar({ month, found, day: chosen, onDay }: Props) {
  const { locale } = usePlace()
  const days = daysIn(found)
  const weeks = weeksOf(month)
  // 2026-06-01 was a Monday.
  const names = Array.from({ length: 7 }, (_, index) => `2026-06-0${index + 1}`)
  return (
    <table className="month" aria-label={words.glance}>
      <thead>
        <tr>
          {names.map((name) => (
            <th scope="col" key={name}>
              <abbr title={dayText(name, locale, { weekday: 'long' })}>{dayText(name, locale, { weekday: 'short' })}</abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((week, index) => (
          <tr key={week.find(Boolean) ?? index}>
            {week.map((day, column) =>
              day === null ? (
                <td key={column} />
              ) : (
                <td key={day}>
                  <OneDay
                    day={day}
                    found={days.get(day)}
                    chosen={chosen === day}
                    onPress={() => onDay(chosen === day ? null : day)}
                  />
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function OneDay(props: { day: string; found: Day | undefined; chosen: boolean; onPress: () => void }) {
  const { currency, locale } = usePlace()
  const { day, found, chosen } = props
  const number = String(Number(day.slice(8)))
  if (!found) return <div className="day">{number}</div>
  const good = agrees(found)
  const label = words.dayOf(dayText(day, locale), found.clinic.count, found.xero.count, stateOf(found))
  return (
    <UnstyledButton
      className={`day day-full pill-${good ? 'good' : 'warn'}`}
      aria-pressed={chosen}
      onClick={props.onPress}
    >
      <VisuallyHidden>{label}</VisuallyHidden>
      <span className="day-head" aria-hidden>
        <span>{number}</span>
        {good ? <IconCheck size={16} /> : <IconAlertTriangle size={16} />}
      </span>
      <span className="day-count" aria-hidden>
        {found.clinic.count} / {found.xero.count}
      </span>
      <span className="day-total" aria-hidden>{money(found.clinic.total, currency, locale)}</span>
    </UnstyledButton>
  )
}

function Days({ found }: Props) {
  const { currency, locale } = usePlace()
  const shown = (amount: string) => money(amount, currency, locale)
  const { day, clinicCount, clinicTotal, xeroCount, xeroTotal, difference, state } = words.columns
  const days = [...daysIn(found).values()]
  if (days.length === 0) return <Text c="dimmed">{words.noDays}</Text>
  return (
    <StackedTable
      label={words.glance}
      columns={[day, clinicCount, clinicTotal, xeroCount, xeroTotal, difference, state]}
      amounts={[clinicCount, clinicTotal, xeroCount, xeroTotal, difference]}
    >
      {days.map((row) => (
        <Table.Tr key={row.key}>
          <Table.Th scope="row">{dayText(row.key, locale)}</Table.Th>
          <Table.Td data-label={clinicCount} className="amount">
            {row.clinic.count}
          </Table.Td>
          <Table.Td data-label={clinicTotal} className="amount">
            {shown(row.clinic.total)}
          </Table.Td>
          <Table.Td data-label={xeroCount} className="amount">
            {row.xero.count}
          </Table.Td>
          <Table.Td data-label={xeroTotal} className="amount">
            {shown(row.xero.total)}
          </Table.Td>
          <Table.Td data-label={difference} className="amount">
            {shown(row.difference)}
          </Table.Td>
          <Table.Td data-label={state}>
            <Tag tone={agrees(row) ? 'good' : 'warn'}>{stateOf(row)}</Tag>
          </Table.Td>
        </Table.Tr>
      ))}
    </StackedTable>
  )
}

const NONE = { count: 0, net: '0.00', tax: '0.00', total: '0.00' }

/** By day, those also that have nothing but differences, such as an invoice that no total can be told of. */
function daysIn(found: Completeness): Map<string, Day> {
  const days = new Map<string, Day>()
  for (const row of found.by.day ?? []) if (row.key) days.set(row.key, { ...row, differences: 0 })
  for (const { date } of found.items) {
    if (!date) continue
    const row = days.get(date) ?? { key: date, clinic: NONE, xero: NONE, difference: '0.00', differences: 0 }
    days.set(date, { ...row, differences: row.differences + 1 })
  }
  return new Map([...days].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function agrees(day: Day): boolean {
  return day.differences === 0 && !/[1-9]/.test(day.difference)
}

function stateOf(day: Day): string {
  if (day.differences > 0) return words.dayDiffers(day.differences)
  return agrees(day) ? words.dayAgrees : words.dayTotals
}
