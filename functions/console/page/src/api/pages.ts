import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'

export interface ListPage<Item> {
  items: Item[]
  next_cursor?: string | null
}

/** A page of a list that changes by itself is asked for again, in milliseconds; a hidden tab does not ask. */
const PAGE_EVERY = 10_000
/** A filter may leave nothing of what one call looked through; so many calls are made before that is shown. */
const CALLS = 20

/**
 * One page of a list at a time, as the server pages it. `key` names the list and its filters: with another one it
 * begins anew, and the old rows stay until the new ones are there.
 */
export function usePages<Item>(
  key: unknown[],
  fetchPage: (cursor: string | undefined) => Promise<ListPage<Item>>,
  every: number | false = PAGE_EVERY,
) {
  const list = JSON.stringify(key)
  const [place, setPlace] = useState<{ list: string; cursors: string[] }>({ list, cursors: [] })
  const cursors = place.list === list ? place.cursors : []
  const query = useQuery({
    queryKey: [...key, cursors.at(-1) ?? null],
    queryFn: () => firstRows(fetchPage, cursors.at(-1)),
    refetchInterval: every,
    placeholderData: keepPreviousData,
  })
  const next = query.data?.next_cursor
  return {
    ...query,
    items: query.data?.items,
    number: cursors.length + 1,
    forward: next ? () => setPlace({ list, cursors: [...cursors, next] }) : null,
    back: cursors.length > 0 ? () => setPlace({ list, cursors: cursors.slice(0, -1) }) : null,
  }
}

async function firstRows<Item>(
  fetchPage: (cursor: string | undefined) => Promise<ListPage<Item>>,
  cursor: string | undefined,
): Promise<ListPage<Item>> {
  let page = await fetchPage(cursor)
  for (let call = 1; call < CALLS && page.items.length === 0 && page.next_cursor; call += 1) {
    page = await fetchPage(page.next_cursor)
  }
  return page
}
