import { Card, Group, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { useState, type ReactNode } from 'react'
import { useSignedIn } from '../../api/context'
import { usePlace } from '../../api/queries'
import { texts } from '../../texts'
import { Code } from './Code'
import { LANGUAGES, snippet, type Language } from './snippets'
import { stepCalls, tokenCode, type StepId } from './steps'

const words = texts.developer
const CALLS: StepId[] = ['patient', 'appointment', 'create', 'read']

/** From nothing to a paid invoice by calls, each as code to copy. */
export function Steps() {
  const { settings, person } = useSignedIn()
  const { timeZone } = usePlace()
  const [language, setLanguage] = useState<Language>('curl')
  const [now] = useState(() => new Date())
  const calls = stepCalls(settings.public_url, timeZone, now)
  const token = words.steps.token
  return (
    <Card component="section">
      <Group justify="space-between" mb="lg">
        <Title order={2} fz="1.2rem">
          {words.stepsTitle}
        </Title>
        <SegmentedControl
          aria-label={words.language}
          data={LANGUAGES.map((value) => ({ value, label: words.languages[value] }))}
          value={language}
          onChange={(value) => setLanguage(value as Language)}
        />
      </Group>
      <Stack component="ol" gap="xl" p={0} m={0} className="plain-list">
        <Step
          number={1}
          title={token.title}
          text={`${token.text} ${
            settings.rehearsal_url
              ? token.here
              : token.there(settings.audience, settings.practice_claim, settings.role_claim)
          }`}
        >
          <Code title={token.title}>{tokenCode(settings, person.practiceId)}</Code>
        </Step>
        {CALLS.map((id, index) => (
          <Step key={id} number={index + 2} {...words.steps[id]}>
            <Code title={words.steps[id].title}>{snippet(language, calls[id])}</Code>
          </Step>
        ))}
      </Stack>
    </Card>
  )
}

function Step(props: { number: number; title: string; text: string; children: ReactNode }) {
  return (
    <Group component="li" wrap="nowrap" align="flex-start" gap="md">
      <span className="step-number" aria-hidden>
        {props.number}
      </span>
      <div className="step-words">
        <Title order={3} fz="1.05rem">
          {props.title}
        </Title>
        <Text c="dimmed" mb="xs">
          {props.text}
        </Text>
        {props.children}
      </div>
    </Group>
  )
}
