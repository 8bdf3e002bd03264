import { expect, test } from 'vitest'
import { countOf, remedyOf, waitingOf } from './causes'

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

test('each cause has the button that mends it', () => {
  expect(remedyOf('connection.revoked')).toBe('connect')
  expect(remedyOf('connection.choosing')).toBe('choose')
  expect(remedyOf('webhook.silent')).toBe('webhook')
  expect(remedyOf('locked_period')).toBe('retry')
})

test('what waits is told by its appointment or patient', () => {
  expect(waitingOf(cause)).toEqual([
    { id: 'op-1', kind: 'invoice_create', about: 'a-1', reason: 'Account 999' },
    { id: 'op-2', kind: 'contact_create', about: 'p-1', reason: '' },
  ])
})

test('the number of things that need a person is over all causes', () => {
  expect(countOf([cause, { ...cause, count: 3 }])).toBe(5)
  expect(countOf([])).toBe(0)
})
