/** Instants are UTC texts and shown in the practice's zone; days (`2026-11-24`) have no zone and are shown as they are. */

export interface Place {
  locale: string
  timeZone: string
}

export function dateAndTime(instant: string, place: Place): string {
  return format(instant, place, { dateStyle: 'medium', timeStyle: 'short' })
}

export function timeOfDay(instant: string, place: Place): string {
  return format(instant, place, { timeStyle: 'short' })
}

export function exactTime(instant: string, place: Place): string {
  return format(instant, place, { dateStyle: 'full', timeStyle: 'long' })
}

export function dayText(
  day: string,
  locale: string,
  options: Intl.DateTimeFormatOptions = { dateStyle: 'medium' },
): string {
  return new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`))
}

/** The day that a calendar on the practice's wall shows at this moment. */
export function dayAt(moment: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    moment,
  )
}

export function addDays(day: string, count: number): string {
  const moved = new Date(`${day}T00:00:00Z`)
  moved.setUTCDate(moved.getUTCDate() + count)
  return moved.toISOString().slice(0, 10)
}

/** The instant, in UTC, at which this day begins on the practice's wall, also where clocks change that night. */
export function dayStart(day: string, timeZone: string): string {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  let instant = midnight
  for (let round = 0; round < 3; round += 1) instant = midnight - offsetAt(instant, timeZone)
  return new Date(instant).toISOString()
}

/** In milliseconds; positive east of Greenwich. */
function offsetAt(instant: number, timeZone: string): number {
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(instant)
  return Date.parse(`${wall.replace(' ', 'T')}Z`) - instant
}

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
]

/** "3 minutes ago", "in 20 minutes". */
export function relative(instant: string, now: Date, locale: string): string {
  const seconds = Math.round((new Date(instant).getTime() - now.getTime()) / 1000)
  const [unit, size] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ['second', 1]
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

function format(instant: string, place: Place, options: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(place.locale, { ...options, timeZone: place.timeZone }).format(new Date(instant))
}
