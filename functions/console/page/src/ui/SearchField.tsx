import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'

const SEARCH_AFTER = 300

/** Searches when the typing pauses. */
export function SearchField(props: { label: string; hint: string; onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState('')
  const search = useDebouncedCallback((text: string) => props.onSearch(text.trim()), SEARCH_AFTER)
  return (
    <TextInput
      className="wide"
      type="search"
      label={props.label}
      placeholder={props.hint}
      maxLength={100}
      autoComplete="off"
      leftSection={<IconSearch size={16} aria-hidden />}
      value={typed}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value)
        search(currentTarget.value)
      }}
    />
  )
}
