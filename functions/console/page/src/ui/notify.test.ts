import { afterEach, expect, test, vi } from 'vitest'
import { Problem } from '../api/problem'
import { closeNotice, currentNotices, sayDone, sayProblem, watchNotices } from './notify'

const messages = () => currentNotices().map(({ message }) => message)

afterEach(() => {
  for (const { id } of currentNotices()) closeNotice(id)
  vi.useRealTimers()
})

test('what is done goes by itself, a problem stays until it is closed', () => {
  vi.useFakeTimers()
  sayDone('Saved')
  sayProblem(new Problem(422, 'invalid_input', 'Not saved.', [{ field: 'date', message: 'is locked' }], 'r-1'))
  expect(messages()).toEqual(['Saved', 'Not saved. date: is locked (For support: request r-1)'])
  vi.advanceTimersByTime(60_000)
  expect(currentNotices().map(({ kind }) => kind)).toEqual(['problem'])
})

test('a sixth takes the place of the oldest, and who watches hears of each', () => {
  const heard = vi.fn()
  const stop = watchNotices(heard)
  for (const number of [1, 2, 3, 4, 5, 6]) sayDone(String(number))
  stop()
  sayDone('7')
  expect(heard).toHaveBeenCalledTimes(6)
  expect(messages()).toEqual(['3', '4', '5', '6', '7'])
})
