import { expect, test } from 'vitest'
import { countOf, remediesOf, waitingOf } from './causes'

const cause = {
  cause: 'account_invalid',
  sentence: 'Xero does not accept an account',
  remedy: 'Choose an active account in the mappings, then try again',
  count: 2,
  operations: [
    { operation_id: 'op-1', kind: 'invoice_create', subject: { appointment_id: 'a-1' }, reason: 'Account 999' },
    { operation_id: 'op-2', kind: 'contact_create', subject: { patient_id: 'p-1' }, reason: null },
  ],
  invoices: [],
  archived: [],
}

test('each cause has the buttons that mend it', () => {
  expect(remediesOf('connection.revoked')).toEqual(['connect'])
  expect(remediesOf('account_invalid')).toEqual(['mappings', 'retry'])
  expect(remediesOf('changed.credit')).toEqual(['invoices'])
})

test('a refusal that nobody foresaw can be tried again', () => {
  expect(remediesOf('theme_invalid')).toEqual(['retry'])
})

test('what waits is told by its appointment or patient', () => {
  expect(waitingOf(cause)).toEqual([
    { id: 'op-1', kind: 'invoice_create', about: 'a-1', reason: 'Account 999' },
    { id: 'op-2', kind: 'contact_create', about: 'p-1', reason: '' },
  ])
})

test('an invoice that differs is told with what was changed', () => {
  const invoices = [{ appointment_id: 'a-3', invoice_number: 'CL-a-3', kind: 'lines', sentence: 'A line was added.' }]
  expect(waitingOf({ ...cause, cause: 'changed.update', operations: [], invoices })).toEqual([
    { id: 'a-3', kind: 'invoice_create', about: 'a-3', reason: 'A line was added.' },
  ])
})

test('the number of things that need a person is over all causes', () => {
  expect(countOf([cause, { ...cause, count: 3 }])).toBe(5)
  expect(countOf([])).toBe(0)
})
