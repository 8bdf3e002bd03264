import type { Schemas } from '../../api/client'
import { texts } from '../../texts'
import type { Tone } from '../../ui/Tag'

export type Patient = Schemas['PatientShown']

interface Standing {
  tags: [Tone, string][]
  /** One for each special case: what it means and what to press. */
  sentences: string[]
  needsYou: boolean
}

const TONES: Record<string, Tone> = { linked: 'good', not_sent: 'off', archived: 'bad', erased: 'off' }

export function standingOf(row: Patient): Standing {
  const { states, explain } = texts.contacts
  const waits = row.operation !== null && row.operation.next_attempt_at !== null
  const failed = row.operation !== null && !waits
  const word = (states as Record<string, string>)[row.state] ?? row.state
  const tags: [Tone, string][] = [[TONES[row.state] ?? 'off', word]]
  const sentences: string[] = []
  if (failed) tags.push(['bad', states.needsYou])
  if (waits) tags.push(['info', states.waiting])
  if (row.state === 'archived') sentences.push(explain.archived)
  if (row.state === 'erased') sentences.push(explain.erased)
  if (row.behind && row.state !== 'archived') {
    tags.push(['warn', states.behind])
    sentences.push(explain.behind)
  }
  if (row.same_name && row.state !== 'erased') {
    tags.push(['info', states.sameName])
    sentences.push(explain.sameName)
  }
  if (row.merged) {
    tags.push(['info', states.merged])
    sentences.push(explain.merged)
  }
  return { tags, sentences, needsYou: failed || row.state === 'archived' }
}
