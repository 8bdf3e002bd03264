import './mappings.css'
import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { IconInfoCircle, IconPlugOff, IconRefresh } from '@tabler/icons-react'
import { Link } from 'wouter'
import { Problem } from '../../api/problem'
import { texts } from '../../texts'
import { Moment } from '../../ui/Moment'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { TabPage } from '../../ui/TabPage'
import { Clone } from './Clone'
import { MappingsProvider, useMappingsValue, type Stored } from './context'
import { useLists, useReadAgain, useSetUp } from './data'
import { Documents } from './Documents'
import { MissingCard } from './MissingCard'
import { Payments } from './Payments'
import { Places } from './Places'
import { SaveBar } from './SaveBar'
import { Services } from './Services'

const words = texts.mappings

export default function Mappings() {
  const { settings, items, missing } = useSetUp()
  const lists = useLists()
  const readAgain = useReadAgain()
  const failed = [settings, items, missing].find((query) => query.error && !query.data)
  const known = settings.data && items.data && missing.data

  return (
    <TabPage
      title={texts.shell.tabs.mappings}
      intro={words.intro}
      aside={
        <Group gap="sm">
          {lists.data && (
            <Text size="sm" c="dimmed">
              {words.listsOf} <Moment at={lists.data.fetchedAt} since />
            </Text>
          )}
          <Button
            variant="default"
            leftSection={<IconRefresh size={18} aria-hidden />}
            loading={readAgain.isPending}
            onClick={() => readAgain.mutate()}
          >
            {words.readAgain}
          </Button>
        </Group>
      }
    >
      {lists.error && !lists.data && <NoLists error={lists.error} retry={() => void lists.refetch()} />}
      {failed?.error && <ProblemNotice error={failed.error} retry={() => void failed.refetch()} />}
      {known && (
        <Everything
          settings={settings.data}
          items={items.data}
          missing={missing.data}
          lists={lists.data}
          listsPending={lists.isPending}
        />
      )}
      {!known && !failed && <Rows count={8} />}
    </TabPage>
  )
}

function NoLists({ error, retry }: { error: Error; retry: () => void }) {
  if (error instanceof Problem && error.code === 'not_connected') {
    return (
      <Alert variant="light" icon={<IconPlugOff aria-hidden />}>
        {words.notConnected} <Link href="/">{texts.problems.toOverview}</Link>
      </Alert>
    )
  }
  return (
    <Stack gap="xs">
      <ProblemNotice error={error} retry={retry} />
      <Text>{words.noLists}</Text>
    </Stack>
  )
}

function Everything(props: Stored) {
  const value = useMappingsValue(props)
  return (
    <MappingsProvider value={value}>
      {!value.mayEdit && (
        <Alert variant="light" icon={<IconInfoCircle aria-hidden />}>
          {words.readOnly}
        </Alert>
      )}
      <MissingCard />
      <Services />
      <Places />
      <Payments />
      <Documents />
      <Clone />
      <SaveBar />
    </MappingsProvider>
  )
}
