import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { data } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { atLeast } from '../../auth/person'
import { texts } from '../../texts'
import { Moment } from '../../ui/Moment'
import { sayDone } from '../../ui/notify'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { Tag, type Tone } from '../../ui/Tag'
import { useOperation, type Operation } from './data'

const words = texts.activity
const TONES: Record<string, Tone> = { done: 'good', failed: 'bad', cancelled: 'off' }

/** The write to Xero behind an entry: how it stands now, and what a person may do about it. */
export function OperationBox({ id }: { id: string }) {
  const operation = useOperation(id)
  if (operation.data) return <Standing operation={operation.data} />
  if (operation.error) return <ProblemNotice error={operation.error} retry={() => void operation.refetch()} />
  return <Rows count={1} height={90} />
}

function Standing({ operation }: { operation: Operation }) {
  const { person } = useSignedIn()
  const { status, reason } = operation
  const waits = status === 'pending' || status === 'failed'
  return (
    <Alert color={status === 'failed' ? 'orange' : 'gray'} variant="light" title={words.stateNow} className="standing">
      <Stack gap="xs" align="flex-start">
        <Tag tone={TONES[status] ?? 'warn'}>{words.states[status] ?? status}</Tag>
        {reason && status !== 'done' && <Text>{reason}</Text>}
        {operation.next_attempt_at && (
          <Text size="sm">
            {words.nextAttempt}: <Moment at={operation.next_attempt_at} since />
          </Text>
        )}
        {waits && atLeast(person, 'reception') && <Buttons id={operation.operation_id} />}
      </Stack>
    </Alert>
  )
}

function Buttons({ id }: { id: string }) {
  const { api } = useSignedIn()
  const refreshAll = useRefreshAll()
  const [asking, { open, close }] = useDisclosure()
  const call = { params: { path: { id } }, body: {} }
  const retry = useMutation({
    mutationFn: () => data(api.POST('/xero/operations/{id}/retry/', call)),
    onSuccess: () => sayDone(words.triedAgain),
    onSettled: refreshAll,
  })
  const cancel = useMutation({
    mutationFn: () => data(api.POST('/xero/operations/{id}/cancel/', call)),
    onSuccess: () => sayDone(words.cancelled),
    onSettled: refreshAll,
  })
  if (asking) {
    return (
      <Stack gap="xs" align="flex-start" role="group" aria-label={words.cancel}>
        <Text>{words.cancelSure}</Text>
        <Group gap="xs">
          <Button color="red.8" loading={cancel.isPending} onClick={() => cancel.mutate()} data-autofocus>
            {words.cancelYes}
          </Button>
          <Button variant="default" onClick={close}>
            {texts.shell.cancel}
          </Button>
        </Group>
      </Stack>
    )
  }
  return (
    <Group gap="xs">
      <Button loading={retry.isPending} onClick={() => retry.mutate()}>
        {words.tryAgain}
      </Button>
      <Button variant="default" onClick={open}>
        {words.cancel}
      </Button>
    </Group>
  )
}
