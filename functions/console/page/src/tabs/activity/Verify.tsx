import { Alert, Button, List, Stack, Text } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { texts } from '../../texts'
import { Moment } from '../../ui/Moment'
import { ProblemNotice } from '../../ui/ProblemNotice'

const words = texts.activity.verify
const MOST_SHOWN = 20

type Part = Schemas['VerifiedLog']
export type Verified = Pick<Part, 'entries' | 'problems' | 'sealed_until'>

/** The log held against its seals, part by part until there is none left. */
export function useVerify() {
  const { api } = useSignedIn()
  return useMutation({
    mutationFn: async () => {
      const parts: Part[] = []
      let from: number | null = null
      do {
        const query: { from_block?: number } = from === null ? {} : { from_block: from }
        const part: Part = await data(api.GET('/xero/logs/verify/', { params: { query } }))
        parts.push(part)
        from = part.next_block
      } while (from !== null)
      return joined(parts)
    },
  })
}

export function joined(parts: Part[]): Verified {
  return {
    entries: parts.reduce((sum, part) => sum + part.entries, 0),
    problems: parts.flatMap((part) => part.problems),
    sealed_until: parts.at(-1)?.sealed_until ?? null,
  }
}

export function VerifyButton({ verify }: { verify: ReturnType<typeof useVerify> }) {
  return (
    <Button variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
      {words.button}
    </Button>
  )
}

export function VerifyResult({ verify }: { verify: ReturnType<typeof useVerify> }) {
  if (verify.error) return <ProblemNotice error={verify.error} retry={() => verify.mutate()} />
  if (!verify.data) return null
  const { entries, problems, sealed_until } = verify.data
  if (problems.length === 0) {
    return (
      <Alert color="teal" variant="light" title={words.whole} role="status">
        {sealed_until ? (
          <>
            {words.wholeText(entries)} <Moment at={sealed_until} />
          </>
        ) : (
          words.nothingYet
        )}
      </Alert>
    )
  }
  return (
    <Alert color="red" variant="light" title={words.wrong(problems.length)} role="alert">
      <Stack gap="xs">
        <Text>{words.wrongText}</Text>
        <List size="sm">
          {problems.slice(0, MOST_SHOWN).map((problem, number) => (
            <List.Item key={number}>
              {problem.sentence}
              {problem.entry && <> ({problem.entry})</>}
            </List.Item>
          ))}
        </List>
        {problems.length > MOST_SHOWN && <Text size="sm">{words.more(problems.length - MOST_SHOWN)}</Text>}
      </Stack>
    </Alert>
  )
}
