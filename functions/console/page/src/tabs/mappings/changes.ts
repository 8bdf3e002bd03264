/** The changes that a dry run shows, as rows for a person: what, as it is, as it would be. */
import { texts } from '../../texts'
import type { AutoApprove, Lists } from './data'

export interface Change {
  field: string
  before: unknown
  after: unknown
}
export interface ChangeRow {
  what: string
  before: string
  after: string
}

const words = texts.mappings
/** Fields of a mapping, and of a setting, that hold something of Xero's lists. */
const CODES: Record<string, 'account' | 'tax' | 'theme'> = {
  account_code: 'account',
  default_account_code: 'account',
  tax_type: 'tax',
  default_tax_type: 'tax',
  branding_theme_id: 'theme',
}
/** The columns of a mapping; the ids of an option say nothing, its name does. */
const PARTS: Record<string, string> = {
  account_code: words.columns.account,
  tax_type: words.columns.tax,
  item_code: words.columns.item,
  description: words.columns.description,
  option_name: words.columns.option,
}

export function settingRows(changes: Change[], lists: Lists | undefined): ChangeRow[] {
  return changes.map(({ field, before, after }) => ({
    what: words.fields[field] ?? field,
    before: said(field, before, lists),
    after: said(field, after, lists),
  }))
}

/** `nameOf` tells a service or place from the field of its change. */
export function mappingRows(
  changes: Change[],
  nameOf: (field: string) => string,
  lists: Lists | undefined,
): ChangeRow[] {
  return changes.flatMap(({ field, before, after }) => {
    const [old, fresh] = [record(before), record(after)]
    return Object.keys(PARTS)
      .filter((part) => old[part] !== fresh[part])
      .map((part) => ({
        what: `${nameOf(field)}: ${PARTS[part]}`,
        before: said(part, old[part], lists),
        after: said(part, fresh[part], lists),
      }))
  })
}

export function accountName(code: string, lists: Lists | undefined): string {
  const account = lists?.accounts.find((one) => one.code === code)
  return account ? `${code} ${account.name}` : code
}

function said(field: string, value: unknown, lists: Lists | undefined): string {
  if (value === null || value === undefined || value === '') return words.notSet
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (field === 'auto_approve') return rule(value as AutoApprove)
  if (Array.isArray(value)) return value.map(String).join(', ') || words.notSet
  if (typeof value === 'object') {
    const pairs = Object.entries(value).map(([method, code]) => `${method}: ${accountName(String(code), lists)}`)
    return pairs.join('; ') || words.notSet
  }
  const text = String(value)
  const known = words.choices[field]?.[text]
  if (known) return known
  switch (CODES[field]) {
    case 'account':
      return accountName(text, lists)
    case 'tax':
      return lists?.taxRates.find((rate) => rate.tax_type === text)?.name ?? text
    case 'theme':
      return lists?.themes.find((theme) => theme.theme_id === text)?.name ?? text
    default:
      return text
  }
}

function rule({ after_hours, up_to, service_codes }: AutoApprove): string {
  return words.rule.said(after_hours, up_to ?? null, service_codes ?? null)
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
