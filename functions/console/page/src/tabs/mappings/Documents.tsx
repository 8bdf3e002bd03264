import { NumberInput, SimpleGrid, Stack, Switch, TagsInput, Text, TextInput, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { texts } from '../../texts'
import { useMappings } from './context'
import { usePrivacy, type AutoApprove, type Settings } from './data'
import { accountOptions, taxOptions, themeOptions } from './options'
import { Pick, Said, type Option } from './Pick'
import { Section } from './Section'

const words = texts.mappings
const ZONES: Option[] = Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone }))
type Named<T> = { [K in keyof Settings]: Settings[K] extends T ? K : never }[keyof Settings]

/** What holds for every invoice: defaults, numbers, names, approval. */
export function Documents() {
  const { lists } = useMappings()
  return (
    <Section id="documents" title={words.documentsTitle} text={words.documentsText}>
      <Stack gap="xl">
        <Fields>
          <Choice name="default_account_code" options={accountOptions(lists, 'revenue')} />
          <Choice name="default_tax_type" options={taxOptions(lists)} />
          <Choice name="amounts" />
          <Choice name="branding_theme_id" options={themeOptions(lists)} />
          <Whole name="payment_terms_days" max={365} />
          <Choice name="time_zone" options={ZONES} empty={words.organisations} />
          <Choice name="numbering" />
          <Line name="invoice_prefix" pattern="[A-Za-z0-9._\-]{1,20}" maxLength={20} />
          <Line name="appointment_url" hint={words.hints.appointment_url} maxLength={500} />
        </Fields>
        <Fields>
          <Flag name="use_clinic_tracking" hint={words.hints.use_clinic_tracking} />
          <Flag name="tracking_required" hint={words.hints.tracking_required} />
          <Flag name="invoice_no_shows" hint={words.hints.invoice_no_shows} />
        </Fields>
        <Fields title={words.privacyTitle}>
          <Privacy />
          <Choice name="contact_details" empty={words.asNames} clearable />
        </Fields>
        <Fields title={words.approvalTitle}>
          <Choice name="invoice_status" />
          <Flag name="email_after_approval" hint={words.hints.email_after_approval} />
          <Rule />
        </Fields>
      </Stack>
    </Section>
  )
}

function Fields({ title, children }: { title?: string; children: ReactNode }) {
  return (
    <div>
      {title && (
        <Title order={3} fz="1rem" mb="sm">
          {title}
        </Title>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, md: 3 }} spacing="lg">
        {children}
      </SimpleGrid>
    </div>
  )
}

/** ``options`` left out are the setting's own few. */
function Choice(props: {
  name: Named<string | null>
  options?: Option[]
  empty?: string
  clearable?: boolean
}) {
  const { settings, setSettings } = useMappings()
  const own = Object.entries(words.choices[props.name] ?? {}).map(([value, label]) => ({ value, label }))
  return (
    <Pick
      id={props.name}
      label={words.fields[props.name] ?? props.name}
      value={settings[props.name]}
      options={props.options ?? own}
      empty={props.empty}
      clearable={props.clearable ?? Boolean(props.options)}
      onChange={(value) => setSettings({ [props.name]: value })}
    />
  )
}

/** Left open, the country decides; the reason stands beneath. */
function Privacy() {
  const { settings } = useMappings()
  const privacy = usePrivacy()
  const ofTheCountry = words.choices.privacy_mode?.[privacy?.default_mode ?? '']
  return (
    <div>
      <Choice name="privacy_mode" empty={ofTheCountry && words.ofTheCountry(ofTheCountry)} clearable />
      {privacy && !settings.privacy_mode && (
        <Text size="xs" c="dimmed" mt={4}>
          {privacy.reason}
        </Text>
      )}
    </div>
  )
}

function Line(props: { name: Named<string | null>; hint?: string; pattern?: string; maxLength: number }) {
  const { settings, mayEdit, setSettings } = useMappings()
  const label = words.fields[props.name] ?? props.name
  if (!mayEdit) return <Said label={label}>{settings[props.name] ?? words.notSet}</Said>
  return (
    <TextInput
      label={label}
      placeholder={props.hint}
      pattern={props.pattern}
      maxLength={props.maxLength}
      value={settings[props.name] ?? ''}
      onChange={(event) => setSettings({ [props.name]: event.currentTarget.value || null })}
    />
  )
}

function Whole({ name, max }: { name: Named<number>; max: number }) {
  const { settings, mayEdit, setSettings } = useMappings()
  const label = words.fields[name] ?? name
  if (!mayEdit) return <Said label={label}>{settings[name]}</Said>
  return (
    <NumberInput
      label={label}
      min={0}
      max={max}
      allowDecimal={false}
      value={settings[name]}
      onChange={(value) => typeof value === 'number' && setSettings({ [name]: value })}
    />
  )
}

function Flag({ name, hint }: { name: Named<boolean>; hint?: string }) {
  const { settings, mayEdit, setSettings } = useMappings()
  const label = words.fields[name] ?? name
  if (!mayEdit) return <Said label={label}>{settings[name] ? words.yes : words.no}</Said>
  return (
    <Switch
      label={label}
      description={hint}
      checked={settings[name]}
      onChange={(event) => setSettings({ [name]: event.currentTarget.checked })}
    />
  )
}

const FIRST_RULE: AutoApprove = { after_hours: 24 }

function Rule() {
  const { settings, mayEdit, items, setSettings } = useMappings()
  const rule = settings.auto_approve
  const { said, on, after_hours, up_to, service_codes, anyAmount, anyService } = words.rule
  if (!mayEdit) {
    const shown = rule ? said(rule.after_hours, rule.up_to ?? null, rule.service_codes ?? null) : words.no
    return <Said label={words.fields.auto_approve ?? on}>{shown}</Said>
  }
  const set = (change: Partial<AutoApprove>) => setSettings({ auto_approve: { ...FIRST_RULE, ...rule, ...change } })
  return (
    <Stack gap="sm">
      <Switch
        label={on}
        description={words.hints.auto_approve}
        checked={rule !== null}
        onChange={(event) => setSettings({ auto_approve: event.currentTarget.checked ? FIRST_RULE : null })}
      />
      {rule && (
        <>
          <NumberInput
            label={after_hours}
            min={0}
            max={8760}
            allowDecimal={false}
            value={rule.after_hours}
            onChange={(value) => typeof value === 'number' && set({ after_hours: value })}
          />
          <TextInput
            label={up_to}
            placeholder={anyAmount}
            inputMode="decimal"
            value={rule.up_to ?? ''}
            onChange={(event) => set({ up_to: event.currentTarget.value.trim() || null })}
          />
          <TagsInput
            label={service_codes}
            placeholder={rule.service_codes ? undefined : anyService}
            data={items.map((item) => item.service_code)}
            value={rule.service_codes ?? []}
            onChange={(codes) => set({ service_codes: codes.length > 0 ? codes : null })}
          />
        </>
      )}
    </Stack>
  )
}
