/** Reads our OpenAPI description into what the reference shows. Pure; knows the parts of JSON Schema that ours uses. */

export interface Schema {
  $ref?: string
  type?: string
  format?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  default?: unknown
  description?: string
  minimum?: number
  maximum?: number
  maxLength?: number
  maxItems?: number
}

interface Parameter {
  name: string
  in: string
  required?: boolean
  description?: string
  schema?: Schema
}

interface Content {
  description?: string
  content?: Record<string, { schema?: Schema }>
}

interface Operation {
  operationId: string
  tags?: string[]
  summary?: string
  description?: string
  parameters?: Parameter[]
  requestBody?: Content
  responses: Record<string, Content>
}

export interface Description {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

export interface Field {
  name: string
  type: string
  meaning: string
  required: boolean
  place?: string
  fallback?: string
}

export interface ApiCall {
  id: string
  group: string
  method: string
  path: string
  summary: string
  description: string
  operation: Operation
}

const DEEPEST = 3

/** Every call, in the order of the description. */
export function callsOf(description: Description): ApiCall[] {
  return Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      id: operation.operationId,
      group: operation.tags?.[0] ?? '',
      method: method.toUpperCase(),
      path,
      summary: operation.summary ?? '',
      description: operation.description ?? '',
      operation,
    })),
  )
}

/** The calls in which every word of the question stands somewhere: method, path or summary. */
export function matching(calls: ApiCall[], question: string): ApiCall[] {
  const asked = question.toLowerCase().split(/\s+/).filter(Boolean)
  return calls.filter((call) => {
    const text = `${call.method} ${call.path} ${call.summary} ${call.group}`.toLowerCase()
    return asked.every((word) => text.includes(word))
  })
}

export function parametersOf(call: ApiCall, all: Description): Field[] {
  return (call.operation.parameters ?? []).map((parameter) => ({
    ...fieldOf(parameter.name, parameter.schema ?? {}, parameter.required ?? false, all),
    meaning: parameter.description ?? parameter.schema?.description ?? '',
    place: parameter.in,
  }))
}

/** What a body or an answer is made of: its kind of content, what it means, and its fields with those inside them. */
export function contentOf(content: Content | undefined, all: Description) {
  const [kind, { schema = {} } = {}] = Object.entries(content?.content ?? {})[0] ?? []
  if (!kind) return null
  const whole = resolved(schema, all)
  return { kind, type: typeOf(schema), meaning: whole.description ?? '', fields: fieldsOf(whole, all, '', 1) }
}

/** Answers of success with their content; problems are the same everywhere and come as a list of what they mean. */
export function answersOf(call: ApiCall, all: Description) {
  const entries = Object.entries(call.operation.responses)
  return {
    good: entries
      .filter(([status]) => status < '400')
      .map(([status, content]) => ({ status, said: content.description ?? '', content: contentOf(content, all) })),
    problems: entries
      .filter(([status]) => status >= '400')
      .map(([status, content]) => ({ status, said: content.description ?? '' })),
  }
}

export function typeOf(schema: Schema): string {
  if (schema.$ref) return nameOf(schema.$ref)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ')
  if (schema.type === 'array') return `list of ${typeOf(schema.items ?? {})}`
  return [schema.format ?? schema.type ?? 'anything', limits(schema)].filter(Boolean).join(', ')
}

function limits({ type, minimum, maximum, maxLength }: Schema): string {
  if (type === 'integer' && maximum !== undefined) return `${minimum ?? 0} to ${maximum}`
  return maxLength !== undefined ? `at most ${maxLength} characters` : ''
}

function fieldsOf(schema: Schema, all: Description, prefix: string, depth: number): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const field = fieldOf(prefix + name, property, schema.required?.includes(name) ?? false, all)
    const { schema: inside, list } = insideOf(property, all)
    const deeper = inside && depth < DEEPEST ? fieldsOf(inside, all, `${prefix}${name}${list ? '[]' : ''}.`, depth + 1) : []
    return [field, ...deeper]
  })
}

function fieldOf(name: string, schema: Schema, required: boolean, all: Description): Field {
  const fallback = schema.default
  return {
    name,
    type: typeOf(schema),
    meaning: schema.description ?? (schema.$ref ? (resolved(schema, all).description ?? '') : ''),
    required,
    fallback: fallback === undefined || fallback === null ? undefined : JSON.stringify(fallback),
  }
}

/** The object within a property: its own, that of a list, or the one among several possibilities. */
function insideOf(schema: Schema, all: Description): { schema: Schema | null; list: boolean } {
  for (const option of schema.anyOf ?? [schema]) {
    const list = option.type === 'array'
    const inside = resolved(list ? (option.items ?? {}) : option, all)
    if (inside.properties) return { schema: inside, list }
  }
  return { schema: null, list: false }
}

function resolved(schema: Schema, all: Description): Schema {
  return schema.$ref ? (all.components.schemas[nameOf(schema.$ref)] ?? {}) : schema
}

function nameOf(reference: string): string {
  return reference.split('/').at(-1) ?? ''
}
