import { expect, test } from 'vitest'
import { isPositive, localeFor, money } from './money'

test('amounts keep every digit, also those a float would lose', () => {
  expect(money('1234.50', 'AUD', 'en-AU')).toBe('$1,234.50')
  expect(money('9007199254740993.15', 'AUD', 'en-AU')).toBe('$9,007,199,254,740,993.15')
  expect(money('0.10', 'NZD', 'en-NZ')).toBe('$0.10')
  expect(money('-12.00', 'GBP', 'en-GB')).toBe('-£12.00')
})

test('without a currency there are two decimals and no sign', () => {
  expect(money('1500', null, 'en-AU')).toBe('1,500.00')
})

test('what is no amount is shown as it came', () => {
  expect(money('', 'AUD', 'en-AU')).toBe('')
  expect(money('n/a', 'AUD', 'en-AU')).toBe('n/a')
})

test('positive means more than nothing', () => {
  expect(['0.01', '10.00', '0.00', '0', '-1.00'].map(isPositive)).toEqual([true, true, false, false, false])
})

test('the locale follows the books', () => {
  expect(localeFor('AUD')).toBe('en-AU')
  expect(localeFor('NZD')).toBe('en-NZ')
  expect(localeFor(null)).toMatch(/^[a-z]{2}/)
})
