import { Card, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import { ProblemNotice } from './ProblemNotice'
import { Rows } from './Rows'

interface Asked {
  items: unknown[] | undefined
  isPending: boolean
  error: Error | null
  refetch: () => Promise<unknown>
}

/** A list on its way, one that could not be had, one that is empty, or its rows. */
export function ListCard(props: { list: Asked; nothing: ReactNode; children: ReactNode }) {
  const { items, isPending, error, refetch } = props.list
  return (
    <Card p={0}>
      {isPending && (
        <Stack p="md">
          <Rows />
        </Stack>
      )}
      {error && !items && (
        <Stack p="md">
          <ProblemNotice error={error} retry={() => void refetch()} />
        </Stack>
      )}
      {items?.length === 0 && props.nothing}
      {items && items.length > 0 && props.children}
    </Card>
  )
}
