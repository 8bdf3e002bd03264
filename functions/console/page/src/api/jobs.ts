import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { data, type Schemas } from './client'
import { useSignedIn } from './context'
import { Problem } from './problem'

export type Job = Schemas['Job']

const RUNNING_EVERY = 1500

export function isRunning(job: Job): boolean {
  return job.status === 'running' || job.status === 'cancelling'
}

/** How much of it has ended, in percent; null while it is not known yet how much there is. */
export function percentOf(job: Job): number | null {
  const ended = job.done + job.failed + job.cancelled
  const all = ended + job.waiting
  if (job.status === 'done' || job.status === 'cancelled') return 100
  return all === 0 ? null : Math.floor((ended / all) * 100)
}

/**
 * The bulk job that this browser tab started last, by `kind`. Its id is kept in sessionStorage, so that its progress
 * is there again after a reload; the job itself needs no browser.
 */
export function useJob(kind: 'create_all' | 'sync_all') {
  const { api, person } = useSignedIn()
  const place = `clinic-ledger.job.${kind}.${person.practiceId}`
  const [id, setId] = useState(() => window.sessionStorage.getItem(place))
  const query = useQuery({
    queryKey: ['job', id],
    enabled: id !== null,
    queryFn: () => data(api.GET('/xero/jobs/{id}/', { params: { path: { id: id ?? '' } } })),
    refetchInterval: ({ state }) => (state.data && !isRunning(state.data) ? false : RUNNING_EVERY),
  })

  function keep(job: Job | null) {
    if (job) window.sessionStorage.setItem(place, job.job_id)
    else window.sessionStorage.removeItem(place)
    setId(job ? job.job_id : null)
  }

  const gone = query.error instanceof Problem && query.error.status === 404
  return { id: gone ? null : id, job: query.data, error: gone ? null : query.error, keep, refetch: query.refetch }
}
