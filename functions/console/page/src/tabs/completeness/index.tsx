import './completeness.css'
import { ActionIcon, Button, Card, Group, Menu, Select, Text, Tooltip } from '@mantine/core'
import { IconAlertTriangle, IconChevronLeft, IconChevronRight, IconCircleCheck, IconDownload, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import { usePlace } from '../../api/queries'
import { dayAt, dayText } from '../../lib/dates'
import { money } from '../../lib/money'
import { texts } from '../../texts'
import { Moment } from '../../ui/Moment'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { TabPage } from '../../ui/TabPage'
import { useCompleteness, useDownload, type Completeness, type Table } from './data'
import { Differences } from './Differences'
import { Glance } from './Glance'
import { addMonths, monthIn, monthOf, monthsBack } from './month'

const words = texts.completeness
const MONTHS = 25

export default function CompletenessTab() {
  const { timeZone } = usePlace()
  const [, navigate] = useLocation()
  const current = monthOf(dayAt(new Date(), timeZone))
  const month = monthIn(useSearch()) ?? current
  const go = (to: string) => navigate(`/completeness?month=${to}`, { replace: true })
  return (
    <TabPage
      title={texts.shell.tabs.completeness}
      intro={words.intro}
      aside={<MonthPicker month={month} current={current} go={go} />}
    >
      <Month key={month} month={month} />
    </TabPage>
  )
}

function MonthPicker({ month, current, go }: { month: string; current: string; go: (month: string) => void }) {
  const { locale } = usePlace()
  const known = monthsBack(current, MONTHS)
  const months = known.includes(month) ? known : [month, ...known]
  return (
    <Group gap="xs" align="flex-end">
      <Step label={words.previous} icon={IconChevronLeft} onClick={() => go(addMonths(month, -1))} />
      <Select
        label={words.month}
        value={month}
        onChange={(value) => value && go(value)}
        data={months.map((value) => ({ value, label: monthName(value, locale) }))}
        allowDeselect={false}
        checkIconPosition="right"
        w={180}
      />
      <Step
        label={words.next}
        icon={IconChevronRight}
        disabled={month >= current}
        onClick={() => go(addMonths(month, 1))}
      />
    </Group>
  )
}

function Step(props: { label: string; icon: typeof IconChevronLeft; disabled?: boolean; onClick: () => void }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon variant="default" size={36} aria-label={props.label} disabled={props.disabled} onClick={props.onClick}>
        <props.icon size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}

function Month({ month }: { month: string }) {
  const completeness = useCompleteness(month)
  const [day, setDay] = useState<string | null>(null)
  const { data: found, error } = completeness
  if (error && !found) return <ProblemNotice error={error} retry={() => void completeness.refetch()} />
  if (!found) return <Rows count={6} height={64} />
  return (
    <>
      <Verdict
        month={month}
        found={found}
        at={new Date(completeness.dataUpdatedAt).toISOString()}
        again={() => void completeness.refetch()}
        busy={completeness.isFetching}
      />
      {error && <ProblemNotice error={error} retry={() => void completeness.refetch()} />}
      <Glance month={month} found={found} day={day} onDay={setDay} />
      <Differences month={month} found={found} day={day} allDays={() => setDay(null)} />
    </>
  )
}

/** The closing sentence, and both sides below it. */
function Verdict(props: { month: string; found: Completeness; at: string; again: () => void; busy: boolean }) {
  const { locale } = usePlace()
  const { found, month } = props
  const shown = (amount: string) => money(amount, found.currency, locale)
  const count = Object.values(found.kinds).reduce((sum, one) => sum + one, 0)
  const empty = found.whole && found.clinic.count === 0 && found.xero.count === 0
  const Mark = found.whole ? IconCircleCheck : IconAlertTriangle
  return (
    <Card component="section" aria-live="polite" className={found.whole ? 'whole' : 'needs-you'}>
      <Group wrap="nowrap" align="flex-start" gap="md">
        <Mark size={32} aria-hidden className={found.whole ? 'mark-good' : 'mark-warn'} />
        <div>
          <Text component="h2" fz="1.35rem" fw={650} lh={1.3} m={0}>
            {words.sentence(monthName(month, locale), found.clinic.count, found.xero.count, shown(found.difference))}
          </Text>
          <Text c="dimmed">{empty ? words.empty : found.whole ? words.whole : words.notWhole(count)}</Text>
          {found.unknown > 0 && <Text c="dimmed">{words.unknown(found.unknown)}</Text>}
        </div>
      </Group>
      <dl className="facts figures">
        <Figure name={words.clinic} value={shown(found.clinic.total)} />
        <Figure name={words.xero} value={shown(found.xero.total)} />
        <Figure name={words.difference} value={shown(found.difference)} />
      </dl>
      <Group gap="sm" mt="lg">
        <Download month={month} />
        <Button
          variant="default"
          leftSection={<IconRefresh size={18} aria-hidden />}
          loading={props.busy}
          onClick={props.again}
        >
          {words.compareAgain}
        </Button>
        <Text size="sm" c="dimmed">
          {words.comparedAt} <Moment at={props.at} since />
        </Text>
      </Group>
    </Card>
  )
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

function Download({ month }: { month: string }) {
  const download = useDownload(month)
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={18} aria-hidden />} loading={download.isPending}>
          {words.download}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {(['documents', 'totals'] satisfies Table[]).map((table) => (
          <Menu.Item key={table} onClick={() => download.mutate(table)}>
            {words.files[table]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function monthName(month: string, locale: string): string {
  return dayText(`${month}-01`, locale, { month: 'long', year: 'numeric' })
}
