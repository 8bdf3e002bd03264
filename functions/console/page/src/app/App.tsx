import { Center, Container, Loader, MantineProvider } from '@mantine/core'
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { makeApi } from '../api/client'
import { SignedInProvider, type SignedIn } from '../api/context'
import { Problem } from '../api/problem'
import { Session, type Start } from '../auth/session'
import { fetchSettings } from '../settings'
import { texts } from '../texts'
import { theme } from '../theme'
import { Boundary } from '../ui/Boundary'
import { sayProblem } from '../ui/notify'
import { Notices } from '../ui/Notices'
import { ProblemNotice } from '../ui/ProblemNotice'
import { Shell } from './Shell'
import { Welcome } from './Welcome'

const RETRIES = 2

const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2000,
      retry: (count, error) => count < RETRIES && (!(error instanceof Problem) || error.passing),
      retryDelay: (count) => 500 * 2 ** count,
    },
    // A change that cannot be made now says so, instead of waiting unseen for the connection.
    mutations: { networkMode: 'always' },
  },
  mutationCache: new MutationCache({ onError: sayProblem }),
})

type State =
  | { kind: 'starting' }
  | { kind: 'failed'; error: Error }
  | { kind: 'welcome'; session: Session; start: Start }
  | { kind: 'in'; value: SignedIn }

async function begin(): Promise<State> {
  try {
    const settings = await fetchSettings()
    const session = new Session(settings)
    const start = await session.start()
    if (start.kind === 'leaving') return { kind: 'starting' }
    if (start.kind !== 'signed-in') return { kind: 'welcome', session, start }
    return { kind: 'in', value: { api: makeApi(session), session, person: start.person, settings } }
  } catch {
    return { kind: 'failed', error: new Problem(0, 'start', texts.problems.startFailed) }
  }
}

/** Once per load: the answer of the sign-in page can be taken up once only. */
let begun: Promise<State> | null = null

export function App({ nonce }: { nonce: string }) {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Notices />
      <Boundary>
        <QueryClientProvider client={queryClient}>
          <Start />
        </QueryClientProvider>
      </Boundary>
    </MantineProvider>
  )
}

function Start() {
  const [state, setState] = useState<State>({ kind: 'starting' })
  useEffect(() => {
    let shown = true
    begun ??= begin()
    void begun.then((next) => shown && setState(next))
    return () => {
      shown = false
    }
  }, [])
  switch (state.kind) {
    case 'starting':
      return (
        <Center h="100vh">
          <Loader aria-label={texts.shell.loading} />
        </Center>
      )
    case 'failed':
      return (
        <Container size="sm" py="xl" component="main">
          <ProblemNotice error={state.error} retry={() => window.location.reload()} />
        </Container>
      )
    case 'welcome':
      return <Welcome session={state.session} start={state.start} />
    case 'in':
      return (
        <SignedInProvider value={state.value}>
          <Shell />
        </SignedInProvider>
      )
  }
}
