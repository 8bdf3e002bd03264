import { Tooltip } from '@mantine/core'
import { usePlace } from '../api/queries'
import { dateAndTime, exactTime, relative } from '../lib/dates'
import { texts } from '../texts'

/** An instant in the practice's zone; ``since`` says how long ago instead, and the exact time on hover. */
export function Moment({ at, since = false }: { at: string | null | undefined; since?: boolean }) {
  const place = usePlace()
  if (!at) return <>{texts.shell.never}</>
  return (
    <Tooltip label={exactTime(at, place)}>
      <time dateTime={at}>{since ? relative(at, new Date(), place.locale) : dateAndTime(at, place)}</time>
    </Tooltip>
  )
}
