import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useSignedIn } from '../../api/context'
import { texts } from '../../texts'
import { actionsOf, isDraft, type ActionId, type Row } from './actions'

const words = texts.invoices

/** The likeliest action as a button, the others in a menu. */
export function RowActions(props: { row: Row; who: string; busy: boolean; onPress: (action: ActionId) => void }) {
  const { person } = useSignedIn()
  const [first, ...others] = actionsOf(props.row, person)
  if (!first) return null
  return (
    <div className="row-actions">
      <Button
        size="compact-sm"
        variant={props.row.needs_you || first === 'create' ? 'filled' : props.row.state === 'paid' ? 'subtle' : 'light'}
        loading={props.busy}
        aria-label={words.actionFor(labelOf(first, props.row), props.who)}
        onClick={() => props.onPress(first)}
      >
        {labelOf(first, props.row)}
      </Button>
      {others.length > 0 && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size={26} aria-label={words.moreFor(props.who)}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {others.map((action) => (
              <Menu.Item key={action} onClick={() => props.onPress(action)}>
                {labelOf(action, props.row)}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  )
}

export function labelOf(action: ActionId, row: Row): string {
  return action === 'void' && isDraft(row) ? words.actions.delete : words.actions[action]
}
