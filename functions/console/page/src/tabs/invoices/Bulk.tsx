import { Button, Group, List, Modal, Paper, Stack, Text } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import type { Job } from '../../api/jobs'
import { usePlace } from '../../api/queries'
import { addDays, dayStart } from '../../lib/dates'
import { texts } from '../../texts'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import type { Period } from './period'

const words = texts.invoices
/** The preview of a period is read page by page; of a long one only the beginning. */
const PREVIEW_PAGE = 200
const PREVIEW_PAGES = 5
const PROBLEMS_SHOWN = 20
const WHOLE: Schemas['CreateAll'] = {
  starts_from: null,
  starts_before: null,
  clinic_id: null,
  appointment_ids: null,
  dry_run: false,
}

export function useCreateAll(onStarted: (job: Job) => void) {
  const { api } = useSignedIn()
  return useMutation({
    mutationFn: (which: Partial<Schemas['CreateAll']>) =>
      data(api.POST('/xero/invoices/create_all/', { body: { ...WHOLE, ...which } })),
    onSuccess: onStarted,
  })
}

/** What was chosen, and the button for it; in sight wherever the list is scrolled to. */
export function ChosenBar(props: { ids: string[]; onStarted: (job: Job) => void; onClear: () => void }) {
  const create = useCreateAll(props.onStarted)
  const count = props.ids.length
  if (count === 0) return null
  return (
    <Paper withBorder p="sm" radius="lg" className="chosen" component="section" aria-label={words.chosen(count)}>
      <Group justify="space-between">
        <Text fw={600} role="status">
          {words.chosen(count)}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={props.onClear}>
            {words.clearChosen}
          </Button>
          <Button loading={create.isPending} onClick={() => create.mutate({ appointment_ids: props.ids })}>
            {words.createChosen(count)}
          </Button>
        </Group>
      </Group>
    </Paper>
  )
}

interface PeriodProps {
  period: Period
  clinic: string
  onStarted: (job: Job) => void
  onClose: () => void
}

/** All of a period at once, after a look at what would be sent and what stands in the way. */
export function PeriodDialog(props: PeriodProps) {
  const { timeZone } = usePlace()
  const create = useCreateAll(props.onStarted)
  const { period, clinic } = props
  const which = {
    starts_from: dayStart(period.first, timeZone),
    starts_before: dayStart(addDays(period.last, 1), timeZone),
    clinic_id: clinic || null,
  }
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={words.createAllTitle}
      size="lg"
      closeButtonProps={{ 'aria-label': texts.shell.close }}
    >
      <Stack gap="md">
        <Foreseen period={period} clinic={clinic} />
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {texts.shell.cancel}
          </Button>
          <Button loading={create.isPending} onClick={() => create.mutate(which)}>
            {words.createAll}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function Foreseen({ period, clinic }: { period: Period; clinic: string }) {
  const { api } = useSignedIn()
  const foreseen = useQuery({
    queryKey: ['preview_all', period, clinic],
    gcTime: 0,
    queryFn: async () => {
      const items: Schemas['PreviewShown'][] = []
      let cursor: string | null = null
      for (let page = 0; page < PREVIEW_PAGES && (page === 0 || cursor); page += 1) {
        const body: Schemas['PreviewAllIn'] = { ...period, clinic_id: clinic || null, limit: PREVIEW_PAGE, cursor }
        const found: Schemas['PreviewAll'] = await data(api.POST('/xero/invoices/preview_all/', { body }))
        items.push(...found.items)
        cursor = found.next_cursor
      }
      return { items, more: cursor !== null }
    },
  })
  if (foreseen.error) return <ProblemNotice error={foreseen.error} retry={() => void foreseen.refetch()} />
  if (!foreseen.data) return <Rows count={3} />
  const bad = foreseen.data.items.filter(({ problems }) => problems.length > 0)
  return (
    <>
      <Text fw={600}>{words.createAllReady(foreseen.data.items.length - bad.length)}</Text>
      {bad.length > 0 && (
        <div>
          <Text>{words.createAllProblems(bad.length)}</Text>
          <List size="sm">
            {bad.slice(0, PROBLEMS_SHOWN).map(({ appointment_id, problems }) => (
              <List.Item key={appointment_id}>
                <strong>{appointment_id}</strong>: {problems.map(({ message }) => message).join('; ')}
              </List.Item>
            ))}
          </List>
        </div>
      )}
      {foreseen.data.more && <Text c="dimmed">{words.createAllMore}</Text>}
    </>
  )
}
