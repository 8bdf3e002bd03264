import { useMutation } from '@tanstack/react-query'
import { withStatus, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { Problem } from '../../api/problem'
import { usePlace, useRefreshAll } from '../../api/queries'
import { timeOfDay } from '../../lib/dates'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'
import type { ActionId, Row } from './actions'

export interface Act {
  action: ActionId
  row: Row
  /** Of void, credit, update, correct; the text of a note. */
  reason?: string | null
  /** A day that a person accepts instead of the appointment's. */
  date?: string | null
  /** Of a payment or refund. */
  money?: { amount: string | null; method: string; reference: string }
}

type Api = ReturnType<typeof useSignedIn>['api']
type Answered = { body: Schemas['Invoice'] | Schemas['Accepted'] | Schemas['Operation']; status: number }

/** Carries an action out and says what became of it: done, or kept and when it goes on. Failures say themselves. */
export function useAct() {
  const { api } = useSignedIn()
  const place = usePlace()
  const refreshAll = useRefreshAll()
  return useMutation({
    mutationFn: async (act: Act) => {
      const answered = await send(api, act)
      const { body } = answered
      if ('operation_id' in body && body.status === 'failed') {
        throw new Problem(answered.status, 'failed', body.reason ?? texts.problems.unclear)
      }
      return answered
    },
    onSuccess: async ({ body }, { action, row }) => {
      sayDone(await sentence(body, action, row, (at) => timeOfDay(at, place)))
      await refreshAll()
    },
    // What failed is kept with its reason, which the row shows.
    onError: () => refreshAll(),
  })
}

async function sentence(body: Answered['body'], action: ActionId, row: Row, time: (at: string) => string) {
  if ('operation_id' in body && !['done', 'cancelled'].includes(body.status)) {
    const goesOn = body.next_attempt_at ? texts.invoices.waitingUntil(time(body.next_attempt_at)) : ''
    return texts.invoices.waiting(`${body.reason ?? ''} ${goesOn}`.trim())
  }
  if ('sentence' in body && body.sentence) return body.sentence
  const number = 'invoice_number' in body ? body.invoice_number : row.invoice?.invoice_number
  const done = texts.invoices.done as Record<string, string | ((what: string) => string)>
  if (action === 'online' && 'online_invoice_url' in body && body.online_invoice_url) {
    await navigator.clipboard.writeText(body.online_invoice_url)
  }
  const said = done[action] ?? ''
  return typeof said === 'string' ? said : said(number ?? row.appointment_id)
}

function send(api: Api, { action, row, reason = null, date = null, money }: Act): Promise<Answered> {
  const id = { params: { path: { id: row.appointment_id } } }
  const operation = { params: { path: { id: row.operation?.operation_id ?? '' } }, body: {} }
  const change = { ...id, body: { line_items: null, use_clinic_tracking: null, date, reason } }
  const taken = money ?? { amount: null, method: '', reference: '' }
  switch (action) {
    case 'create':
    case 'preview':
      return withStatus<Answered['body']>(api.POST('/xero/invoices/create_invoice/', { body: createBody(row, date) }))
    case 'approve':
      return withStatus(api.POST('/xero/invoices/{id}/approve/', { ...id, body: {} }))
    case 'email':
      return withStatus(api.POST('/xero/invoices/{id}/email/', { ...id, body: {} }))
    case 'sync':
      return withStatus(api.POST('/xero/invoices/{id}/sync_status/', { ...id, body: {} }))
    case 'online':
      return withStatus(api.POST('/xero/invoices/{id}/online/', { ...id, body: {} }))
    case 'acceptTotal':
      return withStatus(api.POST('/xero/invoices/{id}/accept_total/', { ...id, body: {} }))
    case 'note':
      return withStatus(api.POST('/xero/invoices/{id}/note/', { ...id, body: { text: reason ?? '' } }))
    case 'void':
      return withStatus(api.POST('/xero/invoices/{id}/void/', { ...id, body: { reason } }))
    case 'credit':
      return withStatus(api.POST('/xero/invoices/{id}/credit/', { ...id, body: { reason } }))
    case 'update':
      return withStatus(api.POST('/xero/invoices/{id}/update/', change))
    case 'correct':
      return withStatus(api.POST('/xero/invoices/{id}/correct/', change))
    case 'payment':
      return withStatus(api.POST('/xero/invoices/{id}/payments/', { ...id, body: taken }))
    case 'refund':
      return withStatus(api.POST('/xero/invoices/{id}/refund/', { ...id, body: taken }))
    case 'retry':
      return withStatus(api.POST('/xero/operations/{id}/retry/', operation))
    case 'stop':
      return withStatus(api.POST('/xero/operations/{id}/cancel/', operation))
  }
}

/** Lines and tracking as the appointment and the settings have them. */
export function createBody(row: Row, date: string | null): Schemas['CreateInvoice'] {
  return { appointment_id: row.appointment_id, line_items: null, use_clinic_tracking: null, date }
}
