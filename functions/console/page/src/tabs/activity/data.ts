import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { usePages } from '../../api/pages'
import { usePlace } from '../../api/queries'
import { addDays, dayStart } from '../../lib/dates'

export type Entry = Schemas['LogEntry']
export type Operation = Schemas['Operation']

export interface Filters {
  action: string | null
  outcome: Entry['outcome'] | null
  actor: string | null
  appointment: string
  patient: string
  /** Days of the practice's calendar, both included. */
  from: string
  to: string
}

export const NO_FILTERS: Filters = {
  action: null,
  outcome: null,
  actor: null,
  appointment: '',
  patient: '',
  from: '',
  to: '',
}

/** In milliseconds; a hidden tab does not look. */
const LOG_EVERY = 4000
const OPERATION_EVERY = 3000
const PAGE_SIZE = 50
const ENDED = ['done', 'failed', 'cancelled']

export function useLog(filters: Filters, live: boolean) {
  const { api } = useSignedIn()
  const { timeZone } = usePlace()
  const { from, to } = filters
  const query = {
    action: filters.action || undefined,
    outcome: filters.outcome || undefined,
    actor_subject: filters.actor || undefined,
    appointment_id: filters.appointment.trim() || undefined,
    patient_id: filters.patient.trim() || undefined,
    since: from ? dayStart(from, timeZone) : undefined,
    until: to ? dayStart(addDays(to, 1), timeZone) : undefined,
    limit: PAGE_SIZE,
  }
  return usePages(
    ['log', query],
    (cursor) => data(api.GET('/xero/logs/', { params: { query: { ...query, cursor } } })),
    live ? LOG_EVERY : false,
  )
}

/** The write to Xero behind an entry, as it stands now. */
export function useOperation(id: string) {
  const { api } = useSignedIn()
  return useQuery({
    queryKey: ['operation', id],
    queryFn: () => data(api.GET('/xero/operations/{id}/', { params: { path: { id } } })),
    refetchInterval: ({ state }) => (state.data && ENDED.includes(state.data.status) ? false : OPERATION_EVERY),
    placeholderData: keepPreviousData,
  })
}
