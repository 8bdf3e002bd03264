export type Role = 'reception' | 'bookkeeper' | 'owner' | 'app'

export interface Person {
  name: string
  role: Role
  practiceId: string
}

const RANK: Record<Role, number> = { app: 0, reception: 1, bookkeeper: 2, owner: 3 }

/** Decides what is shown only; what is allowed is the server's to say. */
export function atLeast(person: Person, role: Role): boolean {
  return RANK[person.role] >= RANK[role]
}

/** Who a token says this is, or null when it names no practice or no role that exists here. */
export function personOf(
  token: string,
  claims: { practice: string; role: string },
): Person | null {
  const said = payload(token)
  const practiceId = said[claims.practice]
  const role = said[claims.role]
  if (typeof practiceId !== 'string' || typeof role !== 'string' || !(role in RANK)) return null
  const name = [said.name, said.email, said.sub].find((value) => typeof value === 'string')
  return { name: String(name ?? ''), role: role as Role, practiceId }
}

function payload(token: string): Record<string, unknown> {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')
    const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0))
    return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>
  } catch {
    return {}
  }
}
