import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { Place } from '../lib/dates'
import { localeFor } from '../lib/money'
import { data, type Api } from './client'
import { useSignedIn } from './context'

/** How often what changes by itself is looked at, in milliseconds; a hidden tab does not look. */
const STATUS_EVERY = 10_000
const ATTENTION_EVERY = 15_000
const OVERVIEW_EVERY = 10_000

export function useStatus() {
  const { api } = useSignedIn()
  return useQuery({
    queryKey: ['status'],
    queryFn: () => data(api.GET('/xero/connections/status/')),
    refetchInterval: STATUS_EVERY,
  })
}

export function useAttention() {
  const { api } = useSignedIn()
  return useQuery({
    queryKey: ['attention'],
    queryFn: () => data(api.GET('/xero/attention/')),
    refetchInterval: ATTENTION_EVERY,
  })
}

export function useOverview() {
  const { api } = useSignedIn()
  return useQuery({
    queryKey: ['overview'],
    queryFn: () => data(api.GET('/xero/overview/')),
    refetchInterval: OVERVIEW_EVERY,
  })
}

/** The settings with what belongs to them; tabs take their part by ``select``, so that all of them share one answer. */
export const settingsQuery = (api: Api) => ({
  queryKey: ['settings'],
  queryFn: () => data(api.GET('/xero/settings/')),
})

/** The practice's zone, currency and locale; the browser's while they are not known yet. */
export function usePlace(): Place & { currency: string | null } {
  const { data: overview } = useOverview()
  const currency = overview?.currency ?? null
  return {
    currency,
    locale: localeFor(currency),
    timeZone: overview?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
}

/** After something was changed: everything on the page is asked anew. */
export function useRefreshAll(): () => Promise<void> {
  const client = useQueryClient()
  return useCallback(() => client.invalidateQueries(), [client])
}
