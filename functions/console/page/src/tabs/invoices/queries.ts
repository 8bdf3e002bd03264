import { useQuery } from '@tanstack/react-query'
import { data } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { usePages } from '../../api/pages'
import { settingsQuery } from '../../api/queries'
import { texts } from '../../texts'
import type { Row } from './actions'
import { createBody } from './useAct'
import type { Period } from './period'

export type Show = keyof typeof texts.invoices.shows

export interface Filter {
  show: Show
  clinic: string
  practitioner: string
  search: string
}

export const NO_FILTER: Filter = { show: 'all', clinic: '', practitioner: '', search: '' }
const ROWS = 50

export function useAppointments(period: Period, filter: Filter) {
  const { api } = useSignedIn()
  const query = {
    ...period,
    limit: ROWS,
    ...(filter.show === 'all' ? {} : { state: filter.show }),
    ...(filter.clinic ? { clinic_id: filter.clinic } : {}),
    ...(filter.practitioner ? { practitioner_id: filter.practitioner } : {}),
    ...(filter.search ? { search: filter.search } : {}),
  }
  return usePages(['appointments', query], (cursor) =>
    data(api.GET('/xero/appointments/', { params: { query: { ...query, ...(cursor ? { cursor } : {}) } } })),
  )
}

/** The clinics and practitioners that have a mapping; those of the rows come to them. */
export function usePlaces(): { clinics: string[]; practitioners: string[] } {
  const { api } = useSignedIn()
  const { data: tracking } = useQuery({
    queryKey: ['tracking'],
    queryFn: () => data(api.GET('/xero/tracking/')),
    staleTime: 60_000,
  })
  const mapped = (kind: string) =>
    (tracking?.items ?? []).filter((item) => item.kind === kind).map((item) => String(item.id))
  return { clinics: mapped('clinic'), practitioners: mapped('practitioner') }
}

/** The document as it would be sent now, made afresh whenever somebody looks. */
export function usePreview(row: Row, date: string | null) {
  const { api } = useSignedIn()
  return useQuery({
    queryKey: ['preview', row.appointment_id, date],
    queryFn: () => data(api.POST('/xero/invoices/preview/', { body: createBody(row, date) })),
    staleTime: 0,
    gcTime: 0,
  })
}

/** How money may come in at the desk: the methods that have an account. */
export function usePaymentMethods() {
  const { api } = useSignedIn()
  return useQuery({
    ...settingsQuery(api),
    select: ({ settings }) => Object.keys((settings.payment_accounts ?? {}) as Record<string, string>).sort(),
  })
}
