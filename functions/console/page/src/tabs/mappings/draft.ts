/** What a person chose and has not saved yet: beside what is stored, never instead of it. */
import type { Item, Missing, Place, PlaceKind, Settings } from './data'

export interface Draft {
  /** By service code. */
  items: Record<string, Item>
  /** By `kind:id`, as the server names them. */
  places: Record<string, Place>
  settings: Partial<Settings>
}

export const NOTHING: Draft = { items: {}, places: {}, settings: {} }

export function placeKey(kind: PlaceKind, id: string): string {
  return `${kind}:${id}`
}

/** How many things would be saved. */
export function countChanges(draft: Draft): number {
  return Object.keys(draft.items).length + Object.keys(draft.places).length + Object.keys(draft.settings).length
}

/** The draft with one service changed; one that is as stored again is no change. */
export function withItem(draft: Draft, stored: Item[], code: string, change: Partial<Item>): Draft {
  const before = stored.find((item) => item.service_code === code) ?? { service_code: code }
  const after = clean({ ...(draft.items[code] ?? before), ...change })
  return { ...draft, items: put(draft.items, code, after, before) }
}

export function withPlace(
  draft: Draft,
  stored: Place[],
  kind: PlaceKind,
  id: string,
  change: Partial<Place>,
): Draft {
  const key = placeKey(kind, id)
  const before = stored.find((place) => place.kind === kind && place.id === id) ?? { kind, id }
  const after = clean({ ...(draft.places[key] ?? before), ...change })
  return { ...draft, places: put(draft.places, key, after, before) }
}

export function withSettings(draft: Draft, stored: Settings, change: Partial<Settings>): Draft {
  const given = Object.entries({ ...draft.settings, ...change })
  const settings = given.filter(([name, value]) => !same(value, stored[name as keyof Settings]))
  return { ...draft, settings: Object.fromEntries(settings) }
}

/** What is in the tables: stored, missing and newly chosen; what something waits for comes first. */
export function codesOf(stored: string[], missing: Missing[], drafted: string[], kind: string): string[] {
  const wanted = missing.filter((one) => one.kind === kind && one.id !== null).map((one) => String(one.id))
  const rest = [...new Set([...stored, ...drafted])].filter((code) => !wanted.includes(code)).sort()
  return [...wanted, ...rest]
}

/** The bodies of the calls; null where there is nothing to say. */
export function bodiesOf(draft: Draft) {
  const items = Object.values(draft.items)
  const places = Object.values(draft.places).map(({ id, kind, tracking_category_id, tracking_option_id, account_code }) =>
    clean({ id, kind, tracking_category_id, tracking_option_id, account_code }),
  )
  return {
    settings: Object.keys(draft.settings).length > 0 ? draft.settings : null,
    items: items.length > 0 ? { items } : null,
    tracking: places.length > 0 ? { items: places } : null,
  }
}

/** All entries but this one. */
export function without<T>(all: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => name !== key))
}

function put<T extends object>(all: Record<string, T>, key: string, after: T, before: T): Record<string, T> {
  const rest = without(all, key)
  return same(picked(after), picked(before)) ? rest : { ...rest, [key]: after }
}

/** Names that come along with an option are the server's to fill in. */
function picked(value: object): object {
  return clean({ ...value, category_name: undefined, option_name: undefined })
}

function clean<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && one !== null && one !== '')) as T
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value) || value === null || typeof value !== 'object') return value ?? null
  return Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
}
