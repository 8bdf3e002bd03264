import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { answersOf, callsOf, contentOf, matching, parametersOf, typeOf, type Description } from './description'

const ours = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../../../openapi.json', import.meta.url)), 'utf8'),
) as Description
const calls = callsOf(ours)
const find = (id: string) => calls.find((call) => call.id === id) ?? expect.fail(id)

test('every call is there, with its method, and found by its words', () => {
  expect(calls.length).toBe(Object.values(ours.paths).flatMap((methods) => Object.keys(methods)).length)
  expect(matching(calls, 'post create_invoice').map(({ path }) => path)).toEqual(['/xero/invoices/create_invoice/'])
  expect(matching(calls, '')).toHaveLength(calls.length)
  expect(matching(calls, 'nothing of ours')).toEqual([])
})

test('a body names the fields of what is inside it', () => {
  const body = contentOf(find('records_put_appointment').operation.requestBody, ours)
  expect(body?.fields).toContainEqual(
    expect.objectContaining({ name: 'line_items[].unit_amount', required: true, type: 'number or string' }),
  )
  expect(body?.fields).toContainEqual(expect.objectContaining({ name: 'status', fallback: '"booked"' }))
})

test('answers are told apart from problems', () => {
  const { good, problems } = answersOf(find('invoices_create_invoice'), ours)
  expect(good.map(({ status }) => status)).toEqual(['200', '201', '202'])
  expect(good[0]?.content?.fields.map(({ name }) => name)).toContain('amount_due')
  expect(problems.map(({ status }) => status)).toContain('422')
})

test('parameters say where they go', () => {
  expect(parametersOf(find('activity_logs'), ours)).toContainEqual(
    expect.objectContaining({ name: 'outcome', place: 'query', type: '"ok" | "waiting" | "failed" or null' }),
  )
})

test('types in words', () => {
  expect(typeOf({ type: 'integer', minimum: 1, maximum: 200 })).toBe('integer, 1 to 200')
  expect(typeOf({ type: 'array', items: { $ref: '#/components/schemas/Job' } })).toBe('list of Job')
  expect(typeOf({})).toBe('anything')
})

test('a schema that holds itself ends', () => {
  const all: Description = {
    paths: {},
    components: { schemas: { Node: { properties: { next: { $ref: '#/components/schemas/Node' } } } } },
  }
  const content = { content: { 'application/json': { schema: { $ref: '#/components/schemas/Node' } } } }
  expect(contentOf(content, all)?.fields.map(({ name }) => name)).toEqual(['next', 'next.next', 'next.next.next'])
})
