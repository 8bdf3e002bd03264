import { Button, Group, Modal, NativeSelect, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { usePlace } from '../../api/queries'
import { money } from '../../lib/money'
import { texts } from '../../texts'
import { ProblemNotice } from '../../ui/ProblemNotice'
import { Rows } from '../../ui/Rows'
import { isDraft, isLiving, type ActionId, type Row } from './actions'
import { Preview } from './Preview'
import { usePaymentMethods } from './queries'
import { labelOf } from './RowActions'
import type { Act } from './useAct'

const words = texts.invoices

/** These ask something first; all other actions are carried out at once. */
export const ASKING: ActionId[] = ['preview', 'void', 'credit', 'update', 'correct', 'payment', 'refund', 'note']

interface Props {
  asked: { action: ActionId; row: Row }
  busy: boolean
  onAct: (act: Act) => void
  onClose: () => void
}

export function Dialogs(props: Props) {
  const { action } = props.asked
  if (action === 'preview') return <PreviewDialog {...props} />
  if (action === 'payment' || action === 'refund') return <MoneyDialog {...props} />
  if (action === 'note') return <NoteDialog {...props} />
  return <ChangeDialog {...props} />
}

function PreviewDialog(props: Props) {
  const { row } = props.asked
  const [date, setDate] = useState('')
  const day = date || null
  return (
    <Dialog {...props} title={words.previewTitle(row.patient_name ?? row.appointment_id)} wide>
      <Text c="dimmed">{words.previewNothingSent}</Text>
      <Preview row={row} date={day} />
      <OtherDay value={date} onChange={setDate} />
      {!isLiving(row) && (
        <Buttons {...props} label={words.actions.create} onPress={() => props.onAct({ action: 'create', row, date: day })} />
      )}
    </Dialog>
  )
}

function ChangeDialog(props: Props) {
  const { action, row } = props.asked
  const [reason, setReason] = useState('')
  const [date, setDate] = useState('')
  const shows = action === 'update' || action === 'correct'
  const label = labelOf(action, row)
  const explained = words.explain[action === 'void' && isDraft(row) ? 'delete' : (action as 'void')]
  return (
    <Dialog {...props} title={words.actionFor(label, row.invoice?.invoice_number ?? row.appointment_id)} wide={shows}>
      {row.invoice?.difference && <Text fw={600}>{row.invoice.difference.sentence}</Text>}
      <Text>{explained}</Text>
      {shows && (
        <>
          <Preview row={row} date={date || null} />
          <OtherDay value={date} onChange={setDate} />
        </>
      )}
      <TextInput
        label={words.reason}
        description={words.reasonHint}
        maxLength={200}
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
      />
      <Buttons
        {...props}
        label={label}
        danger={!shows}
        onPress={() => props.onAct({ action, row, reason: reason.trim() || null, date: date || null })}
      />
    </Dialog>
  )
}

function NoteDialog(props: Props) {
  const { action, row } = props.asked
  const [text, setText] = useState('')
  const note = text.trim()
  return (
    <Dialog {...props} title={words.actionFor(words.actions.note, row.invoice?.invoice_number ?? row.appointment_id)}>
      <Textarea
        label={words.note}
        description={words.reasonHint}
        maxLength={200}
        autosize
        minRows={2}
        data-autofocus
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
      />
      <Buttons
        {...props}
        label={words.actions.note}
        disabled={note === ''}
        onPress={() => props.onAct({ action, row, reason: note })}
      />
    </Dialog>
  )
}

function MoneyDialog(props: Props) {
  const { action, row } = props.asked
  const { locale } = usePlace()
  const methods = usePaymentMethods()
  const [amount, setAmount] = useState('')
  const [method, setMethod] = useState('')
  // One dialog is one payment: pressing again after a lost answer is the same one.
  const [reference] = useState(() => crypto.randomUUID())
  const { invoice } = row
  const whole = (action === 'payment' ? invoice?.amount_due : invoice?.amount_paid) ?? ''
  const chosen = method || methods.data?.[0] || ''
  const act: Act = { action, row, money: { amount: amount.trim() || null, method: chosen, reference } }
  return (
    <Dialog {...props} title={words.actionFor(words.actions[action], invoice?.invoice_number ?? row.appointment_id)}>
      {methods.isPending && <Rows count={2} />}
      {methods.error && <ProblemNotice error={methods.error} retry={() => void methods.refetch()} />}
      {methods.data?.length === 0 && <Text>{words.noMethods}</Text>}
      {methods.data && methods.data.length > 0 && (
        <>
          <TextInput
            label={words.amount}
            description={words.amountHint(money(whole, invoice?.currency, locale))}
            inputMode="decimal"
            value={amount}
            onChange={({ currentTarget }) => setAmount(currentTarget.value)}
          />
          <NativeSelect
            label={action === 'payment' ? words.method : words.refundMethod}
            value={chosen}
            onChange={({ currentTarget }) => setMethod(currentTarget.value)}
            data={methods.data}
          />
          <Buttons {...props} label={words.actions[action]} onPress={() => props.onAct(act)} />
        </>
      )}
    </Dialog>
  )
}

function OtherDay({ value, onChange }: { value: string; onChange: (day: string) => void }) {
  return (
    <TextInput
      type="date"
      label={words.otherDay}
      description={words.otherDayHint}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  )
}

function Dialog(props: Props & { title: string; wide?: boolean; children: ReactNode }) {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size={props.wide ? 'xl' : 'md'}
      closeButtonProps={{ 'aria-label': texts.shell.close }}
    >
      <Stack gap="md">
        {props.children}
      </Stack>
    </Modal>
  )
}

function Buttons(props: Props & { label: string; danger?: boolean; disabled?: boolean; onPress: () => void }) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={props.onClose}>
        {texts.shell.cancel}
      </Button>
      <Button
        color={props.danger ? 'red.8' : undefined}
        loading={props.busy}
        disabled={props.disabled}
        onClick={props.onPress}
      >
        {props.label}
      </Button>
    </Group>
  )
}
