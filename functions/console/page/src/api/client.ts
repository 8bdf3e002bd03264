import createClient, { type Middleware } from 'openapi-fetch'
import type { Session } from '../auth/session'
import { texts } from '../texts'
import { Problem, problemOf } from './problem'
import type { components, paths } from './schema'

export type Schemas = components['schemas']
export type Api = ReturnType<typeof makeApi>

const UNREACHABLE = 0

/** The functions' interface, typed from their own description; every call carries the person's bearer. */
export function makeApi(session: Session) {
  const signing: Middleware = {
    async onRequest({ request }) {
      const token = await session.token()
      if (!token) return new Response(null, { status: 401 }) // the browser is leaving for the sign-in page
      request.headers.set('Authorization', `Bearer ${token}`)
      return request
    },
    async onResponse({ response }) {
      if (response.status === 401) await session.signInAgain()
    },
    onError() {
      return new Problem(UNREACHABLE, 'unreachable', texts.problems.unreachable)
    },
  }
  const client = createClient<paths, 'application/json'>({ baseUrl: window.location.origin })
  client.use(signing)
  return client
}

/** The data of an answer; throws the Problem otherwise. */
export async function data<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data: body, error, response } = await call
  if (response.ok && body !== undefined) return body
  throw problemOf(error, response, texts.problems.unclear)
}

export async function withStatus<T>(
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<{ body: T; status: number }> {
  const answered = await call
  return { body: await data(Promise.resolve(answered)), status: answered.response.status }
}
