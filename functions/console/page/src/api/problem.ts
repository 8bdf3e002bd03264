/** What went wrong with a call, for a person: a sentence, and the id under which the log has it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly fields: { field: string; message: string }[] = [],
    readonly requestId: string | null = null,
  ) {
    super(detail)
    this.name = 'Problem'
  }

  /** Worth another try by itself: the network, or a passing trouble of the server's. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500
  }
}

interface ProblemBody {
  detail?: string
  code?: string
  errors?: { field: string; message: string }[]
  request_id?: string
}

/** Reads problem+json, and anything else that a gateway in between may have answered. */
export function problemOf(body: unknown, response: Response, unclear: string): Problem {
  const said: ProblemBody = typeof body === 'object' && body !== null ? body : {}
  return new Problem(
    response.status,
    said.code ?? `http_${response.status}`,
    said.detail || unclear,
    said.errors ?? [],
    said.request_id ?? response.headers.get('X-Request-Id'),
  )
}
