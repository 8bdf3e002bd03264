import { Alert, Checkbox, Stack, Table, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useState } from 'react'
import { texts } from '../../texts'
import { StackedTable } from '../../ui/StackedTable'
import { accountName } from './changes'
import { useMappings } from './context'
import { codesOf, without } from './draft'
import { accountOptions } from './options'
import { Pick } from './Pick'
import { AddRow, Section } from './Section'

const words = texts.mappings
const { method: methodColumn, goesTo } = words.columns

/** Where money taken at the desk goes; a bank account only once somebody has looked whether it has a feed. */
export function Payments() {
  const { settings, missing, lists, setSettings } = useMappings()
  const [added, setAdded] = useState<string[]>([])
  const chosen = settings.payment_accounts
  const methods = codesOf(Object.keys(chosen), missing, added, 'payment_method')
  const accounts = accountOptions(lists, 'payments')

  function set(method: string, code: string | null) {
    const rest = without(chosen, method)
    if (!code) setAdded([...added, method]) // its row stays until the page is left
    setSettings({ payment_accounts: code ? { ...rest, [method]: code } : rest })
  }

  return (
    <Section id="payments" title={words.paymentsTitle} text={words.paymentsText}>
      {methods.length > 0 ? (
        <StackedTable label={words.paymentsTitle} columns={[methodColumn, goesTo]}>
          {methods.map((method) => (
            <Table.Tr key={method}>
              <Table.Th scope="row">{method}</Table.Th>
              <Table.Td>
                <Stack gap="xs">
                  <Pick
                    id={`payment_method-${method}`}
                    inTable
                    label={words.cell(goesTo, method)}
                    value={chosen[method]}
                    options={accounts}
                    onChange={(code) => set(method, code)}
                  />
                  <Feed code={chosen[method]} />
                </Stack>
              </Table.Td>
            </Table.Tr>
          ))}
        </StackedTable>
      ) : (
        <Text c="dimmed">{words.nothingYet}</Text>
      )}
      <AddRow label={words.addMethod} onAdd={(method) => setAdded([...added, method])} />
    </Section>
  )
}

function Feed({ code }: { code: string | undefined }) {
  const { lists, settings, mayEdit, setSettings } = useMappings()
  const account = lists?.accounts.find((one) => one.code === code)
  if (!code || !account?.may_have_feed) return null
  const confirmed = settings.confirmed_bank_accounts
  const others = confirmed.filter((one) => one !== code)
  return (
    <Alert color="orange" variant="light" icon={<IconAlertTriangle aria-hidden />} title={words.feedTitle} className="warning">
      <Text size="sm" mb="xs">
        {words.feed}
      </Text>
      <Checkbox
        label={words.feedConfirm(accountName(code, lists))}
        checked={confirmed.includes(code)}
        disabled={!mayEdit}
        onChange={(event) =>
          setSettings({ confirmed_bank_accounts: event.currentTarget.checked ? [...others, code] : others })
        }
      />
    </Alert>
  )
}
