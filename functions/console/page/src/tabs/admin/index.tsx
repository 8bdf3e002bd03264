import { Alert, Button, Card, Group, Modal, Select, Stack, Table, Text, TextInput, UnstyledButton } from '@mantine/core'
import { IconDatabase, IconLock, IconSearch } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { atLeast } from '../../auth/person'
import { texts } from '../../texts'
import { Copy } from '../../ui/Copy'
import { Empty } from '../../ui/Empty'
import { Moment } from '../../ui/Moment'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { StackedTable } from '../../ui/StackedTable'
import { TabPage } from '../../ui/TabPage'

type Stored = Schemas['StoredDocument']
const words = texts.admin
/** The fields of each kind that tell one document from another; their names are those they are stored under. */
const COLUMNS: Record<string, string[]> = {
  connection: ['status', 'tenant_name', 'connected_at'],
  contact_links: ['name_sent', 'state', 'updated_at'],
  invoice_links: ['invoice_number', 'status', 'total', 'updated_at'],
  item_mappings: ['account_code', 'tax_type', 'item_code'],
  tracking: ['kind', 'option_name', 'account_code'],
  operations: ['kind', 'state', 'reason', 'updated_at'],
  jobs: ['kind', 'status', 'updated_at'],
  log: ['action', 'sentence', 'outcome', 'at'],
}

export default function Admin() {
  const { person } = useSignedIn()
  const owner = atLeast(person, 'owner')
  return (
    <TabPage title={texts.shell.tabs.admin} intro={owner ? words.intro : undefined}>
      {owner ? (
        <Browser />
      ) : (
        <Alert icon={<IconLock aria-hidden />} variant="light">
          {words.ownersOnly}
        </Alert>
      )}
    </TabPage>
  )
}

function Browser() {
  const [kind, setKind] = useState('connection')
  const [typed, setTyped] = useState('')
  const [search, setSearch] = useState('')
  function look(event: FormEvent) {
    event.preventDefault()
    setSearch(typed.trim())
  }
  return (
    <Card component="section" aria-label={words.kinds[kind]}>
      <form onSubmit={look}>
        <Group align="flex-end" gap="sm">
          <Select
            label={words.kind}
            value={kind}
            onChange={(value) => value && setKind(value)}
            data={Object.entries(words.kinds).map(([value, label]) => ({ value, label }))}
            allowDeselect={false}
            w={{ base: '100%', xs: 240 }}
          />
          <TextInput
            label={words.search}
            value={typed}
            maxLength={200}
            onChange={(event) => setTyped(event.currentTarget.value)}
            flex="1 1 14rem"
          />
          <Button type="submit" leftSection={<IconSearch size={18} aria-hidden />}>
            {words.searchButton}
          </Button>
        </Group>
      </form>
      <Text size="sm" c="dimmed" my="md">
        {words.explain[kind]} {words.withheld}
      </Text>
      <Documents key={`${kind} ${search}`} kind={kind} search={search} />
    </Card>
  )
}

function Documents({ kind, search }: { kind: string; search: string }) {
  const { api } = useSignedIn()
  const [opened, setOpened] = useState<Stored | null>(null)
  const found = useInfiniteQuery({
    queryKey: ['admin', kind, search],
    queryFn: ({ pageParam }) => {
      const query = { search: search || undefined, cursor: pageParam }
      return data(api.GET('/xero/admin/{kind}/', { params: { path: { kind }, query } }))
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next_cursor ?? undefined,
  })
  if (found.error && !found.data) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />
  if (!found.data) return <Rows />
  const documents = found.data.pages.flatMap((page) => page.items)
  const columns = COLUMNS[kind] ?? []
  return (
    <Stack gap="sm">
      {documents.length > 0 && (
        <StackedTable label={words.kinds[kind] ?? kind} columns={[words.id, ...columns]}>
          {documents.map((document) => (
            <Table.Tr key={document.id}>
              <Table.Th scope="row" className="id">
                <UnstyledButton className="link" aria-label={words.open(document.id)} onClick={() => setOpened(document)}>
                  {document.id}
                </UnstyledButton>
              </Table.Th>
              {columns.map((column) => (
                <Table.Td key={column} data-label={column} className={column.endsWith('at') ? 'when' : undefined}>
                  <Value name={column} value={document.data[column]} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </StackedTable>
      )}
      {documents.length === 0 && !found.hasNextPage && (
        <Empty icon={IconDatabase} title={search ? words.noneMatch : words.none} />
      )}
      {documents.length === 0 && found.hasNextPage && <Text>{words.notFoundYet}</Text>}
      {found.error && <ProblemNotice error={found.error} retry={() => void found.fetchNextPage()} />}
      {found.hasNextPage && (
        <Button variant="subtle" loading={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
          {search ? words.searchOn : texts.shell.more}
        </Button>
      )}
      <Modal
        opened={opened !== null}
        onClose={() => setOpened(null)}
        title={opened?.id}
        size="xl"
        closeButtonProps={{ 'aria-label': texts.shell.close }}
      >
        {opened && <Whole document={opened} />}
      </Modal>
    </Stack>
  )
}

function Value({ name, value }: { name: string; value: unknown }) {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return <>–</>
  return name.endsWith('at') ? <Moment at={String(value)} /> : <>{String(value)}</>
}

function Whole({ document }: { document: Stored }) {
  const text = JSON.stringify(document.data, null, 2)
  return (
    <div className="code">
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre tabIndex={0} role="region" aria-label={words.document}>
        {text}
      </pre>
      <Copy value={text} />
    </div>
  )
}
