import '../../ui/list.css'
import { Button } from '@mantine/core'
import { IconCalendarOff, IconFileInvoice } from '@tabler/icons-react'
import { useState } from 'react'
import { useJob, type Job } from '../../api/jobs'
import { usePlace, useRefreshAll } from '../../api/queries'
import { dayAt } from '../../lib/dates'
import { texts } from '../../texts'
import { Empty } from '../../ui/Empty'
import { JobPanel } from '../../ui/JobPanel'
import { ListCard } from '../../ui/ListCard'
import { Pager } from '../../ui/Pager'
import { TabPage } from '../../ui/TabPage'
import type { ActionId, Row } from './actions'
import { AppointmentTable } from './AppointmentTable'
import { ChosenBar, PeriodDialog } from './Bulk'
import { ASKING, Dialogs } from './Dialogs'
import { Filters, type View } from './Filters'
import { periodOf } from './period'
import { NO_FILTER, useAppointments, usePlaces, type Filter } from './queries'
import { useAct, type Act } from './useAct'

const words = texts.invoices
/** As many as the server takes by name. */
const MOST_CHOSEN = 500

export default function Invoices() {
  const { timeZone } = usePlace()
  const [moved, setView] = useState<View | null>(null)
  const view: View = moved ?? { day: dayAt(new Date(), timeZone), span: 'day', filter: NO_FILTER }
  const period = periodOf(view.day, view.span)
  const list = useAppointments(period, view.filter)
  const job = useJob('create_all')
  const refreshAll = useRefreshAll()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [wholePeriod, setWholePeriod] = useState(false)
  const rows = list.items ?? []

  function choose(ids: string[], yes: boolean) {
    const next = new Set(chosen)
    for (const id of ids) {
      if (!yes) next.delete(id)
      else if (next.size < MOST_CHOSEN) next.add(id)
    }
    setChosen(next)
  }

  function started(begun: Job) {
    setChosen(new Set())
    setWholePeriod(false)
    job.keep(begun)
    void refreshAll()
  }

  const { asked, act, press, dismiss } = usePressing()
  const showing = { asked, busy: act.isPending, onClose: dismiss }
  return (
    <TabPage
      title={texts.shell.tabs.invoices}
      intro={words.intro}
      aside={
        <Button
          variant="default"
          leftSection={<IconFileInvoice size={18} aria-hidden />}
          onClick={() => setWholePeriod(true)}
        >
          {words.createAll}
        </Button>
      }
    >
      <JobPanel title={words.jobTitle} watched={job} />
      <Filters view={view} onChange={setView} {...usePlaceChoices(rows, view.filter)} />
      <ListCard list={list} nothing={<Nothing filtered={view.filter !== NO_FILTER} />}>
        <AppointmentTable
          rows={rows}
          oneDay={view.span === 'day' && !view.filter.search}
          chosen={chosen}
          onChoose={choose}
          busyId={act.isPending ? act.variables.row.appointment_id : null}
          onPress={press}
        />
      </ListCard>
      <Pager number={list.number} back={list.back} forward={list.forward} />
      <ChosenBar ids={[...chosen]} onStarted={started} onClear={() => setChosen(new Set())} />
      {asked && <Dialogs {...showing} asked={asked} onAct={act.mutate} />}
      {wholePeriod && (
        <PeriodDialog
          period={period}
          clinic={view.filter.clinic}
          onStarted={started}
          onClose={() => setWholePeriod(false)}
        />
      )}
    </TabPage>
  )
}

/** An action that asks something opens its dialog, which stays until it is carried out; the others just run. */
function usePressing() {
  const [asked, setAsked] = useState<{ action: ActionId; row: Row } | null>(null)
  const acting = useAct()
  const dismiss = () => {
    setAsked(null)
    acting.reset()
  }
  const mutate = (act: Act) => acting.mutate(act, { onSuccess: dismiss })
  const press = (action: ActionId, row: Row) => {
    acting.reset()
    if (ASKING.includes(action)) setAsked({ action, row })
    else acting.mutate({ action, row })
  }
  return { asked, act: { ...acting, mutate }, press, dismiss }
}

/** Those with a mapping, those of the rows shown, and the one that is chosen. */
function usePlaceChoices(rows: Row[], filter: Filter) {
  const { clinics, practitioners } = usePlaces()
  const sorted = (ids: (string | null)[]) =>
    [...new Set(ids.filter((id): id is string => Boolean(id)))].sort((a, b) => a.localeCompare(b))
  return {
    clinics: sorted([...clinics, ...rows.map((row) => row.clinic_id), filter.clinic]),
    practitioners: sorted([...practitioners, ...rows.map((row) => row.practitioner_id), filter.practitioner]),
  }
}

function Nothing({ filtered }: { filtered: boolean }) {
  return (
    <Empty
      icon={IconCalendarOff}
      title={filtered ? words.noneMatch : words.none}
      text={filtered ? words.noneMatchText : words.noneText}
    />
  )
}
