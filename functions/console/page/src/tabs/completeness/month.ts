/** Months as `2026-11`; days as everywhere `2026-11-24`. */
import { addDays } from '../../lib/dates'

export function monthOf(day: string): string {
  return day.slice(0, 7)
}

/** `by` months later, or earlier when it is negative. */
export function addMonths(month: string, by: number): string {
  const [year = 0, number = 1] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7)
}

export function daysOf(month: string): { first: string; last: string } {
  return { first: `${month}-01`, last: addDays(`${addMonths(month, 1)}-01`, -1) }
}

/** This month and the `count - 1` before it, the latest first. */
export function monthsBack(month: string, count: number): string[] {
  return Array.from({ length: count }, (_, back) => addMonths(month, -back))
}

/** Its weeks from Monday to Sunday; null for days that are another month's. */
export function weeksOf(month: string): (string | null)[][] {
  const { first, last } = daysOf(month)
  const lead = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7
  const weeks: (string | null)[][] = []
  for (let monday = addDays(first, -lead); monday <= last; monday = addDays(monday, 7)) {
    weeks.push(Array.from({ length: 7 }, (_, add) => addDays(monday, add)).map((day) => (monthOf(day) === month ? day : null)))
  }
  return weeks
}

/** What somebody typed into the address, if it is a month. */
export function monthIn(search: string): string | null {
  const said = new URLSearchParams(search).get('month') ?? ''
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(said) ? said : null
}
