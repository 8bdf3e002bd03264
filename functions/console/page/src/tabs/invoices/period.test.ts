import { expect, test } from 'vitest'
import { moved, periodOf } from './period'

test('a week runs from Monday to Sunday, whichever of its days is given', () => {
  const week = { first: '2026-11-23', last: '2026-11-29' }
  expect(['2026-11-23', '2026-11-26', '2026-11-29'].map((day) => periodOf(day, 'week'))).toEqual([week, week, week])
})

test('a month has its own length', () => {
  expect(periodOf('2028-02-10', 'month')).toEqual({ first: '2028-02-01', last: '2028-02-29' })
  expect(periodOf('2026-12-31', 'month')).toEqual({ first: '2026-12-01', last: '2026-12-31' })
})

test('the period before and after, also across years', () => {
  expect(moved('2026-03-31', 'day', 1)).toBe('2026-04-01')
  expect(periodOf(moved('2026-11-25', 'week', -1), 'week').first).toBe('2026-11-16')
  expect(periodOf(moved('2026-01-31', 'month', 1), 'month').first).toBe('2026-02-01')
  expect(periodOf(moved('2026-01-31', 'month', -1), 'month').first).toBe('2025-12-01')
})
