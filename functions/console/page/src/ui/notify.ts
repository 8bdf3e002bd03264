import { notifications } from '@mantine/notifications'
import { Problem } from '../api/problem'
import { texts } from '../texts'

const CLOSE = { closeButtonProps: { 'aria-label': texts.shell.close } }

export function sayDone(message: string): void {
  notifications.show({ message, color: 'teal', autoClose: 5000, ...CLOSE })
}

/** Stays until it is read: a person may be looking elsewhere. */
export function sayProblem(error: Error): void {
  const problem = error instanceof Problem ? error : null
  const fields = problem?.fields.map(({ field, message }) => `${field}: ${message}`).join('; ')
  const message = [problem?.message ?? texts.problems.unclear, fields].filter(Boolean).join(' ')
  const id = problem?.requestId ? ` (${texts.problems.requestId(problem.requestId)})` : ''
  notifications.show({ message: message + id, color: 'red', autoClose: false, role: 'alert', ...CLOSE })
}
