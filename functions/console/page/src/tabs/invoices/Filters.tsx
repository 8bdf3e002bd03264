import { ActionIcon, Button, Group, NativeSelect, TextInput, Tooltip } from '@mantine/core'
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { usePlace } from '../../api/queries'
import { dayAt } from '../../lib/dates'
import { texts } from '../../texts'
import { SearchField } from '../../ui/SearchField'
import { moved, type Span } from './period'
import type { Filter, Show } from './queries'

const words = texts.invoices

export interface View {
  day: string
  span: Span
  filter: Filter
}

/** Which appointments: the period, and what is looked for in it. What is typed stays out of the address. */
export function Filters(props: {
  view: View
  onChange: (view: View) => void
  clinics: string[]
  practitioners: string[]
}) {
  const { view } = props
  const set = (filter: Partial<Filter>) => props.onChange({ ...view, filter: { ...view.filter, ...filter } })
  return (
    <section aria-label={words.filters} className="list-tools">
      <PeriodFields view={view} onChange={props.onChange} />
      <NativeSelect
        className="half"
        label={words.show}
        value={view.filter.show}
        onChange={({ currentTarget }) => set({ show: currentTarget.value as Show })}
        data={Object.entries(words.shows).map(([value, label]) => ({ value, label }))}
      />
      <Choice name={words.clinic} value={view.filter.clinic} ids={props.clinics} onChange={(clinic) => set({ clinic })} />
      <Choice
        name={words.practitioner}
        value={view.filter.practitioner}
        ids={props.practitioners}
        onChange={(practitioner) => set({ practitioner })}
      />
      <SearchField onSearch={(search) => set({ search })} label={words.search} hint={words.searchHint} />
    </section>
  )
}

function PeriodFields({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const { timeZone } = usePlace()
  const { day, span } = view
  const go = (to: string) => onChange({ ...view, day: to })
  return (
    <Group gap="xs" align="flex-end" className="period">
      <NativeSelect
        label={words.period}
        value={span}
        onChange={({ currentTarget }) => onChange({ ...view, span: currentTarget.value as Span })}
        data={Object.entries(words.spans).map(([value, label]) => ({ value, label }))}
      />
      <Step label={words.before[span]} icon={IconChevronLeft} onClick={() => go(moved(day, span, -1))} />
      <TextInput
        type="date"
        label={words.date}
        value={day}
        onChange={({ currentTarget }) => currentTarget.value && go(currentTarget.value)}
      />
      <Step label={words.after[span]} icon={IconChevronRight} onClick={() => go(moved(day, span, 1))} />
      <Button variant="default" px="sm" onClick={() => go(dayAt(new Date(), timeZone))}>
        {words.today}
      </Button>
    </Group>
  )
}

function Step(props: { label: string; icon: typeof IconChevronLeft; onClick: () => void }) {
  return (
    <Tooltip label={props.label}>
      <ActionIcon variant="default" size={36} aria-label={props.label} onClick={props.onClick}>
        <props.icon size={18} />
      </ActionIcon>
    </Tooltip>
  )
}

function Choice(props: { name: string; value: string; ids: string[]; onChange: (id: string) => void }) {
  if (props.ids.length === 0) return null
  return (
    <NativeSelect
      className="half"
      label={props.name}
      value={props.value}
      onChange={({ currentTarget }) => props.onChange(currentTarget.value)}
      data={[{ value: '', label: words.any }, ...props.ids.map((id) => ({ value: id, label: id }))]}
    />
  )
}
