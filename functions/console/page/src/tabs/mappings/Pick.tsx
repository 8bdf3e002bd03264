import { Select, Text, type ComboboxData } from '@mantine/core'
import { texts } from '../../texts'
import { useMappings } from './context'

export interface Option {
  value: string
  label: string
}

/**
 * One choice out of a list; plain text for whom it is not to change. ``label`` is visible, or, with ``inTable``, only
 * said: the column has it.
 */
export function Pick(props: {
  id?: string
  label: string
  inTable?: boolean
  value: string | null | undefined
  options: Option[]
  /** The same options by group, for a list that has some. */
  grouped?: ComboboxData
  empty?: string
  clearable?: boolean
  onChange: (value: string | null) => void
}) {
  const { mayEdit, lists } = useMappings()
  const value = props.value || null
  const known = props.options.some((option) => option.value === value)
  const empty = props.empty ?? texts.mappings.notSet
  if (!mayEdit) {
    const shown = props.options.find((option) => option.value === value)?.label ?? value ?? empty
    return props.inTable ? <Text size="sm">{shown}</Text> : <Said label={props.label}>{shown}</Said>
  }
  const unknown = lists ? texts.mappings.notUsable(value ?? '') : value
  const gone = value && !known ? [{ value, label: unknown ?? value }] : []
  return (
    <Select
      id={props.id}
      label={props.inTable ? undefined : props.label}
      aria-label={props.inTable ? props.label : undefined}
      placeholder={empty}
      data={[...gone, ...(props.grouped ?? props.options)]}
      value={value}
      onChange={props.onChange}
      searchable
      clearable={props.clearable ?? true}
      clearButtonProps={{ tabIndex: -1 }}
      nothingFoundMessage={texts.mappings.noneMatch}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      maxDropdownHeight={320}
    />
  )
}

/** A field and what it is, for reading. */
export function Said({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <Text fw={550}>{children}</Text>
    </div>
  )
}
