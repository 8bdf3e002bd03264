import { expect, test } from 'vitest'
import { mappingRows, settingRows } from './changes'
import type { Lists } from './data'

const LISTS = {
  accounts: [{ code: '880', name: 'Clearing' }, { code: '201', name: 'Consultations' }],
  taxRates: [{ tax_type: 'OUTPUT', name: 'GST on Income' }],
  themes: [],
} as unknown as Lists

test('settings are told in words and with names', () => {
  const rows = settingRows(
    [
      { field: 'invoice_status', before: 'DRAFT', after: 'AUTHORISED' },
      { field: 'payment_accounts', before: {}, after: { card: '880' } },
      { field: 'use_clinic_tracking', before: false, after: true },
      { field: 'auto_approve', before: null, after: { after_hours: 24, up_to: '250.00', service_codes: null } },
    ],
    LISTS,
  )
  expect(rows).toEqual([
    { what: 'Invoices go to Xero as', before: 'Drafts', after: 'Approved at once' },
    { what: 'Payment methods', before: 'not set', after: 'card: 880 Clearing' },
    { what: 'Track by clinic and practitioner', before: 'No', after: 'Yes' },
    { what: 'Approve by rule', before: 'not set', after: 'after 24 h, up to 250.00' },
  ])
})

test('of a mapping only what differs is shown, also when it is new or taken away', () => {
  const name = (field: string) => `Service ${field}`
  expect(
    mappingRows([{ field: 'consult', before: null, after: { account_code: '201', tax_type: 'OUTPUT' } }], name, LISTS),
  ).toEqual([
    { what: 'Service consult: Account', before: 'not set', after: '201 Consultations' },
    { what: 'Service consult: Tax', before: 'not set', after: 'GST on Income' },
  ])
  expect(
    mappingRows(
      [{ field: 'consult', before: { account_code: '999', item_code: 'A' }, after: { item_code: 'A' } }],
      name,
      undefined,
    ),
  ).toEqual([{ what: 'Service consult: Account', before: '999', after: 'not set' }])
})
