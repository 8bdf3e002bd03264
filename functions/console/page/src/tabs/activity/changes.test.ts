import { expect, test } from 'vitest'
import { changesOf } from './changes'

test('fields of both sides, without what stayed', () => {
  expect(changesOf({ status: 'DRAFT', total: '95.00' }, { status: 'PAID', total: '95.00', number: 'CL-1' })).toEqual([
    { field: 'status', before: 'DRAFT', after: 'PAID' },
    { field: 'number', before: '', after: 'CL-1' },
  ])
})

test('something made, something removed, nothing said', () => {
  expect(changesOf(null, { total: '95.00' })).toEqual([{ field: 'total', before: '', after: '95.00' }])
  expect(changesOf({ account: '200' }, null)).toEqual([{ field: 'account', before: '200', after: '' }])
  expect(changesOf(undefined, undefined)).toEqual([])
})

test('a value of several parts is shown whole', () => {
  expect(changesOf({ days: 7 }, { days: 14, codes: ['a'] }).map(({ after }) => after)).toEqual(['14', '[\n "a"\n]'])
})
