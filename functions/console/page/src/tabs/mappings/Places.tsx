import { Table, Text } from '@mantine/core'
import { useState } from 'react'
import { texts } from '../../texts'
import { StackedTable } from '../../ui/StackedTable'
import { useMappings } from './context'
import type { PlaceKind } from './data'
import { codesOf } from './draft'
import { accountOptions, categoryOf, trackingOptions } from './options'
import { Pick } from './Pick'
import { AddRow, Section } from './Section'

const words = texts.mappings
const { place, option, ownAccount } = words.columns
const KINDS: PlaceKind[] = ['clinic', 'practitioner']

/** What each clinic and practitioner is in the books. */
export function Places() {
  const { lists, listsPending, missing, draft, placeOf, setPlace } = useMappings()
  const [added, setAdded] = useState<{ kind: PlaceKind; id: string }[]>([])
  const mapped = [...(lists?.places ?? []), ...Object.values(draft.places), ...added]
  const rows = KINDS.flatMap((kind) =>
    codesOf(mapped.filter((one) => one.kind === kind).map((one) => one.id), missing, [], kind).map((id) => placeOf(kind, id)),
  )
  const tracking = trackingOptions(lists)
  const accounts = accountOptions(lists, 'revenue')
  const add = (kind: PlaceKind) => (id: string) => setAdded([...added, { kind, id }])

  return (
    <Section id="places" title={words.placesTitle} text={words.placesText}>
      {rows.length > 0 ? (
        <StackedTable label={words.placesTitle} columns={[place, option, ownAccount]}>
          {rows.map(({ kind, id, tracking_option_id, account_code }) => (
            <Table.Tr key={`${kind}:${id}`}>
              <Table.Th scope="row">
                {id}{' '}
                <Text span size="sm" c="dimmed" fw={400}>
                  {words.kinds[kind]}
                </Text>
              </Table.Th>
              <Table.Td data-label={option}>
                <Pick
                  id={`${kind}-${id}`}
                  inTable
                  label={words.cell(option, id)}
                  value={tracking_option_id}
                  options={tracking.options}
                  grouped={tracking.grouped}
                  onChange={(value) =>
                    setPlace(kind, id, {
                      tracking_option_id: value ?? undefined,
                      tracking_category_id: categoryOf(lists, value),
                    })
                  }
                />
              </Table.Td>
              <Table.Td data-label={ownAccount}>
                <Pick
                  inTable
                  label={words.cell(ownAccount, id)}
                  value={account_code}
                  options={accounts}
                  empty={words.asElsewhere}
                  onChange={(value) => setPlace(kind, id, { account_code: value ?? undefined })}
                />
              </Table.Td>
            </Table.Tr>
          ))}
        </StackedTable>
      ) : (
        <Text c="dimmed">{lists ? words.nothingYet : listsPending ? texts.shell.loading : words.noLists}</Text>
      )}
      <div className="adders">
        <AddRow label={words.addClinic} onAdd={add('clinic')} />
        <AddRow label={words.addPractitioner} onAdd={add('practitioner')} />
      </div>
    </Section>
  )
}
