import { Alert, Button, Group, List, Modal, Paper, Stack, Table, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { StackedTable } from '../../ui/StackedTable'
import { mappingRows, settingRows, type Change, type ChangeRow } from './changes'
import { useMappings } from './context'
import { bodiesOf, countChanges, NOTHING } from './draft'

const words = texts.mappings

interface Answered {
  rows: ChangeRow[]
  warnings: string[]
}

/** At the bottom while something is not saved: first what would change, then the saving. */
export function SaveBar() {
  const { draft, setDraft } = useMappings()
  const [opened, { open, close }] = useDisclosure()
  const put = usePut()
  const refreshAll = useRefreshAll()
  // Asking what would change changes nothing: a look, although it is put.
  const look = useQuery({ queryKey: ['dry-run', draft], queryFn: () => put('1'), enabled: opened, gcTime: 0 })
  const save = useMutation({
    mutationFn: () => put('0'),
    onSuccess: () => {
      setDraft(NOTHING)
      close()
      sayDone(words.saved)
    },
    // Also after a failure: part of it may be saved.
    onSettled: refreshAll,
  })
  const count = countChanges(draft)
  if (count === 0) return null

  return (
    <>
      <Paper className="save-bar" withBorder shadow="md" p="sm" radius="lg">
        <Text fw={600} role="status">
          {words.changed(count)}
        </Text>
        <Group gap="sm">
          <Button variant="default" onClick={() => setDraft(NOTHING)}>
            {words.discard}
          </Button>
          <Button onClick={open}>{words.review}</Button>
        </Group>
      </Paper>
      <Modal
        opened={opened}
        onClose={close}
        title={words.reviewTitle}
        size="xl"
        closeButtonProps={{ 'aria-label': texts.shell.close }}
      >
        <Stack>
          {look.isPending && <Rows count={3} />}
          {look.error && <ProblemNotice error={look.error} retry={() => void look.refetch()} />}
          {look.data && <Reviewed {...look.data} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {texts.shell.cancel}
            </Button>
            <Button disabled={!look.data} loading={save.isPending} onClick={() => save.mutate()}>
              {words.save}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}

function Reviewed({ rows, warnings }: Answered) {
  const { what, before, after } = words.reviewColumns
  if (rows.length === 0) return <Text>{words.nothingChanges}</Text>
  return (
    <>
      <StackedTable label={words.reviewTitle} columns={[what, before, after]}>
        {rows.map((row) => (
          <Table.Tr key={row.what}>
            <Table.Th scope="row">{row.what}</Table.Th>
            <Table.Td data-label={before}>{row.before}</Table.Td>
            <Table.Td data-label={after} fw={600}>
              {row.after}
            </Table.Td>
          </Table.Tr>
        ))}
      </StackedTable>
      {warnings.length > 0 && (
        <Alert color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />} title={words.warnings} className="warning">
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning}>{warning}</List.Item>
            ))}
          </List>
        </Alert>
      )}
      <Text size="sm" c="dimmed">
        {words.onlyWhatComes}
      </Text>
    </>
  )
}

/**
 * Puts the draft, part by part; with ``1`` nothing is saved. What the client's types call required and has a default
 * is left out where it is not to change.
 */
function usePut() {
  const { api } = useSignedIn()
  const { draft, lists } = useMappings()
  return async (dry_run: '0' | '1'): Promise<Answered> => {
    const { settings, items, tracking } = bodiesOf(draft)
    const params = { query: { dry_run } }
    const answered: Answered = { rows: [], warnings: [] }
    function take(rows: ChangeRow[], warnings: { field: string; message: string }[] = []) {
      answered.rows.push(...rows)
      answered.warnings.push(...warnings.map(({ field, message }) => `${fieldName(field)}: ${message}`))
    }
    if (items) {
      const said = await data(api.PUT('/xero/items/', { params, body: items as unknown as Schemas['ItemMappingsIn'] }))
      take(mappingRows(changesOf(said), serviceName, lists), said.warnings)
    }
    if (tracking) {
      const said = await data(api.PUT('/xero/tracking/', { params, body: tracking as unknown as Schemas['TrackingMappingsIn'] }))
      take(mappingRows(changesOf(said), placeName, lists), said.warnings)
    }
    if (settings) {
      const said = await data(api.PUT('/xero/settings/', { params, body: settings as unknown as Schemas['SettingsIn'] }))
      take(settingRows(changesOf(said), lists), said.warnings)
    }
    return answered
  }
}

function changesOf(said: { changes?: Record<string, unknown>[] }): Change[] {
  return (said.changes ?? []) as unknown as Change[]
}

function serviceName(code: string): string {
  return `${words.kinds.service} ${code}`
}

function placeName(key: string): string {
  const [kind = '', ...id] = key.split(':')
  return `${words.kinds[kind] ?? kind} ${id.join(':')}`
}

function fieldName(field: string): string {
  const [name = '', ...rest] = field.split('.')
  return [words.fields[name] ?? name, ...rest].join(' ')
}
