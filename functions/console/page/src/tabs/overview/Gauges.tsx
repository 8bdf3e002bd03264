import { Group, Progress, Stack, Text } from '@mantine/core'
import { texts } from '../../texts'

/** Xero's limits for each organisation and app: https://developer.xero.com/documentation/guides/oauth2/limits/ */
const PER_MINUTE = 60
const PER_DAY_FREE = 1000
const PER_DAY = 5000

/** How many calls Xero still allows; what it last said. */
export function Gauges({ minute, day }: { minute: number | null; day: number | null }) {
  return (
    <Group grow gap="xl" preventGrowOverflow={false} wrap="wrap">
      <Gauge name={texts.overview.callsMinute} left={minute} all={PER_MINUTE} />
      <Gauge name={texts.overview.callsDay} left={day} all={day !== null && day > PER_DAY_FREE ? PER_DAY : PER_DAY_FREE} />
    </Group>
  )
}

function Gauge({ name, left, all }: { name: string; left: number | null; all: number }) {
  const share = left === null ? 0 : Math.min(1, left / all)
  const said = left === null ? texts.overview.callsUnknown : texts.overview.of(String(left), String(all))
  return (
    <Stack gap={6} miw="12rem">
      <Group justify="space-between" gap="sm">
        <Text size="sm" c="dimmed">
          {name}
        </Text>
        <Text size="sm" fw={600}>
          {said}
        </Text>
      </Group>
      <Progress.Root size="lg" radius="xl">
        <Progress.Section
          value={share * 100}
          color={share > 0.3 || left === null ? 'teal' : share > 0.1 ? 'yellow' : 'red'}
          aria-label={name}
          aria-valuetext={said}
        />
      </Progress.Root>
    </Stack>
  )
}
