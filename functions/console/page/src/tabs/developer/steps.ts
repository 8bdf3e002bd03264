import { dayAt, dayStart } from '../../lib/dates'
import type { PageSettings } from '../../settings'
import type { Call } from './snippets'

const HOUR = 3_600_000
const PATIENT = 'p-100'
const APPOINTMENT = 'apt-2001'

export type StepId = 'patient' | 'appointment' | 'create' | 'read'

/** What the practice's app calls, in this order. `timeZone` is the practice's; the appointment is today at ten. */
export function stepCalls(origin: string, timeZone: string, now: Date): Record<StepId, Call> {
  const morning = Date.parse(dayStart(dayAt(now, timeZone), timeZone)) + 10 * HOUR
  return {
    patient: {
      method: 'PUT',
      url: `${origin}/clinic/patients/${PATIENT}`,
      body: { first_name: 'Ada', last_name: 'Example', reference: 'AE1', email: 'ada@example.com' },
    },
    appointment: {
      method: 'PUT',
      url: `${origin}/clinic/appointments/${APPOINTMENT}`,
      body: {
        patient_id: PATIENT,
        starts_at: new Date(morning).toISOString(),
        status: 'completed',
        line_items: [{ service_code: 'consult', description: 'Consultation', unit_amount: '95.00' }],
      },
    },
    create: {
      method: 'POST',
      url: `${origin}/xero/invoices/create_invoice/`,
      body: { appointment_id: APPOINTMENT },
    },
    read: { method: 'GET', url: `${origin}/xero/invoices/${APPOINTMENT}/` },
  }
}

/** How the token gets into the environment; the same for all languages, since it is a shell's work. */
export function tokenCode(settings: PageSettings, practiceId: string): string {
  if (settings.rehearsal_url) return `export TOKEN=$(make -s token PRACTICE=${practiceId} ROLE=app)`
  return [
    `ENDPOINT=$(curl -sS '${settings.issuer.replace(/\/$/, '')}/.well-known/openid-configuration' |`,
    `  python3 -c 'import json, sys; print(json.load(sys.stdin)["token_endpoint"])')`,
    'export TOKEN=$(curl -sS "$ENDPOINT" -d grant_type=client_credentials \\',
    `  -d "client_id=$CLIENT_ID" -d "client_secret=$CLIENT_SECRET" -d 'audience=${settings.audience}' |`,
    `  python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')`,
  ].join('\n')
}

