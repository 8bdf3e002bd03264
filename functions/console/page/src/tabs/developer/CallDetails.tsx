import { Stack, Table, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../../texts'
import { answersOf, contentOf, parametersOf, type ApiCall, type Description, type Field } from './description'

const words = texts.developer

/** What a call takes and gives. */
export function CallDetails({ call, description }: { call: ApiCall; description: Description }) {
  const parameters = parametersOf(call, description)
  const body = contentOf(call.operation.requestBody, description)
  const { good, problems } = answersOf(call, description)
  return (
    <Stack gap="md" className="call-details">
      {call.description && <Said>{call.description}</Said>}
      {parameters.length > 0 && (
        <Part title={words.parameters}>
          <Fields of={parameters} label={words.parameters} />
        </Part>
      )}
      {body && (
        <Part title={`${words.body} (${body.kind})`}>
          {body.meaning && <Said>{body.meaning}</Said>}
          <Fields of={body.fields} label={words.body} whole={body.type} />
        </Part>
      )}
      {good.map(({ status, said, content }) => (
        <Part key={status} title={words.answer(status)}>
          {said && <Said>{said}</Said>}
          {content && <Fields of={content.fields} label={words.answer(status)} whole={content.type} />}
        </Part>
      ))}
      {problems.length > 0 && (
        <Part title={words.answers}>
          <Text size="sm">{words.anyAnswer}</Text>
          <dl className="problems">
            {problems.map(({ status, said }) => (
              <div key={status}>
                <dt>{status}</dt>
                <dd>{said}</dd>
              </div>
            ))}
          </dl>
        </Part>
      )}
    </Stack>
  )
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={4} fz=".95rem" mb={4}>
        {title}
      </Title>
      {children}
    </div>
  )
}

/** `whole` is said in place of a table where there are no fields. */
function Fields({ of, label, whole }: { of: Field[]; label: string; whole?: string }) {
  if (of.length === 0) return whole ? <Text size="sm">{`${words.whole}: ${whole}`}</Text> : null
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <div className="scroll" tabIndex={0} role="region" aria-label={label}>
      <Table aria-label={label} fz="sm" className="fields">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.name}</Table.Th>
            <Table.Th scope="col">{words.type}</Table.Th>
            <Table.Th scope="col">{words.meaning}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {of.map((field) => (
            <Table.Tr key={`${field.place ?? ''} ${field.name}`}>
              <Table.Th scope="row">
                <code>{field.name}</code>
              </Table.Th>
              <Table.Td>{field.type}</Table.Td>
              <Table.Td>
                {[
                  field.required ? words.required : '',
                  field.place ? (words.inPlaces[field.place] ?? field.place) : '',
                  field.fallback ? words.unless(field.fallback) : '',
                ]
                  .filter(Boolean)
                  .join(', ')}
                {field.meaning && <Said>{field.meaning}</Said>}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  )
}

/** The description's own words; what it sets between double back-ticks is code. */
function Said({ children }: { children: string }) {
  return (
    <Text size="sm">
      {children.split('``').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))}
    </Text>
  )
}
