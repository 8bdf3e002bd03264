/** What the page needs to know before sign-in; `/config.json` of the console function. */
export interface PageSettings {
  issuer: string
  client_id: string
  audience: string
  scopes: string
  practice_claim: string
  role_claim: string
  public_url: string
  /** In a rehearsal only: where a payment is entered as if in Xero. */
  rehearsal_url: string | null
}

export async function fetchSettings(): Promise<PageSettings> {
  const answer = await fetch('/config.json')
  if (!answer.ok) throw new Error(`/config.json answered ${answer.status}`)
  return (await answer.json()) as PageSettings
}
