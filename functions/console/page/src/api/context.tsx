import { createContext, useContext } from 'react'
import type { Person } from '../auth/person'
import type { Session } from '../auth/session'
import type { PageSettings } from '../settings'
import type { Api } from './client'

export interface SignedIn {
  api: Api
  session: Session
  person: Person
  settings: PageSettings
}

const Context = createContext<SignedIn | null>(null)

export const SignedInProvider = Context.Provider

/** Who is signed in, and the interface as this person may call it. */
export function useSignedIn(): SignedIn {
  const value = useContext(Context)
  if (!value) throw new Error('nobody is signed in')
  return value
}
