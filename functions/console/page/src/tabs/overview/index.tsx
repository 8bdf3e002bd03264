import { Grid, Stack, Text, VisuallyHidden } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { Schemas } from '../../api/client'
import { useAttention, useOverview, useStatus } from '../../api/queries'
import { isPositive } from '../../lib/money'
import { texts } from '../../texts'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { TabPage } from '../../ui/TabPage'
import { ConnectionCard } from './ConnectionCard'
import { NeedsYou } from './NeedsYou'
import { Returned } from './Returned'
import { Steps } from './Steps'

// Drawing is half a megabyte of code: it comes after everything that has words.
const Figures = lazy(() => import('./Figures'))

export default function Overview() {
  const status = useStatus()
  const attention = useAttention()
  const overview = useOverview()
  const paid = overview.data?.weeks.some((week) => isPositive(week.paid)) ?? false

  return (
    <TabPage title={texts.shell.tabs.overview}>
      {status.data && <Returned status={status.data} />}
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          {status.data ? <ConnectionCard status={status.data} /> : null}
          {status.error && !status.data ? (
            <ProblemNotice error={status.error} retry={() => void status.refetch()} />
          ) : null}
          {status.isPending ? <Rows count={4} /> : null}
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Stack gap="lg">
            {attention.data ? <NeedsYou causes={attention.data.items} /> : null}
            {attention.error && !attention.data ? (
              <ProblemNotice error={attention.error} retry={() => void attention.refetch()} />
            ) : null}
            {attention.isPending ? <Rows count={2} /> : null}
            {status.data && overview.data && !paid ? (
              <Steps status={status.data} overview={overview.data} />
            ) : null}
          </Stack>
        </Grid.Col>
      </Grid>
      <section>
        <VisuallyHidden component="h2">{texts.overview.figures}</VisuallyHidden>
        {overview.data && !anyFigures(overview.data) ? (
          <Text c="dimmed" ta="center" py="xl">
            {texts.overview.noFigures}
          </Text>
        ) : null}
        {overview.data && anyFigures(overview.data) ? (
          <Suspense fallback={<Rows count={3} height={120} />}>
            <Figures overview={overview.data} />
          </Suspense>
        ) : null}
        {overview.error && !overview.data ? (
          <ProblemNotice error={overview.error} retry={() => void overview.refetch()} />
        ) : null}
        {overview.isPending ? <Rows count={3} height={120} /> : null}
      </section>
    </TabPage>
  )
}

function anyFigures({ weeks, ageing }: Schemas['Overview']): boolean {
  return (
    weeks.some((week) => isPositive(week.invoiced) || isPositive(week.draft)) || ageing.some((row) => row.count > 0)
  )
}
