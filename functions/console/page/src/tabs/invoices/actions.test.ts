import { expect, test } from 'vitest'
import type { Person } from '../../auth/person'
import { actionsOf, isCreatable, type Row } from './actions'

const person = (role: Person['role']): Person => ({ name: 'A', role, practiceId: 'demo' })

function row(fields: Partial<Row> = {}): Row {
  return {
    appointment_id: 'a-1', reference: null, patient_id: 'p-1', patient_name: 'Anna Lee', patient_code: 'P1',
    starts_at: '2026-11-24T00:00:00Z', clinic_id: null, practitioner_id: null, status: 'completed',
    state: 'not_invoiced', needs_you: false, operation: null, invoice: null, ...fields,
  }
}

function invoiced(status: string, amounts: Partial<NonNullable<Row['invoice']>> = {}, state = 'due'): Row {
  const invoice = {
    status, amount_due: '95.00', amount_paid: '0.00', amount_credited: '0.00', emailed_at: null, total_differs: null,
    difference: null, ...amounts,
  } as NonNullable<Row['invoice']>
  return row({ state, invoice })
}

const operation = (fields: Partial<NonNullable<Row['operation']>>) => ({
  operation_id: 'o', kind: 'invoice_create', status: 'failed', reason: 'x', reason_code: 'x', next_attempt_at: null,
  ...fields,
})

test('one press creates; a cancelled appointment has nothing to press', () => {
  expect(actionsOf(row(), person('reception'))[0]).toBe('create')
  expect(actionsOf(row({ status: 'cancelled', state: 'nothing_to_invoice' }), person('owner'))).toEqual([])
})

test('reception takes payments and e-mails, a bookkeeper changes the books', () => {
  const due = invoiced('AUTHORISED')
  expect(actionsOf(due, person('reception'))).toEqual(['payment', 'email', 'online', 'note', 'sync'])
  expect(actionsOf(due, person('bookkeeper'))).toEqual(
    ['payment', 'email', 'online', 'update', 'void', 'credit', 'correct', 'note', 'sync'],
  )
})

test('a draft is approved, updated or deleted', () => {
  expect(actionsOf(invoiced('DRAFT', {}, 'draft'), person('owner'))).toEqual(['approve', 'update', 'void', 'note', 'sync'])
  expect(actionsOf(invoiced('DRAFT', {}, 'draft'), person('reception'))).toEqual(['note', 'sync'])
})

test('what was paid is refunded or credited, never voided', () => {
  const paid = invoiced('PAID', { amount_due: '0.00', amount_paid: '95.00' }, 'paid')
  const found = actionsOf(paid, person('bookkeeper'))
  expect(found).toContain('refund')
  expect(found).not.toContain('void')
  expect(found).not.toContain('payment')
})

test('what needs a person comes first', () => {
  const failed = row({ needs_you: true, operation: operation({}) })
  expect(actionsOf(failed, person('reception'))).toEqual(['retry', 'stop', 'preview'])
  const changed = invoiced('AUTHORISED', { difference: { kind: 'lines', sentence: '.', proposal: 'correct' } })
  expect(actionsOf(changed, person('bookkeeper'))[0]).toBe('correct')
  expect(actionsOf(changed, person('reception'))[0]).toBe('payment')
})

test('what was voided may be invoiced anew; what waits is not chosen for bulk work', () => {
  const voided = invoiced('VOIDED', {}, 'cancelled')
  expect(actionsOf(voided, person('reception'))[0]).toBe('create')
  expect(isCreatable(voided)).toBe(true)
  expect(isCreatable(row())).toBe(true)
  const waiting = row({ operation: operation({ status: 'pending', next_attempt_at: '2026-11-24T00:00:00Z' }) })
  expect(isCreatable(waiting)).toBe(false)
  expect(isCreatable(invoiced('AUTHORISED'))).toBe(false)
})
