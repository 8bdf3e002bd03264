export interface Change {
  field: string
  before: string
  after: string
}

type Values = Record<string, unknown> | null | undefined

/** What an entry's `before` and `after` say, field by field; a field that stayed as it was is left out. */
export function changesOf(before: Values, after: Values): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return fields
    .map((field) => ({ field, before: shown(before?.[field]), after: shown(after?.[field]) }))
    .filter((change) => change.before !== change.after)
}

function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return ''
  if (typeof value === 'string') return value
  return JSON.stringify(value, null, 1)
}
