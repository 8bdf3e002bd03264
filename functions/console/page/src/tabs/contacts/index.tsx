import '../../ui/list.css'
import { Button, Group, Modal, NativeSelect, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconAddressBook, IconUsers } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { data } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useJob } from '../../api/jobs'
import { usePages } from '../../api/pages'
import { texts } from '../../texts'
import { Empty } from '../../ui/Empty'
import { JobPanel } from '../../ui/JobPanel'
import { ListCard } from '../../ui/ListCard'
import { Pager } from '../../ui/Pager'
import { SearchField } from '../../ui/SearchField'
import { TabPage } from '../../ui/TabPage'
import { PatientTable } from './PatientTable'

const words = texts.contacts
const ROWS = 50
type Show = keyof typeof words.shows

export default function Contacts() {
  const [show, setShow] = useState<Show>('all')
  const [search, setSearch] = useState('')
  const list = usePatients(show, search)
  const job = useJob('sync_all')
  return (
    <TabPage title={texts.shell.tabs.contacts} intro={words.intro} aside={<SendAll onStarted={job.keep} />}>
      <JobPanel title={words.jobTitle} watched={job} />
      <section aria-label={words.filters} className="list-tools">
        <NativeSelect
          label={words.show}
          value={show}
          onChange={({ currentTarget }) => setShow(currentTarget.value as Show)}
          data={Object.entries(words.shows).map(([value, label]) => ({ value, label }))}
        />
        <SearchField onSearch={setSearch} label={words.search} hint={words.searchHint} />
      </section>
      <ListCard list={list} nothing={<Nothing filtered={show !== 'all' || search !== ''} />}>
        <PatientTable rows={list.items ?? []} />
      </ListCard>
      <Pager number={list.number} back={list.back} forward={list.forward} />
    </TabPage>
  )
}

function usePatients(show: Show, search: string) {
  const { api } = useSignedIn()
  const query = { limit: ROWS, ...(show === 'all' ? {} : { state: show }), ...(search ? { search } : {}) }
  return usePages(['patients', query], (cursor) =>
    data(api.GET('/xero/contacts/', { params: { query: { ...query, ...(cursor ? { cursor } : {}) } } })),
  )
}

function Nothing({ filtered }: { filtered: boolean }) {
  return (
    <Empty
      icon={IconAddressBook}
      title={filtered ? words.noneMatch : words.none}
      text={filtered ? words.noneMatchText : words.noneText}
    />
  )
}

function SendAll({ onStarted }: { onStarted: ReturnType<typeof useJob>['keep'] }) {
  const { api } = useSignedIn()
  const [opened, { open, close }] = useDisclosure()
  const send = useMutation({
    mutationFn: () => data(api.POST('/xero/contacts/sync_all/', { body: { force_update: false } })),
    onSuccess: (job) => {
      close()
      onStarted(job)
    },
  })
  return (
    <>
      <Button variant="default" leftSection={<IconUsers size={18} aria-hidden />} onClick={open}>
        {words.sendAll}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={words.sendAllTitle}
        closeButtonProps={{ 'aria-label': texts.shell.close }}
      >
        <Text>{words.sendAllText}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {texts.shell.cancel}
          </Button>
          <Button loading={send.isPending} onClick={() => send.mutate()}>
            {words.sendAll}
          </Button>
        </Group>
      </Modal>
    </>
  )
}
