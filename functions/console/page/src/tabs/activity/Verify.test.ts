import { expect, test } from 'vitest'
import { joined } from './Verify'

const part = { whole: true, blocks: 1, late: [], first_block: 1, last_block: 2, last_hash: 'ab' }

test('parts of a long log make one answer', () => {
  const problem = { kind: 'changed', sentence: 'An entry was changed', block: 2, entry: 'x' }
  const first = { ...part, entries: 40, problems: [], sealed_until: '2026-11-24T00:00:00Z', next_block: 2 }
  const last = { ...part, entries: 2, problems: [problem], sealed_until: '2026-11-25T00:00:00Z', next_block: null }
  expect(joined([first, last])).toEqual({ entries: 42, problems: [problem], sealed_until: '2026-11-25T00:00:00Z' })
  expect(joined([])).toEqual({ entries: 0, problems: [], sealed_until: null })
})
