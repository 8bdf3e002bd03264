import { useMutation, useQuery } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'
import { daysOf } from './month'

export type Completeness = Schemas['Completeness']
export type Difference = Schemas['DifferenceShown']
export type Table = 'documents' | 'totals'

/** Each comparison asks Xero, so it is made when somebody looks; again by itself only while something is on its way. */
const YOUNG = 60_000
const ON_ITS_WAY_EVERY = 10_000
const ON_ITS_WAY = ['pending', 'sending', 'uncertain']

export function useCompleteness(month: string) {
  const { api } = useSignedIn()
  return useQuery({
    queryKey: ['completeness', month],
    queryFn: () => data(api.GET('/xero/completeness/', { params: { query: daysOf(month) } })),
    staleTime: YOUNG,
    refetchInterval: ({ state }) =>
      state.data?.items.some((item) => ON_ITS_WAY.includes(item.waits_code ?? '')) ? ON_ITS_WAY_EVERY : false,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })
}

/** Which differences: all that is safe, a kind, or single ones. */
export type Choice = { kinds?: string[]; items?: string[] }

export function useRepair(month: string) {
  const { api } = useSignedIn()
  const refreshAll = useRefreshAll()
  return useMutation({
    mutationFn: async (choice: Choice) => {
      const body = { ...daysOf(month), ...choice } as Schemas['RepairIn']
      const repaired = new Map<string, Schemas['RepairShown']>()
      // One call takes up so many. What waits or needs a person comes again with the next, and must not go on for ever.
      for (;;) {
        const before = repaired.size
        const { items, left } = await data(api.POST('/xero/completeness/repair/', { body }))
        for (const item of items) repaired.set(`${item.appointment_id}:${item.invoice_id}`, item)
        if (left === 0 || repaired.size === before) return [...repaired.values()]
      }
    },
    onSuccess: (items) => {
      const count = (outcome: string) => items.filter((item) => item.outcome === outcome).length
      sayDone(texts.completeness.repaired(count('done'), count('waiting'), count('needs_person')))
    },
    onSettled: refreshAll,
  })
}

export function useDownload(month: string) {
  const { api } = useSignedIn()
  return useMutation({
    mutationFn: async (table: Table) => {
      const query = { ...daysOf(month), format: 'csv' as const, table }
      const file = await data(api.GET('/xero/completeness/', { params: { query }, parseAs: 'blob' }))
      keep(file, `${table}-${month}.csv`)
    },
    onSuccess: () => sayDone(texts.completeness.downloaded),
  })
}

function keep(file: Blob, name: string) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
