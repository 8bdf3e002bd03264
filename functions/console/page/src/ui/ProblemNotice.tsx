import { Alert, Button, Group, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Problem } from '../api/problem'
import { texts } from '../texts'
import { Copy } from './Copy'

/** A plain sentence, the fields if some are wrong, the id for support, and another try. */
export function ProblemNotice({ error, retry }: { error: Error; retry?: () => void }) {
  const problem = error instanceof Problem ? error : null
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert" className="notice">
      <Stack gap="xs" align="flex-start">
        <Text>{problem ? problem.message : texts.problems.unclear}</Text>
        {problem && problem.fields.length > 0 && (
          <List size="sm">
            {problem.fields.map(({ field, message }) => (
              <List.Item key={field + message}>
                <strong>{field}</strong>: {message}
              </List.Item>
            ))}
          </List>
        )}
        <Group gap="sm">
          {retry && (
            <Button size="compact-md" variant="default" onClick={retry}>
              {texts.problems.tryAgain}
            </Button>
          )}
          {problem?.requestId && (
            <Group gap={4}>
              <Text size="xs">{texts.problems.requestId(problem.requestId)}</Text>
              <Copy value={problem.requestId} />
            </Group>
          )}
        </Group>
      </Stack>
    </Alert>
  )
}
