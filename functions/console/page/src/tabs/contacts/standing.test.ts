import { expect, test } from 'vitest'
import { texts } from '../../texts'
import { standingOf, type Patient } from './standing'

const { states, explain } = texts.contacts

function patient(fields: Partial<Patient> = {}): Patient {
  return {
    patient_id: 'p-1', patient_name: 'Anna Lee', reference: null, contact_id: 'c', name: 'Anna Lee', state: 'linked',
    changed: false, xero_url: null, updated_at: null, same_name: false, merged: false, behind: false, operation: null,
    ...fields,
  }
}

const words = (row: Patient) => standingOf(row).tags.map(([, word]) => word)

test('a plain contact needs no explanation', () => {
  expect(standingOf(patient())).toEqual({ tags: [['good', states.linked]], sentences: [], needsYou: false })
})

test('each special case has a word and a sentence', () => {
  const row = patient({ same_name: true, merged: true, behind: true })
  expect(words(row)).toEqual([states.linked, states.behind, states.sameName, states.merged])
  expect(standingOf(row).sentences).toEqual([explain.behind, explain.sameName, explain.merged])
})

test('an archived contact needs a person, whether anything failed yet or not', () => {
  const row = patient({ state: 'archived', behind: true })
  expect(standingOf(row)).toEqual({ tags: [['bad', states.archived]], sentences: [explain.archived], needsYou: true })
})

test('what waits goes on by itself, what failed does not', () => {
  const operation = { operation_id: 'o', kind: 'contact_create', status: 'pending', reason: 'x', reason_code: 'x' }
  const at = '2026-11-24T00:00:00Z'
  expect(words(patient({ operation: { ...operation, next_attempt_at: at } }))).toContain(states.waiting)
  expect(standingOf(patient({ operation: { ...operation, next_attempt_at: null } })).needsYou).toBe(true)
})
