import { createContext, useContext, useEffect, useMemo, useState } from 'react'
import { useSignedIn } from '../../api/context'
import { atLeast } from '../../auth/person'
import type { Item, Lists, Missing, Place, PlaceKind, Settings } from './data'
import { NOTHING, placeKey, withItem, withPlace, withSettings, type Draft } from './draft'

export interface Stored {
  settings: Settings
  items: Item[]
  missing: Missing[]
  lists: Lists | undefined
  listsPending: boolean
}

export interface Mappings extends Stored {
  mayEdit: boolean
  draft: Draft
  setDraft: (draft: Draft) => void
  /** As it would be after saving. */
  settings: Settings
  itemOf: (code: string) => Item
  placeOf: (kind: PlaceKind, id: string) => Place
  setItem: (code: string, change: Partial<Item>) => void
  setPlace: (kind: PlaceKind, id: string, change: Partial<Place>) => void
  setSettings: (change: Partial<Settings>) => void
}

const Context = createContext<Mappings | null>(null)
export const MappingsProvider = Context.Provider

export function useMappings(): Mappings {
  const value = useContext(Context)
  if (!value) throw new Error('outside of the mappings')
  return value
}

/** What was chosen outlasts a look at another tab; a reload forgets it. */
let kept = NOTHING

export function useMappingsValue({ settings, items, missing, lists, listsPending }: Stored): Mappings {
  const { person } = useSignedIn()
  const mayEdit = atLeast(person, 'bookkeeper')
  const [draft, setDraft] = useState(kept)
  useEffect(() => {
    kept = draft
  }, [draft])
  return useMemo(() => {
    const places = lists?.places ?? []
    return {
      mayEdit,
      draft,
      setDraft,
      items,
      missing,
      lists,
      listsPending,
      settings: { ...settings, ...draft.settings },
      itemOf: (code) =>
        draft.items[code] ?? items.find((one) => one.service_code === code) ?? { service_code: code },
      placeOf: (kind, id) =>
        draft.places[placeKey(kind, id)] ??
        places.find((one) => one.kind === kind && one.id === id) ?? { kind, id },
      setItem: (code, change) => setDraft((now) => withItem(now, items, code, change)),
      setPlace: (kind, id, change) => setDraft((now) => withPlace(now, places, kind, id, change)),
      setSettings: (change) => setDraft((now) => withSettings(now, settings, change)),
    }
  }, [mayEdit, draft, items, missing, lists, listsPending, settings])
}
