import { Button, Group, List, Stack, Table, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { atLeast } from '../../auth/person'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'
import { StackedTable } from '../../ui/StackedTable'
import { Section } from './Section'

const words = texts.mappings.clone
const { what, before, after } = texts.mappings.reviewColumns

/** Settings of another practice of the same owner: shown first, then taken. The token is in this form only. */
export function Clone() {
  const { api, person } = useSignedIn()
  const refreshAll = useRefreshAll()
  const [practice, setPractice] = useState('')
  const [token, setToken] = useState('')
  const body = { from_practice_id: practice.trim(), from_token: token.trim() }
  const ask = (dry_run: '0' | '1') => data(api.POST('/xero/settings/clone/', { params: { query: { dry_run } }, body }))
  const look = useMutation({ mutationFn: () => ask('1'), gcTime: 0 })
  const take = useMutation({
    mutationFn: () => ask('0'),
    gcTime: 0,
    onSuccess: async ({ changes }) => {
      look.reset()
      setToken('')
      sayDone(words.taken(changes.length))
      await refreshAll()
    },
  })
  if (!atLeast(person, 'owner')) return null

  function show(event: FormEvent) {
    event.preventDefault()
    look.mutate()
  }
  function typed(set: (text: string) => void, text: string) {
    set(text)
    look.reset() // what is shown belongs to what was typed
  }
  return (
    <Section id="clone" title={words.title} text={words.text}>
      <form onSubmit={show}>
        <Group gap="sm" align="flex-end">
          <TextInput
            label={words.practice}
            value={practice}
            onChange={({ currentTarget }) => typed(setPractice, currentTarget.value)}
            required
            withAsterisk={false}
            maxLength={100}
          />
          <TextInput
            label={words.token}
            type="password"
            autoComplete="off"
            value={token}
            onChange={({ currentTarget }) => typed(setToken, currentTarget.value)}
            required
            withAsterisk={false}
          />
          <Button type="submit" variant="default" loading={look.isPending}>
            {words.look}
          </Button>
        </Group>
      </form>
      {look.data && (
        <Stack mt="md" align="flex-start">
          <Shown cloned={look.data} />
          {look.data.changes.length > 0 && (
            <Button loading={take.isPending} onClick={() => take.mutate()}>
              {words.take}
            </Button>
          )}
        </Stack>
      )}
    </Section>
  )
}

function Shown({ cloned }: { cloned: Schemas['Cloned'] }) {
  return (
    <>
      {cloned.changes.length === 0 && <Text>{texts.mappings.nothingChanges}</Text>}
      {cloned.changes.length > 0 && (
        <StackedTable label={texts.mappings.reviewTitle} columns={[what, before, after]}>
          {cloned.changes.map((change) => (
            <Table.Tr key={change.field}>
              <Table.Th scope="row">{change.field}</Table.Th>
              <Table.Td data-label={before}>{said(change.before)}</Table.Td>
              <Table.Td data-label={after}>{said(change.after)}</Table.Td>
            </Table.Tr>
          ))}
        </StackedTable>
      )}
      {cloned.not_copied.length > 0 && (
        <div>
          <Text fw={600}>{words.left}</Text>
          <List size="sm">
            {cloned.not_copied.map(({ field, reason }) => (
              <List.Item key={field}>
                {field}: {reason}
              </List.Item>
            ))}
          </List>
        </div>
      )}
    </>
  )
}

/** A mapping as its filled parts; nothing as a dash. */
function said(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (typeof value !== 'object' || Array.isArray(value)) return String(value)
  const parts = Object.entries(value).filter(([, part]) => part !== null && part !== '')
  return parts.map(([name, part]) => `${name} ${String(part)}`).join(', ')
}
