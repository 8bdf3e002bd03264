import { expect, test } from 'vitest'
import { addMonths, daysOf, monthIn, monthsBack, weeksOf } from './month'

test('months across the turn of a year', () => {
  expect(addMonths('2026-12', 1)).toBe('2027-01')
  expect(monthsBack('2026-02', 4)).toEqual(['2026-02', '2026-01', '2025-12', '2025-11'])
})

test('the days of a month, leap years included', () => {
  expect(daysOf('2028-02')).toEqual({ first: '2028-02-01', last: '2028-02-29' })
  expect(daysOf('2026-12')).toEqual({ first: '2026-12-01', last: '2026-12-31' })
})

test('weeks begin on Monday and hold every day of the month once', () => {
  const weeks = weeksOf('2026-11')
  expect(weeks[0]).toEqual([null, null, null, null, null, null, '2026-11-01'])
  expect(weeks.flat().filter(Boolean)).toHaveLength(30)
  expect(weeksOf('2027-02')).toHaveLength(4)
})

test('only a month is taken from the address', () => {
  expect(monthIn('?month=2026-11')).toBe('2026-11')
  expect(monthIn('?month=2026-13')).toBeNull()
  expect(monthIn('')).toBeNull()
})
