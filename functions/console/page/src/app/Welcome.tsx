import { Alert, Button, Paper, Stack, Text, Title } from '@mantine/core'
import { IconLogin2 } from '@tabler/icons-react'
import { useState } from 'react'
import type { Session, Start } from '../auth/session'
import icon from '../icon.svg'
import { texts } from '../texts'
import { sayProblem } from '../ui/notify'
import { Problem } from '../api/problem'

/** Before sign-in. */
export function Welcome({ session, start }: { session: Session; start: Start }) {
  const [leaving, setLeaving] = useState(false)

  async function act(what: () => Promise<void>) {
    setLeaving(true)
    try {
      await what()
    } catch {
      setLeaving(false)
      sayProblem(new Problem(0, 'sign_in', texts.problems.unreachable))
    }
  }

  const noRole = start.kind === 'no-role'
  return (
    <main className="welcome">
      <Paper radius="xl" p={{ base: 'xl', sm: 48 }} maw={560} withBorder className="welcome-card">
        <Stack gap="lg" align="flex-start">
          <img src={icon} alt="" width={56} height={56} />
          <div>
            <Text c="dimmed" fw={600} mb={4}>
              {texts.shell.product}
            </Text>
            <Title order={1}>{texts.shell.welcomeTitle}</Title>
          </div>
          <Text size="lg" c="dimmed">
            {texts.shell.welcome}
          </Text>
          {start.kind === 'signed-out' && start.failed && (
            <Alert color="orange" role="alert">
              {texts.problems.signInFailed}
            </Alert>
          )}
          {noRole && (
            <Alert color="orange" role="alert">
              {texts.problems.noRole}
            </Alert>
          )}
          <Button
            size="lg"
            loading={leaving}
            leftSection={<IconLogin2 size={20} aria-hidden />}
            onClick={() => void act(() => (noRole ? session.signOut() : session.signIn()))}
          >
            {noRole ? texts.shell.signOut : texts.shell.signIn}
          </Button>
        </Stack>
      </Paper>
    </main>
  )
}
