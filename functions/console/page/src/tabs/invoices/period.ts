import { addDays } from '../../lib/dates'

export type Span = 'day' | 'week' | 'month'

export interface Period {
  first: string
  last: string
}

/** The day, its week from Monday, or its month; both ends included. */
export function periodOf(day: string, span: Span): Period {
  if (span === 'day') return { first: day, last: day }
  if (span === 'week') {
    const sinceMonday = (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7
    const first = addDays(day, -sinceMonday)
    return { first, last: addDays(first, 6) }
  }
  const first = `${day.slice(0, 7)}-01`
  const next = `${addDays(first, 31).slice(0, 7)}-01`
  return { first, last: addDays(next, -1) }
}

/** A day in the period before or after the one of `day`. */
export function moved(day: string, span: Span, direction: -1 | 1): string {
  const { first, last } = periodOf(day, span)
  const beside = direction === 1 ? addDays(last, 1) : addDays(first, -1)
  return span === 'month' && direction === -1 ? periodOf(beside, span).first : beside
}
