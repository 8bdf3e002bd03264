import type { ReactNode } from 'react'

export type Tone = 'good' | 'warn' | 'bad' | 'off' | 'info'

/** A small word of state in a table. */
export function Tag({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`tag pill-${tone}`}>{children}</span>
}
