/** Amounts are decimal strings from end to end; nothing here makes a number of one, except to draw it. */

const LOCALES: Record<string, string> = {
  AUD: 'en-AU',
  CAD: 'en-CA',
  EUR: 'en-IE',
  GBP: 'en-GB',
  NZD: 'en-NZ',
  SGD: 'en-SG',
  USD: 'en-US',
  ZAR: 'en-ZA',
}

/** The practice's locale, by the currency of its books; the browser's until that is known. */
export function localeFor(currency: string | null | undefined): string {
  return (currency && LOCALES[currency]) || navigatorLocale()
}

function navigatorLocale(): string {
  return typeof navigator === 'undefined' ? 'en' : navigator.language || 'en'
}

/** `"1234.50"` in AUD is `$1,234.50`; exact, whatever the size. Text that is no amount comes back as it is. */
export function money(amount: string, currency: string | null | undefined, locale: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(amount)) return amount
  const exact = amount as Intl.StringNumericLiteral
  const options: Intl.NumberFormatOptions = currency
    ? { style: 'currency', currency, currencyDisplay: 'narrowSymbol' }
    : { minimumFractionDigits: 2 }
  return new Intl.NumberFormat(locale, options).format(exact)
}

/** Whether an amount is more than nothing. */
export function isPositive(amount: string): boolean {
  return /[1-9]/.test(amount) && !amount.startsWith('-')
}

/** The height of a bar. Never shown as text: labels and tables show the string. */
export function forDrawing(amount: string): number {
  return Number(amount)
}
