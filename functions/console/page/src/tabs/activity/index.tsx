import { Group, Switch, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconHistory } from '@tabler/icons-react'
import { useState } from 'react'
import { texts } from '../../texts'
import { Empty } from '../../ui/Empty'
import '../../ui/list.css'
import { Pager } from '../../ui/Pager'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { TabPage } from '../../ui/TabPage'
import { NO_FILTERS, useLog, type Entry } from './data'
import { EntryDrawer } from './EntryDrawer'
import { EntryTable, isNew } from './EntryTable'
import { Filters } from './Filters'
import { useVerify, VerifyButton, VerifyResult } from './Verify'
import './activity.css'

const words = texts.activity
const TYPING_PAUSE = 300

export default function Activity() {
  const [filters, setFilters] = useState(NO_FILTERS)
  const [asked] = useDebouncedValue(filters, TYPING_PAUSE)
  const [live, setLive] = useState(true)
  const [opened, setOpened] = useState<Entry | null>(null)
  const log = useLog(asked, live)
  const verify = useVerify()
  const people = usePeople(log.items)
  const shownFrom = useFirstSeen(log.items)
  const filtered = Object.values(asked).some(Boolean)
  const fresh = log.items?.filter((entry) => isNew(entry, shownFrom)).length ?? 0

  return (
    <TabPage
      title={texts.shell.tabs.activity}
      intro={words.intro}
      aside={
        <Group>
          <VerifyButton verify={verify} />
          <Switch
            label={words.live}
            aria-description={words.liveText}
            checked={live}
            onChange={(event) => setLive(event.currentTarget.checked)}
          />
        </Group>
      }
    >
      <VerifyResult verify={verify} />
      <Filters chosen={filters} people={people} choose={setFilters} />
      <VisuallyHidden role="status">{fresh > 0 ? words.newEntries(fresh) : ''}</VisuallyHidden>
      {log.error && !log.items ? <ProblemNotice error={log.error} retry={() => void log.refetch()} /> : null}
      {log.isPending ? <Rows count={8} height={56} /> : null}
      {log.items?.length === 0 ? (
        <Empty
          icon={IconHistory}
          title={filtered ? words.noneMatch : words.none}
          text={filtered ? undefined : words.noneText}
        />
      ) : null}
      {log.items?.length ? <EntryTable entries={log.items} shownFrom={shownFrom} open={setOpened} /> : null}
      <Group justify="center">
        <Pager number={log.number} back={log.back} forward={log.forward} />
      </Group>
      <EntryDrawer entry={opened} close={() => setOpened(null)} />
    </TabPage>
  )
}

/** Everybody whom the list has shown so far: there is no other list of people. */
function usePeople(entries: Entry[] | undefined): { value: string; label: string }[] {
  const [known, setKnown] = useState<Record<string, string>>({})
  const unknown = entries?.filter(({ actor }) => !(actor.subject in known)) ?? []
  if (unknown.length > 0) {
    setKnown({ ...known, ...Object.fromEntries(unknown.map(({ actor }) => [actor.subject, actor.name])) })
  }
  return Object.entries(known)
    .map(([value, label]) => ({ value, label }))
    .sort((one, other) => one.label.localeCompare(other.label))
}

/** The newest entry that was there when the tab was opened; null until that is known. */
function useFirstSeen(entries: Entry[] | undefined): string | null {
  const [first, setFirst] = useState<string | null>(null)
  if (first === null && entries) setFirst(entries[0]?.at ?? '')
  return first
}
