/**
 * The tabs, in their order. A new one: a folder here whose `index.tsx` exports the component as default, a line below,
 * its name in `texts/en/shell.ts`, and its address in the console function's table of routes (a test compares).
 */
import { IconHome, type Icon } from '@tabler/icons-react'
import { lazy, type ComponentType } from 'react'
import type { texts } from '../texts'

export interface Tab {
  id: keyof typeof texts.shell.tabs
  icon: Icon
  component: ComponentType
}

export const TABS: Tab[] = [
  { id: 'overview', icon: IconHome, component: lazy(() => import('./overview')) },
]
