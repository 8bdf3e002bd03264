import { expect, test } from 'vitest'
import type { Missing, Place, Settings } from './data'
import { bodiesOf, codesOf, countChanges, NOTHING, withItem, withPlace, withSettings } from './draft'

const STORED = [{ service_code: 'consult', account_code: '200' }]
const SETTINGS = { payment_terms_days: 14, payment_accounts: { card: '880' }, default_account_code: null } as unknown as Settings

test('a choice is one change, and none once it is taken back', () => {
  const chosen = withItem(NOTHING, STORED, 'consult', { account_code: '201' })
  expect(bodiesOf(chosen).items).toEqual({ items: [{ service_code: 'consult', account_code: '201' }] })
  expect(countChanges(chosen)).toBe(1)
  expect(countChanges(withItem(chosen, STORED, 'consult', { account_code: '200' }))).toBe(0)
})

test('a mapping that is emptied names nothing but its service', () => {
  const emptied = withItem(NOTHING, STORED, 'consult', { account_code: undefined })
  expect(bodiesOf(emptied).items).toEqual({ items: [{ service_code: 'consult' }] })
})

test('what a mapping has beside the field that changes stays', () => {
  const place: Place = { kind: 'clinic', id: '1', tracking_category_id: 'c', tracking_option_id: 'o' }
  const named = { ...place, category_name: 'Clinic', option_name: 'North' } as Place
  const draft = withPlace(NOTHING, [named], 'clinic', '1', { account_code: '260' })
  expect(bodiesOf(draft).tracking).toEqual({ items: [{ ...place, account_code: '260' }] })
  expect(countChanges(withPlace(NOTHING, [named], 'clinic', '1', { tracking_option_id: 'o' }))).toBe(0)
})

test('a clinic and a practitioner may have the same id', () => {
  const one = withPlace(NOTHING, [], 'clinic', '1', { account_code: '200' })
  expect(countChanges(withPlace(one, [], 'practitioner', '1', { account_code: '200' }))).toBe(2)
})

test('settings as they are stored are no change, whatever the order of their keys', () => {
  const draft = withSettings(NOTHING, SETTINGS, { payment_terms_days: 7, payment_accounts: { card: '880' } })
  expect(bodiesOf(draft).settings).toEqual({ payment_terms_days: 7 })
  expect(bodiesOf(withSettings(draft, SETTINGS, { payment_terms_days: 14 })).settings).toBeNull()
})

test('what something waits for comes first, each once', () => {
  const missing = [{ kind: 'service', id: 'tape' }, { kind: 'clinic', id: 'north' }, { kind: 'service', id: null }] as Missing[]
  expect(codesOf(['consult', 'tape'], missing, ['abc'], 'service')).toEqual(['tape', 'abc', 'consult'])
})
