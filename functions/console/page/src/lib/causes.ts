import type { Schemas } from '../api/client'

type Cause = Schemas['Cause']

/** What mends a cause of attention: the button to show. */
export type Remedy = 'connect' | 'choose' | 'webhook' | 'retry'

export function remedyOf(cause: string): Remedy {
  if (cause === 'connection.choosing') return 'choose'
  if (cause.startsWith('connection.')) return 'connect'
  if (cause.startsWith('webhook.')) return 'webhook'
  return 'retry'
}

export interface Waiting {
  id: string
  kind: string
  about: string
  reason: string
}

/** The documents behind a cause, as one line each: what it is, which appointment or patient, and why. */
export function waitingOf(cause: Cause): Waiting[] {
  return cause.operations.map((operation) => {
    const subject = operation.subject as Record<string, string> | undefined
    return {
      id: text(operation.operation_id),
      kind: text(operation.kind),
      about: subject?.appointment_id ?? subject?.patient_id ?? Object.values(subject ?? {})[0] ?? '',
      reason: text(operation.reason),
    }
  })
}

/** How many documents or connections wait for a person, over all causes. */
export function countOf(causes: Cause[]): number {
  return causes.reduce((sum, cause) => sum + cause.count, 0)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
