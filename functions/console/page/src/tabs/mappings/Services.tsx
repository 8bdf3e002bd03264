import { Button, Table, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { texts } from '../../texts'
import { useMappings } from './context'
import { codesOf } from './draft'
import { accountOptions, productOptions, taxOptions } from './options'
import { Pick } from './Pick'
import { AddRow, Section } from './Section'
import { StackedTable } from '../../ui/StackedTable'

const words = texts.mappings
const PAGE = 25
const { service, account, tax, item, description } = words.columns

/** What each service is in the books. */
export function Services() {
  const { items, missing, draft, lists, mayEdit, itemOf, setItem } = useMappings()
  const [added, setAdded] = useState<string[]>([])
  const [search, setSearch] = useState('')
  const [shown, setShown] = useState(PAGE)
  const stored = items.map((one) => one.service_code)
  const codes = codesOf(stored, missing, [...Object.keys(draft.items), ...added], 'service')
  const found = codes.filter((code) => code.toLowerCase().includes(search.trim().toLowerCase()))
  const accounts = accountOptions(lists, 'revenue')
  const taxes = taxOptions(lists)
  const products = productOptions(lists)

  return (
    <Section id="services" title={words.servicesTitle} text={words.servicesText}>
      {codes.length > PAGE && (
        <TextInput label={words.search} value={search} onChange={(event) => setSearch(event.currentTarget.value)} mb="md" maw={320} />
      )}
      {found.length > 0 ? (
        <StackedTable label={words.servicesTitle} columns={[service, account, tax, item, description]}>
          {found.slice(0, shown).map((code) => {
            const mapped = itemOf(code)
            return (
              <Table.Tr key={code}>
                <Table.Th scope="row">{code}</Table.Th>
                <Table.Td data-label={account}>
                  <Pick
                    id={`service-${code}`}
                    inTable
                    label={words.cell(account, code)}
                    value={mapped.account_code}
                    options={accounts}
                    empty={words.asElsewhere}
                    onChange={(value) => setItem(code, { account_code: value ?? undefined })}
                  />
                </Table.Td>
                <Table.Td data-label={tax}>
                  <Pick
                    inTable
                    label={words.cell(tax, code)}
                    value={mapped.tax_type}
                    options={taxes}
                    empty={words.asElsewhere}
                    onChange={(value) => setItem(code, { tax_type: value ?? undefined })}
                  />
                </Table.Td>
                <Table.Td data-label={item}>
                  <Pick
                    inTable
                    label={words.cell(item, code)}
                    value={mapped.item_code}
                    options={products}
                    onChange={(value) => setItem(code, { item_code: value ?? undefined })}
                  />
                </Table.Td>
                <Table.Td data-label={description}>
                  {mayEdit ? (
                    <TextInput
                      aria-label={words.cell(description, code)}
                      placeholder={words.asAppointment}
                      value={mapped.description ?? ''}
                      maxLength={200}
                      onChange={(event) => setItem(code, { description: event.currentTarget.value })}
                    />
                  ) : (
                    <Text size="sm">{mapped.description ?? words.asAppointment}</Text>
                  )}
                </Table.Td>
              </Table.Tr>
            )
          })}
        </StackedTable>
      ) : (
        <Text c="dimmed">{search ? words.noneMatch : words.nothingYet}</Text>
      )}
      {found.length > shown && (
        <Button variant="subtle" mt="sm" onClick={() => setShown(shown + PAGE)}>
          {texts.shell.more} ({found.length - shown})
        </Button>
      )}
      <AddRow label={words.addService} onAdd={(code) => setAdded([...added, code])} />
    </Section>
  )
}
