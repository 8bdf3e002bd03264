import type { ComboboxData } from '@mantine/core'
import type { Lists } from './data'
import type { Option } from './Pick'

export function accountOptions(lists: Lists | undefined, use: 'revenue' | 'payments'): Option[] {
  return (lists?.accounts ?? [])
    .filter((account) => account.usable_for.includes(use))
    .map(({ code, name }) => ({ value: code, label: `${code} ${name}` }))
}

export function taxOptions(lists: Lists | undefined): Option[] {
  return (lists?.taxRates ?? []).map(({ tax_type, name }) => ({ value: tax_type, label: name }))
}

export function productOptions(lists: Lists | undefined): Option[] {
  return (lists?.products ?? []).map(({ code, name }) => ({ value: code, label: `${code} ${name}` }))
}

export function themeOptions(lists: Lists | undefined): Option[] {
  return (lists?.themes ?? []).map(({ theme_id, name }) => ({ value: theme_id, label: name }))
}

export function trackingOptions(lists: Lists | undefined): { options: Option[]; grouped: ComboboxData } {
  const categories = (lists?.categories ?? []).filter((category) => category.status === 'ACTIVE')
  const grouped = categories.map((category) => ({
    group: category.name,
    items: category.options
      .filter((option) => option.status === 'ACTIVE')
      .map(({ option_id, name }) => ({ value: option_id, label: name })),
  }))
  return { options: grouped.flatMap((group) => group.items), grouped }
}

/** An option belongs to one category, and the server wants both. */
export function categoryOf(lists: Lists | undefined, option: string | null): string | undefined {
  return lists?.categories.find((category) => category.options.some((one) => one.option_id === option))?.category_id
}
