import { Drawer, Group, Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../../texts'
import { Copy } from '../../ui/Copy'
import { Moment } from '../../ui/Moment'
import { changesOf } from './changes'
import type { Entry } from './data'
import { Outcome } from './EntryTable'
import { OperationBox } from './OperationBox'

const words = texts.activity

/** One entry, opened: what changed, under which ids, and what can be done about it. */
export function EntryDrawer({ entry, close }: { entry: Entry | null; close: () => void }) {
  return (
    <Drawer
      opened={entry !== null}
      onClose={close}
      position="right"
      size="lg"
      title={words.entry}
      closeButtonProps={{ 'aria-label': texts.shell.close }}
    >
      {entry && <Opened entry={entry} />}
    </Drawer>
  )
}

function Opened({ entry }: { entry: Entry }) {
  return (
    <Stack gap="lg">
      <div>
        <Title order={2} fz="1.2rem">
          {entry.sentence}
        </Title>
        <Text c="dimmed" mb="xs">
          {words.actions[entry.action] ?? entry.action}
        </Text>
        <Outcome of={entry.outcome} />
      </div>
      {entry.operation_id && <OperationBox id={entry.operation_id} />}
      <Changes entry={entry} />
      <section>
        <Title order={3} fz="1rem" mb="xs">
          {words.details}
        </Title>
        <dl className="facts">
          <Fact name={words.at}>
            <Moment at={entry.at} />
          </Fact>
          <Fact name={words.who}>
            {entry.actor.name} ({words.role(entry.actor.role)})
          </Fact>
          {entry.appointment_id && <Fact name={words.appointment}>{entry.appointment_id}</Fact>}
          {entry.patient_id && <Fact name={words.patient}>{entry.patient_id}</Fact>}
          {entry.duration_ms != null && <Fact name={words.duration}>{words.milliseconds(entry.duration_ms)}</Fact>}
          {entry.code && <Fact name={words.code}>{entry.code}</Fact>}
        </dl>
        <dl className="facts facts-wide">
          <Id name={words.requestId} value={entry.request_id} />
          <Id name={words.xeroId} value={entry.xero_id} />
          <Id name={words.operation} value={entry.operation_id} />
        </dl>
      </section>
    </Stack>
  )
}

function Changes({ entry }: { entry: Entry }) {
  const changes = changesOf(entry.before, entry.after)
  if (changes.length === 0) return null
  return (
    <section>
      <Title order={3} fz="1rem" mb="xs">
        {words.changes}
      </Title>
      <div className="scroll">
        <Table aria-label={words.changes} className="changes">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">{words.field}</Table.Th>
              <Table.Th scope="col">{words.before}</Table.Th>
              <Table.Th scope="col">{words.after}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map(({ field, before, after }) => (
              <Table.Tr key={field}>
                <Table.Th scope="row">{field}</Table.Th>
                <Value>{before}</Value>
                <Value>{after}</Value>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  )
}

function Value({ children }: { children: string }) {
  return <Table.Td c={children ? undefined : 'dimmed'}>{children || words.nothing}</Table.Td>
}

function Id({ name, value }: { name: string; value: string | null | undefined }) {
  if (!value) return null
  return (
    <Fact name={name}>
      <Group gap={4} wrap="nowrap">
        <code className="id">{value}</code>
        <Copy value={value} label={`${texts.shell.copy}: ${name}`} />
      </Group>
    </Fact>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
