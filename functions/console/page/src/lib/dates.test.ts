import { expect, test } from 'vitest'
import { addDays, dateAndTime, dayAt, dayStart, dayText, relative } from './dates'

const SYDNEY = { locale: 'en-AU', timeZone: 'Australia/Sydney' }

test('an instant is shown in the practice’s zone, not the browser’s', () => {
  expect(dateAndTime('2026-11-23T21:00:00.000000Z', SYDNEY)).toBe('24 Nov 2026, 8:00 am')
})

test('a calendar day stays that day in every zone', () => {
  expect(dayText('2026-11-24', 'en-AU')).toBe('24 Nov 2026')
})

test('today is the day on the practice’s wall', () => {
  expect(dayAt(new Date('2026-11-23T13:30:00Z'), 'Australia/Sydney')).toBe('2026-11-24')
  expect(dayAt(new Date('2026-11-23T12:30:00Z'), 'Australia/Sydney')).toBe('2026-11-23')
})

test('days are added across months and the end of daylight saving', () => {
  expect(addDays('2026-02-28', 1)).toBe('2026-03-01')
  expect(addDays('2026-04-05', 1)).toBe('2026-04-06')
  expect(addDays('2026-01-01', -1)).toBe('2025-12-31')
})

test('time since and until is in words', () => {
  const now = new Date('2026-11-24T10:00:00Z')
  expect(relative('2026-11-24T09:57:00Z', now, 'en')).toBe('3 minutes ago')
  expect(relative('2026-11-24T10:20:00Z', now, 'en')).toBe('in 20 minutes')
  expect(relative('2026-11-22T09:00:00Z', now, 'en')).toBe('2 days ago')
  expect(relative('2026-11-24T10:00:00Z', now, 'en')).toBe('now')
})

test('a day begins at midnight of the practice, also on the night the clocks change', () => {
  expect(dayStart('2026-11-24', 'Australia/Sydney')).toBe('2026-11-23T13:00:00.000Z')
  expect(dayStart('2026-10-04', 'Australia/Sydney')).toBe('2026-10-03T14:00:00.000Z')
  expect(dayStart('2026-10-05', 'Australia/Sydney')).toBe('2026-10-04T13:00:00.000Z')
  expect(dayStart('2026-07-01', 'America/New_York')).toBe('2026-07-01T04:00:00.000Z')
})
