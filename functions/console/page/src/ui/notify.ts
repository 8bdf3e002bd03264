import { Problem } from '../api/problem'
import { texts } from '../texts'

/** What a press has led to, said at the edge of the page (`Notices`). */
export interface Notice {
  id: number
  message: string
  kind: 'done' | 'problem'
}

const DONE_STAYS = 5000
const MOST = 5

let notices: readonly Notice[] = []
let last = 0
const watchers = new Set<() => void>()

export function sayDone(message: string): void {
  const id = say('done', message)
  setTimeout(() => closeNotice(id), DONE_STAYS)
}

/** Stays until it is read: a person may be looking elsewhere. */
export function sayProblem(error: Error): void {
  const problem = error instanceof Problem ? error : null
  const fields = problem?.fields.map(({ field, message }) => `${field}: ${message}`).join('; ')
  const message = [problem?.message ?? texts.problems.unclear, fields].filter(Boolean).join(' ')
  const id = problem?.requestId ? ` (${texts.problems.requestId(problem.requestId)})` : ''
  say('problem', message + id)
}

export function closeNotice(id: number): void {
  show(notices.filter((notice) => notice.id !== id))
}

/** The notices, oldest first; the same array until there is another one or one less. */
export function currentNotices(): readonly Notice[] {
  return notices
}

export function watchNotices(watcher: () => void): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

function say(kind: Notice['kind'], message: string): number {
  last += 1
  show([...notices, { id: last, message, kind }].slice(-MOST))
  return last
}

function show(next: readonly Notice[]): void {
  notices = next
  for (const watcher of watchers) watcher()
}
