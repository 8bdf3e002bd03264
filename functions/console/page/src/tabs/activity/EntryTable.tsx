import { Card, Table, Text, UnstyledButton } from '@mantine/core'
import { texts } from '../../texts'
import { Moment } from '../../ui/Moment'
import { Tag, type Tone } from '../../ui/Tag'
import type { Entry } from './data'

const words = texts.activity
const TONES: Record<Entry['outcome'], Tone> = { ok: 'good', waiting: 'warn', failed: 'bad' }

/** `shownFrom`: what is newer than this came while the person was looking, and is lit up for a moment. */
export function EntryTable(props: { entries: Entry[]; shownFrom: string | null; open: (entry: Entry) => void }) {
  return (
    <Card p={0} className="list-card">
      <Table className="list" aria-label={words.entries} verticalSpacing="sm" horizontalSpacing="md" highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.columns.at}</Table.Th>
            <Table.Th scope="col">{words.columns.what}</Table.Th>
            <Table.Th scope="col">{words.columns.who}</Table.Th>
            <Table.Th scope="col">{words.columns.outcome}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {props.entries.map((entry) => (
            <Table.Tr key={entry.id} className={isNew(entry, props.shownFrom) ? 'grow' : undefined}>
              <Table.Td data-label={words.columns.at} className="nowrap">
                <Moment at={entry.at} />
              </Table.Td>
              <Table.Th scope="row">
                <UnstyledButton className="row-link" onClick={() => props.open(entry)} aria-haspopup="dialog">
                  {entry.sentence}
                </UnstyledButton>
                <Text size="sm" c="dimmed">
                  {[words.actions[entry.action] ?? entry.action, entry.appointment_id ?? entry.patient_id]
                    .filter(Boolean)
                    .join(' · ')}
                </Text>
              </Table.Th>
              <Table.Td data-label={words.columns.who}>{entry.actor.name}</Table.Td>
              <Table.Td data-label={words.columns.outcome}>
                <Outcome of={entry.outcome} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  )
}

export function Outcome({ of }: { of: Entry['outcome'] }) {
  return (
    <span>
      <Tag tone={TONES[of]}>{words.outcomes[of]}</Tag>
    </span>
  )
}

export function isNew(entry: Entry, shownFrom: string | null): boolean {
  return shownFrom !== null && entry.at > shownFrom
}
