import './list.css'
import { Table } from '@mantine/core'
import type { ReactNode } from 'react'

/**
 * A table whose rows become cards on a phone: each cell says there by ``data-label`` which column it is. ``amounts``
 * names the columns that are set to the right.
 */
export function StackedTable(props: {
  label: string
  columns: string[]
  amounts?: string[]
  children: ReactNode
}) {
  return (
    <Table className="list" aria-label={props.label} verticalSpacing="xs">
      <Table.Thead>
        <Table.Tr>
          {props.columns.map((column) => (
            <Table.Th scope="col" key={column} className={props.amounts?.includes(column) ? 'amount' : undefined}>
              {column}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{props.children}</Table.Tbody>
    </Table>
  )
}
