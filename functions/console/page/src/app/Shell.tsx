import { Container, Group, Skeleton, Text } from '@mantine/core'
import { useNetwork } from '@mantine/hooks'
import { IconWifiOff } from '@tabler/icons-react'
import { Suspense } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import { useSignedIn } from '../api/context'
import { useAttention, useStatus } from '../api/queries'
import { atLeast } from '../auth/person'
import icon from '../icon.svg'
import { TABS } from '../tabs'
import { texts } from '../texts'
import { Boundary } from '../ui/Boundary'
import { Rows } from '../ui/Rows'
import { StatusPill, type PillState } from '../ui/StatusPill'
import { TabPage } from '../ui/TabPage'
import { PersonMenu } from './PersonMenu'

const MAIN = 'content'

export function Shell() {
  const { online } = useNetwork()
  return (
    <>
      <a className="skip" href={`#${MAIN}`}>
        {texts.shell.skip}
      </a>
      <header className="head">
        <Container size="xl">
          <Group justify="space-between" wrap="nowrap" className="head-row">
            <Organisation />
            <PersonMenu />
          </Group>
          <Sections />
        </Container>
      </header>
      {!online && (
        <div className="offline" role="status">
          <IconWifiOff size={18} aria-hidden /> {texts.problems.offline}
        </div>
      )}
      <Container size="xl" component="main" id={MAIN} className="main" tabIndex={-1}>
        <Boundary>
          <Suspense fallback={<Rows />}>
            <Switch>
              {TABS.map(({ id, component }) => (
                <Route key={id} path={id === 'overview' ? /^\/(overview)?\/?$/ : `/${id}`} component={component} />
              ))}
              <Route>
                <TabPage title={texts.problems.nothingHere}>
                  <Link href="/">{texts.problems.toOverview}</Link>
                </TabPage>
              </Route>
            </Switch>
          </Suspense>
        </Boundary>
      </Container>
    </>
  )
}

/** The name in large letters: connecting the wrong organisation is the commonest mistake. */
function Organisation() {
  const { data: status } = useStatus()
  const { data: attention } = useAttention()
  const state: PillState | null = status
    ? status.status === 'connected' && attention?.items.length
      ? 'needs_attention'
      : (status.status as PillState)
    : null
  return (
    <Group gap="md" wrap="nowrap" className="organisation">
      <img src={icon} alt="" width={40} height={40} />
      <div>
        <Text size="xs" c="dimmed" lh={1.2}>
          {texts.shell.product}
        </Text>
        {status ? (
          <p className="organisation-name" data-testid="organisation">
            {status.tenant_name ?? texts.shell.notConnected}
          </p>
        ) : (
          <Skeleton height={24} width={220} mt={4} />
        )}
      </div>
      {state && <StatusPill state={state} />}
    </Group>
  )
}

function Sections() {
  const [location] = useLocation()
  const { person } = useSignedIn()
  const current = location === '/' ? 'overview' : location.split('/')[1]
  return (
    <nav aria-label={texts.shell.sections} className="sections">
      {TABS.filter(({ least }) => !least || atLeast(person, least)).map(({ id, icon: Icon }) => (
        <Link
          key={id}
          href={id === 'overview' ? '/' : `/${id}`}
          aria-current={current === id ? 'page' : undefined}
          className="section"
        >
          <Icon size={18} stroke={1.75} aria-hidden />
          {texts.shell.tabs[id]}
        </Link>
      ))}
    </nav>
  )
}
