import { useMutation, useQuery } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { settingsQuery, useRefreshAll } from '../../api/queries'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'

/** Rows as the settings function gives them; its description leaves them open. */
export interface Account {
  code: string
  name: string
  usable_for: string[]
  may_have_feed: boolean
}
export interface TaxRate {
  tax_type: string
  name: string
}
export interface Product {
  code: string
  name: string
}
export interface Theme {
  theme_id: string
  name: string
}
export interface Category {
  category_id: string
  name: string
  status: string
  options: { option_id: string; name: string; status: string }[]
}
export interface Item {
  service_code: string
  account_code?: string
  tax_type?: string
  item_code?: string
  description?: string
}
export type PlaceKind = 'clinic' | 'practitioner'
export interface Place {
  id: string
  kind: PlaceKind
  tracking_category_id?: string
  tracking_option_id?: string
  account_code?: string
}
export interface AutoApprove {
  after_hours: number
  up_to?: string | null
  service_codes?: string[] | null
}
export interface Settings {
  time_zone: string | null
  invoice_status: string
  payment_terms_days: number
  amounts: string
  default_account_code: string | null
  default_tax_type: string | null
  invoice_prefix: string
  appointment_url: string | null
  use_clinic_tracking: boolean
  tracking_required: boolean
  payment_accounts: Record<string, string>
  branding_theme_id: string | null
  privacy_mode: string
  contact_details: string | null
  confirmed_bank_accounts: string[]
  numbering: string
  auto_approve: AutoApprove | null
  invoice_no_shows: boolean
  email_after_approval: boolean
}
export type Missing = Schemas['MissingMapping']

/** How many days of appointments are looked through for what is not mapped. */
const DAYS = 60
const MISSING_EVERY = 30_000

/** What is set, without asking Xero. */
/** Which privacy mode counts, and why. */
export function usePrivacy() {
  const { api } = useSignedIn()
  return useQuery({ ...settingsQuery(api), select: (answer) => answer.privacy }).data
}

export function useSetUp() {
  const { api } = useSignedIn()
  const settings = useQuery({
    ...settingsQuery(api),
    select: (answer) => answer.settings as unknown as Settings,
  })
  const items = useQuery({
    queryKey: ['items'],
    queryFn: async () => (await data(api.GET('/xero/items/'))).items as unknown as Item[],
  })
  const missing = useQuery({
    queryKey: ['missing'],
    queryFn: async () =>
      (await data(api.GET('/xero/settings/missing/', { params: { query: { days: DAYS } } }))).items,
    refetchInterval: MISSING_EVERY,
  })
  return { settings, items, missing }
}

export interface Lists {
  accounts: Account[]
  taxRates: TaxRate[]
  products: Product[]
  themes: Theme[]
  categories: Category[]
  places: Place[]
  /** When the oldest of them was read. */
  fetchedAt: string
}

/** The organisation's own lists, and the places that are mapped to options among them. */
export function useLists() {
  const ask = useAskForLists()
  return useQuery({ queryKey: ['lists'], queryFn: () => ask('0') })
}

export function useReadAgain() {
  const ask = useAskForLists()
  const refreshAll = useRefreshAll()
  return useMutation({
    mutationFn: () => ask('1'),
    onSuccess: async () => {
      sayDone(texts.mappings.wereRead)
      await refreshAll()
    },
  })
}

function useAskForLists() {
  const { api } = useSignedIn()
  return async (refresh: '0' | '1'): Promise<Lists> => {
    const params = { params: { query: { refresh } } }
    const [accounts, taxRates, products, themes, tracking] = await Promise.all([
      data(api.GET('/xero/accounts/', params)),
      data(api.GET('/xero/tax_rates/', { params: { query: { refresh, usable_for: 'revenue' } } })),
      data(api.GET('/xero/products/', params)),
      data(api.GET('/xero/branding_themes/', params)),
      data(api.GET('/xero/tracking/', params)),
    ])
    const ages = [accounts, taxRates, products, themes, tracking].map((list) => list.fetched_at)
    return {
      accounts: accounts.items as unknown as Account[],
      taxRates: taxRates.items as unknown as TaxRate[],
      products: products.items as unknown as Product[],
      themes: themes.items as unknown as Theme[],
      categories: tracking.available as unknown as Category[],
      places: tracking.items as unknown as Place[],
      fetchedAt: ages.sort()[0] ?? '',
    }
  }
}

export function useSuggestions(wanted: boolean) {
  const { api } = useSignedIn()
  return useQuery({
    queryKey: ['suggestions'],
    queryFn: async () =>
      (await data(api.GET('/xero/suggestions/', { params: { query: { days: DAYS } } }))).items,
    enabled: wanted,
  })
}
