import { IconAlertTriangle, IconCircleCheck, IconPlugOff } from '@tabler/icons-react'
import { texts } from '../texts'

const LOOK = {
  connected: { icon: IconCircleCheck, tone: 'good' },
  needs_attention: { icon: IconAlertTriangle, tone: 'warn' },
  disconnected: { icon: IconPlugOff, tone: 'off' },
} as const

export type PillState = keyof typeof LOOK

/** The one pill: by icon, word and colour, never by colour alone. */
export function StatusPill({ state }: { state: PillState }) {
  const { icon: Icon, tone } = LOOK[state]
  return (
    <span className={`pill pill-${tone}`} role="status">
      <Icon size={18} aria-hidden />
      {texts.shell.pill[state]}
    </span>
  )
}
