import { Button, Card, Group, Stack, Text, Title } from '@mantine/core'
import type { Schemas } from '../../api/client'
import { texts } from '../../texts'
import { AllWell } from '../../ui/AllWell'
import { Tag } from '../../ui/Tag'
import { useMappings } from './context'
import { useSuggestions, type Missing, type PlaceKind } from './data'
import { placeKey, without } from './draft'

const words = texts.mappings

/** What appointments name that nobody has mapped, what most wait for first, with what it may be. */
export function MissingCard() {
  const { missing, lists, mayEdit } = useMappings()
  const suggestions = useSuggestions(mayEdit && lists !== undefined && missing.length > 0)
  if (missing.length === 0) {
    return <AllWell title={words.nothingMissing} text={words.nothingMissingText} />
  }
  return (
    <Card component="section" className="needs-you" aria-labelledby="missing-title">
      <Title order={2} fz="1.1rem" id="missing-title">
        {words.missingTitle(missing.length)}
      </Title>
      {mayEdit && (
        <Text size="sm" c="dimmed">
          {words.missingText}
        </Text>
      )}
      <Stack component="ul" gap={0} p={0} m={0} mt="sm" className="plain-list">
        {missing.map((one) => (
          <OneMissing
            key={`${one.kind}:${one.id}`}
            missing={one}
            offers={suggestions.data?.find(({ kind, id }) => kind === one.kind && id === one.id)}
          />
        ))}
      </Stack>
    </Card>
  )
}

function OneMissing({ missing, offers }: { missing: Missing; offers: Schemas['Suggested'] | undefined }) {
  const { mayEdit, draft, setItem, setPlace } = useMappings()
  const { kind, id, appointments, waiting } = missing
  const what = id === null ? words.noService : `${words.kinds[kind] ?? kind} ${id}`
  const chosen = isChosen(missing, draft)

  function use(offer: Record<string, unknown>) {
    const fields = without(without(offer, 'name'), 'likeness')
    if (kind === 'service') setItem(String(id), fields)
    else setPlace(kind as PlaceKind, String(id), fields)
  }

  return (
    <li className="cause">
      <Group gap="sm">
        <Text fw={600}>{what}</Text>
        {waiting > 0 && <Tag tone="warn">{words.waiting(waiting)}</Tag>}
        {chosen && <Tag tone="info">{words.notSaved}</Tag>}
      </Group>
      <Text size="sm" c="dimmed">
        {words.named(appointments)}
      </Text>
      {mayEdit && (
        <Group gap="xs" mt="xs">
          {(offers?.suggestions ?? []).map((offer) => (
            <Button
              key={JSON.stringify(offer)}
              size="compact-md"
              variant="light"
              aria-label={words.useFor(nameOf(offer), what)}
              title={words.likeness(Number(offer.likeness))}
              onClick={() => use(offer)}
            >
              {words.useIt(nameOf(offer))}
            </Button>
          ))}
          <Button size="compact-md" variant="subtle" aria-label={words.chooseFor(what)} onClick={() => goTo(placeOf(missing))}>
            {words.chooseAnother}
          </Button>
        </Group>
      )}
    </li>
  )
}

function isChosen({ kind, id }: Missing, draft: ReturnType<typeof useMappings>['draft']): boolean {
  if (id === null) return 'default_account_code' in draft.settings
  if (kind === 'service') return id in draft.items
  if (kind === 'payment_method') return Boolean(draft.settings.payment_accounts?.[id])
  return placeKey(kind as PlaceKind, id) in draft.places
}

/** An income account by number and name, a tracking option by its own. */
function nameOf(offer: Record<string, unknown>): string {
  const code = offer.item_code ?? offer.account_code
  return code ? `${String(code)} ${String(offer.name)}` : String(offer.name)
}

/** The id of the drop-down that maps it. */
function placeOf({ kind, id }: Missing): string {
  return id === null ? 'default_account_code' : `${kind}-${id}`
}

function goTo(id: string) {
  const field = document.getElementById(id)
  field?.scrollIntoView({ block: 'center' })
  field?.focus()
}
