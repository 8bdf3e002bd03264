import { Button, Card, Group, List, Progress, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { data } from '../api/client'
import { useSignedIn } from '../api/context'
import { isRunning, percentOf, type Job, type useJob } from '../api/jobs'
import { usePlace, useRefreshAll } from '../api/queries'
import { timeOfDay } from '../lib/dates'
import { texts } from '../texts'
import { ProblemNotice } from './ProblemNotice'

const PROBLEMS_SHOWN = 10

/** How a bulk job is getting on, also after a reload; it goes on by itself whether anybody looks or not. */
export function JobPanel({ title, watched }: { title: string; watched: ReturnType<typeof useJob> }) {
  const { job, error } = watched
  const refreshAll = useRefreshAll()
  const ran = useRef(false)
  useEffect(() => {
    if (!job) return
    if (ran.current && !isRunning(job)) void refreshAll()
    ran.current = isRunning(job)
  }, [job, refreshAll])
  if (watched.id === null) return null
  if (error && !job) return <ProblemNotice error={error} retry={() => void watched.refetch()} />
  if (!job) return null
  return (
    <Card component="section" aria-label={title}>
      <Text fw={600}>{title}</Text>
      <Bar job={job} title={title} />
      <Text size="sm" role="status">
        {job.sentence}
      </Text>
      <End job={job} />
      <Problems job={job} />
      <Buttons watched={watched} job={job} />
    </Card>
  )
}

function Bar({ job, title }: { job: Job; title: string }) {
  const percent = percentOf(job)
  return (
    <Progress.Root size="xl" radius="xl" my="xs">
      <Progress.Section
        value={percent ?? 100}
        animated={percent === null}
        striped={percent === null}
        aria-label={title}
        aria-valuetext={job.sentence}
      />
    </Progress.Root>
  )
}

function End({ job }: { job: Job }) {
  const place = usePlace()
  if (!isRunning(job)) return null
  return (
    <Text size="sm" c="dimmed">
      {job.estimated_end ? texts.shell.job.endsAt(timeOfDay(job.estimated_end, place)) : null} {texts.shell.job.leave}
    </Text>
  )
}

function Problems({ job }: { job: Job }) {
  if (job.problems.length === 0) return null
  const more = job.problems.length - PROBLEMS_SHOWN
  return (
    <List size="sm" mt="xs">
      {job.problems.slice(0, PROBLEMS_SHOWN).map(({ id, reason }) => (
        <List.Item key={String(id)}>
          <strong>{String(id)}</strong>: {String(reason)}
        </List.Item>
      ))}
      {more > 0 && <List.Item>{texts.shell.job.more(more)}</List.Item>}
    </List>
  )
}

function Buttons({ watched, job }: { watched: ReturnType<typeof useJob>; job: Job }) {
  const { api } = useSignedIn()
  const options = { params: { path: { id: job.job_id } }, body: {} }
  const turn = useMutation({
    mutationFn: (to: 'cancel' | 'resume') =>
      data(to === 'cancel' ? api.POST('/xero/jobs/{id}/cancel/', options) : api.POST('/xero/jobs/{id}/resume/', options)),
    onSettled: () => watched.refetch(),
  })
  return (
    <Group gap="xs" mt="sm">
      {job.status === 'running' && (
        <Button size="compact-md" variant="default" loading={turn.isPending} onClick={() => turn.mutate('cancel')}>
          {texts.shell.job.cancel}
        </Button>
      )}
      {job.status === 'cancelled' && (
        <Button size="compact-md" loading={turn.isPending} onClick={() => turn.mutate('resume')}>
          {texts.shell.job.resume}
        </Button>
      )}
      {!isRunning(job) && (
        <Button size="compact-md" variant="subtle" onClick={() => watched.keep(null)}>
          {texts.shell.job.hide}
        </Button>
      )}
    </Group>
  )
}
