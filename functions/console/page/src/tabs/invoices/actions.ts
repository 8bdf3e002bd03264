import type { Schemas } from '../../api/client'
import { atLeast, type Person } from '../../auth/person'
import { isPositive } from '../../lib/money'

export type Row = Schemas['AppointmentShown']

export type ActionId =
  | 'create'
  | 'preview'
  | 'approve'
  | 'payment'
  | 'email'
  | 'update'
  | 'correct'
  | 'void'
  | 'credit'
  | 'refund'
  | 'acceptTotal'
  | 'sync'
  | 'online'
  | 'note'
  | 'retry'
  | 'stop'

const UNAPPROVED = ['DRAFT', 'SUBMITTED']
const APPROVED = ['AUTHORISED', 'PAID']
const BOOKKEEPING: ActionId[] = ['approve', 'update', 'correct', 'void', 'credit', 'refund', 'acceptTotal']
/** The corrections that the server proposes, as actions. */
const PROPOSED: Record<string, ActionId> = {
  update: 'update',
  delete: 'void',
  void: 'void',
  credit: 'credit',
  correct: 'correct',
}

/** What may be pressed for a row by this person, the most likely first; the server has the last word. */
export function actionsOf(row: Row, person: Person): ActionId[] {
  const found = [...urgent(row), ...usual(row)]
  const may = (action: ActionId) => !BOOKKEEPING.includes(action) || atLeast(person, 'bookkeeper')
  return [...new Set(found)].filter(may)
}

/** An invoice that is over leaves the appointment free for a new one. */
export function isLiving(row: Row): boolean {
  return row.invoice !== null && !['VOIDED', 'DELETED'].includes(row.invoice.status)
}

/** May be chosen for bulk work: to be invoiced, and nothing is under way. */
export function isCreatable(row: Row): boolean {
  if (isLiving(row) || (row.operation?.kind === 'invoice_create' && row.operation.next_attempt_at)) return false
  return row.state === 'not_invoiced' || (row.state === 'cancelled' && row.status === 'completed')
}

export function isDraft(row: Row): boolean {
  return row.invoice !== null && UNAPPROVED.includes(row.invoice.status)
}

function urgent(row: Row): ActionId[] {
  const found: ActionId[] = []
  if (row.operation && !row.operation.next_attempt_at) found.push('retry')
  const proposal = row.invoice?.difference?.proposal
  if (proposal && PROPOSED[proposal]) found.push(PROPOSED[proposal])
  if (row.invoice?.total_differs && isLiving(row)) found.push('acceptTotal')
  return found
}

function usual(row: Row): ActionId[] {
  const found: ActionId[] = []
  if (isLiving(row) && row.invoice) found.push(...withInvoice(row, row.invoice))
  else if (row.status !== 'cancelled') {
    if (row.operation?.kind !== 'invoice_create') found.push('create')
    found.push(...underWay(row), 'preview')
  }
  found.push(...underWay(row))
  if (row.invoice) found.push('sync')
  return found
}

function underWay({ operation }: Row): ActionId[] {
  if (!operation) return []
  return ['pending', 'failed'].includes(operation.status) ? ['retry', 'stop'] : ['retry']
}

function withInvoice(row: Row, invoice: Schemas['Invoice']): ActionId[] {
  if (UNAPPROVED.includes(invoice.status)) return ['approve', 'update', 'void', 'note']
  if (row.state === 'cancelled') return ['correct', 'note'] // cancelled by a credit note already
  const applied = isPositive(invoice.amount_paid) || isPositive(invoice.amount_credited)
  const found: ActionId[] = isPositive(invoice.amount_due) ? ['payment'] : []
  if (APPROVED.includes(invoice.status)) {
    if (!invoice.emailed_at) found.push('email')
    found.push('online')
  }
  if (!applied) found.push('update', 'void')
  if (isPositive(invoice.amount_paid)) found.push('refund')
  found.push('credit', 'correct', 'note')
  return found
}
