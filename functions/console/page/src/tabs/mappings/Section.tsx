import { Button, Card, Group, Text, TextInput, Title } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState, type FormEvent, type ReactNode } from 'react'
import { texts } from '../../texts'
import { useMappings } from './context'

export function Section(props: { id: string; title: string; text: string; children: ReactNode }) {
  return (
    <Card component="section" aria-labelledby={`${props.id}-title`}>
      <Title order={2} fz="1.15rem" id={`${props.id}-title`}>
        {props.title}
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {props.text}
      </Text>
      {props.children}
    </Card>
  )
}

/** The ids that the clinic's app uses; ours to take as they are. */
const ID = '[A-Za-z0-9][A-Za-z0-9_.:@\\-]*'

export function AddRow({ label, onAdd }: { label: string; onAdd: (id: string) => void }) {
  const { mayEdit } = useMappings()
  const [id, setId] = useState('')
  if (!mayEdit) return null
  function add(event: FormEvent) {
    event.preventDefault()
    onAdd(id.trim())
    setId('')
  }
  return (
    <form onSubmit={add}>
      <Group gap="xs" align="flex-end" mt="md">
        <TextInput label={label} value={id} onChange={(event) => setId(event.currentTarget.value)} pattern={ID} required withAsterisk={false} maxLength={50} />
        <Button type="submit" variant="default" leftSection={<IconPlus size={16} aria-hidden />} aria-label={`${texts.mappings.add}: ${label}`}>
          {texts.mappings.add}
        </Button>
      </Group>
    </form>
  )
}
