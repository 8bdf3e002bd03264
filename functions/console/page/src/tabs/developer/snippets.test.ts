import { expect, test } from 'vitest'
import { snippet } from './snippets'

const call = { method: 'PUT', url: 'https://ledger.example/clinic/patients/p-100', body: { first_name: 'Ada' } } as const

test('curl, ready for a shell', () => {
  expect(snippet('curl', call)).toBe(
    `curl -sS -X PUT 'https://ledger.example/clinic/patients/p-100' \\
  -H "Authorization: Bearer $TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '{
  "first_name": "Ada"
}'`,
  )
})

test('a call without a body has none in any language', () => {
  const reading = { method: 'GET', url: 'https://ledger.example/x/' } as const
  expect(snippet('curl', reading)).not.toContain('-d')
  expect(snippet('python', reading)).not.toContain('json=')
  expect(snippet('javascript', reading)).not.toContain('body')
})

test('the token is read, never written', () => {
  expect(snippet('python', call)).toContain("os.environ['TOKEN']")
  expect(snippet('javascript', call)).toContain('process.env.TOKEN')
})
