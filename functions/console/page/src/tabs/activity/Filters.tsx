import { Button, Input, SegmentedControl, Select, Stack, TextInput } from '@mantine/core'
import { texts } from '../../texts'
import type { Entry, Filters as Chosen } from './data'
import { NO_FILTERS } from './data'

const words = texts.activity
const ALL = 'all'
const ACTIONS = Object.entries(words.actions).map(([value, label]) => ({ value, label }))
const OUTCOMES = Object.entries(words.outcomes).map(([value, label]) => ({ value, label }))

/** `people` are those whom the list has shown so far. */
export function Filters(props: {
  chosen: Chosen
  people: { value: string; label: string }[]
  choose: (chosen: Chosen) => void
}) {
  const set = (change: Partial<Chosen>) => props.choose({ ...props.chosen, ...change })
  const { chosen } = props
  const filtered = Object.values(chosen).some(Boolean)
  return (
    <Stack gap="sm">
      <div className="list-tools">
        <Input.Wrapper label={words.outcome} labelElement="div">
          <SegmentedControl
            display="flex"
            aria-label={words.outcome}
            data={OUTCOMES}
            value={chosen.outcome ?? ALL}
            onChange={(value) => set({ outcome: value === ALL ? null : (value as Entry['outcome']) })}
          />
        </Input.Wrapper>
        <Select
          label={words.action}
          placeholder={words.anyAction}
          data={ACTIONS}
          value={chosen.action}
          onChange={(action) => set({ action })}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': words.anyAction }}
        />
        <Select
          label={words.actor}
          placeholder={words.anyActor}
          data={props.people}
          value={chosen.actor}
          onChange={(actor) => set({ actor })}
          clearable
          clearButtonProps={{ 'aria-label': words.anyActor }}
        />
      </div>
      <div className="list-tools">
        <TextInput
          className="half"
          label={words.appointment}
          value={chosen.appointment}
          onChange={(event) => set({ appointment: event.currentTarget.value })}
          miw="9rem"
        />
        <TextInput
          className="half"
          label={words.patient}
          value={chosen.patient}
          onChange={(event) => set({ patient: event.currentTarget.value })}
          miw="9rem"
        />
        <TextInput
          className="half"
          type="date"
          label={words.from}
          value={chosen.from}
          max={chosen.to || undefined}
          onChange={(event) => set({ from: event.currentTarget.value })}
        />
        <TextInput
          className="half"
          type="date"
          label={words.to}
          value={chosen.to}
          min={chosen.from || undefined}
          onChange={(event) => set({ to: event.currentTarget.value })}
        />
        {filtered && (
          <Button variant="subtle" onClick={() => props.choose(NO_FILTERS)}>
            {words.clear}
          </Button>
        )}
      </div>
    </Stack>
  )
}
