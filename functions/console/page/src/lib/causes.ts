import type { Schemas } from '../api/client'

type Cause = Schemas['Cause']

/** What mends a cause of attention: the buttons to show, in their order. */
export type Remedy = 'connect' | 'choose' | 'webhook' | 'completeness' | 'invoices' | 'mappings' | 'retry'

/** Refused for something that is chosen in the mappings: there it is mended, then it is tried again. */
const BY_MAPPING: Remedy[] = ['mappings', 'retry']
/** Each invoice offers there what fits it: update, void, credit, accept the total. */
const BY_INVOICE: Remedy[] = ['invoices']

/** Every cause that the interface knows; `tests/unit/test_causes.py` compares. */
const REMEDIES: Record<string, Remedy[]> = {
  'connection.choosing': ['choose'],
  'connection.revoked': ['connect'],
  'connection.tokens_missing': ['connect'],
  'connection.insufficient_scope': ['connect'],
  'connection.wrong_organisation': ['connect'],
  'webhook.silent': ['webhook'],
  completeness: ['completeness'],
  'changed.update': BY_INVOICE,
  'changed.delete': BY_INVOICE,
  'changed.void': BY_INVOICE,
  'changed.credit': BY_INVOICE,
  'changed.correct': BY_INVOICE,
  total_differs: BY_INVOICE,
  invalid_input: BY_MAPPING,
  account_invalid: BY_MAPPING,
  tax_type_invalid: BY_MAPPING,
  tracking_invalid: BY_MAPPING,
  bank_account_unconfirmed: BY_MAPPING,
  mapping_archived: BY_MAPPING,
  has_payments: ['invoices', 'retry'],
  refund_exceeds_paid: ['invoices', 'retry'],
  total_held: ['invoices', 'retry'],
  changed_in_xero: ['invoices', 'retry'],
  contact_archived: ['retry'],
  locked_period: ['retry'],
  health_identifier: ['retry'],
  currency_not_enabled: ['retry'],
  plan_limit: ['retry'],
  maybe_done: ['retry'],
}

/** A refusal without an entry of its own is told with Xero's reason: it is corrected there or here, then tried again. */
export function remediesOf(cause: string): Remedy[] {
  return REMEDIES[cause] ?? ['retry']
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
