/**
 * The tabs, in their order. A new one: a folder here whose `index.tsx` exports the component as default, a line below,
 * its name in `texts/en/shell.ts`, and its address in the console function's table of routes (a test compares).
 */
import { IconAddressBook, IconAdjustments, IconCode, IconDatabase, IconFileInvoice, IconHistory, IconHome, IconScale, type Icon } from '@tabler/icons-react'
import { lazy, type ComponentType } from 'react'
import type { Role } from '../auth/person'
import type { texts } from '../texts'

export interface Tab {
  id: keyof typeof texts.shell.tabs
  icon: Icon
  component: ComponentType
  /** Who sees it; everybody when it is left out. What may be read there is the server's to say. */
  least?: Role
}

export const TABS: Tab[] = [
  { id: 'overview', icon: IconHome, component: lazy(() => import('./overview')) },
  { id: 'invoices', icon: IconFileInvoice, component: lazy(() => import('./invoices')) },
  { id: 'contacts', icon: IconAddressBook, component: lazy(() => import('./contacts')) },
  { id: 'mappings', icon: IconAdjustments, component: lazy(() => import('./mappings')) },
  { id: 'completeness', icon: IconScale, component: lazy(() => import('./completeness')) },
  { id: 'activity', icon: IconHistory, component: lazy(() => import('./activity')) },
  { id: 'developer', icon: IconCode, component: lazy(() => import('./developer')) },
  { id: 'admin', icon: IconDatabase, component: lazy(() => import('./admin')), least: 'owner' },
]
