import { Anchor, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { Problem } from '../../api/problem'
import { texts } from '../../texts'
import { Empty } from '../../ui/Empty'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { CallDetails } from './CallDetails'
import { callsOf, matching, type ApiCall, type Description } from './description'

const words = texts.developer
const ADDRESS = '/openapi.json'

/** The interface description as something to read and to search. */
export function Reference() {
  const description = useQuery({ queryKey: ['openapi'], queryFn: fetchDescription, staleTime: Infinity })
  return (
    <Card component="section">
      <Title order={2} fz="1.2rem">
        {words.referenceTitle}
      </Title>
      <Text c="dimmed" mb="md">
        {words.referenceText} <Anchor href={ADDRESS} underline="always">{words.download}</Anchor>
      </Text>
      {description.isPending && <Rows count={8} />}
      {description.error && <ProblemNotice error={description.error} retry={() => void description.refetch()} />}
      {description.data && <Calls description={description.data} />}
    </Card>
  )
}

function Calls({ description }: { description: Description }) {
  const [typed, setTyped] = useState('')
  const question = useDeferredValue(typed)
  const found = matching(callsOf(description), question)
  const groups = [...new Set(found.map(({ group }) => group))]
  return (
    <Stack gap="lg">
      <TextInput
        type="search"
        label={words.filter}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        description={words.found(found.length)}
        inputWrapperOrder={['label', 'input', 'description']}
        descriptionProps={{ role: 'status' }}
        maw="26rem"
      />
      {found.length === 0 && <Empty icon={IconSearch} title={words.noneMatch} />}
      {groups.map((group) => (
        <section key={group}>
          <Title order={3} fz="1.05rem" mb="xs">
            {words.groups[group] ?? group}
          </Title>
          {found
            .filter((call) => call.group === group)
            .map((call) => (
              <OneCall key={call.id} call={call} description={description} />
            ))}
        </section>
      ))}
    </Stack>
  )
}

function OneCall({ call, description }: { call: ApiCall; description: Description }) {
  const [open, setOpen] = useState(false)
  return (
    <details className="call" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <Group gap="sm" wrap="wrap" component="span">
          <span className="method" data-method={call.method}>
            {call.method}
          </span>
          <code className="path">{call.path}</code>
          <Text component="span" c="dimmed" size="sm">
            {call.summary}
          </Text>
        </Group>
      </summary>
      {open && <CallDetails call={call} description={description} />}
    </details>
  )
}

async function fetchDescription(): Promise<Description> {
  const answer = await fetch(ADDRESS).catch(() => null)
  if (!answer) throw new Problem(0, 'unreachable', texts.problems.unreachable)
  if (!answer.ok) throw new Problem(answer.status, 'openapi', texts.problems.unclear)
  return (await answer.json()) as Description
}
