import type { Schemas } from '../api/client'

type Cause = Schemas['Cause']

/** What mends a cause of attention: the button to show. */
export type Remedy = 'connect' | 'choose' | 'webhook' | 'completeness' | 'invoices' | 'retry'

/** Refused for something that is chosen in the mappings: there it is mended, then it is tried again. */
const BY_MAPPING = [
  'account_invalid',
  'bank_account_unconfirmed',
  'invalid_input',
  'mapping_archived',
  'tax_type_invalid',
  'tracking_invalid',
]

export function remedyOf(cause: string): Remedy {
  if (cause === 'connection.choosing') return 'choose'
  if (cause.startsWith('connection.')) return 'connect'
  if (cause.startsWith('webhook.')) return 'webhook'
  if (cause === 'completeness') return 'completeness'
  // Each invoice offers there what fits it: update, void, credit, accept the total.
  if (cause.startsWith('changed.') || cause === 'total_differs') return 'invoices'
  return 'retry'
}

export function isMendedByMapping(cause: string): boolean {
  return BY_MAPPING.includes(cause)
}

export interface Waiting {
  id: string
  kind: string
  about: string
  reason: string
}

/** The documents behind a cause, as one line each: what it is, which appointment or patient, and why. */
export function waitingOf(cause: Cause): Waiting[] {
  const operations = cause.operations.map((operation) => {
    const subject = operation.subject as Record<string, string> | undefined
    return {
      id: text(operation.operation_id),
      kind: text(operation.kind),
      about: subject?.appointment_id ?? subject?.patient_id ?? Object.values(subject ?? {})[0] ?? '',
      reason: text(operation.reason),
    }
  })
  const invoices = (cause.invoices ?? []).map((invoice) => ({
    id: text(invoice.appointment_id),
    kind: 'invoice_create',
    about: text(invoice.appointment_id),
    reason: text(invoice.sentence),
  }))
  return [...operations, ...invoices]
}

/** How many documents or connections wait for a person, over all causes. */
export function countOf(causes: Cause[]): number {
  return causes.reduce((sum, cause) => sum + cause.count, 0)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
