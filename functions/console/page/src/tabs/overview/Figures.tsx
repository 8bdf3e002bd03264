import '@mantine/charts/styles.css'
import { BarChart } from '@mantine/charts'
import { ActionIcon, Card, Grid, Group, Table, Text, Title, Tooltip } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconChartBar, IconTable } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { Schemas } from '../../api/client'
import { usePlace } from '../../api/queries'
import { dayText } from '../../lib/dates'
import { forDrawing, money } from '../../lib/money'
import { texts } from '../../texts'
import { Moment } from '../../ui/Moment'

type Overview = Schemas['Overview']
const words = texts.overview

interface Figure {
  name: string
  /** By series, as decimal strings. */
  amounts: Record<string, string>
}

const SERIES = { paid: 'teal.6', outstanding: 'harbour.5', draft: 'gray.5', amount: 'harbour.5' } as const
type SeriesId = keyof typeof SERIES

/** The three charts, each also as a table: for screen readers, for copying, and for the exact cents. */
export default function Figures({ overview }: { overview: Overview }) {
  const { locale } = usePlace()
  const weeks = overview.weeks.map(({ week, paid, outstanding, draft }) => ({
    name: dayText(week, locale, { day: 'numeric', month: 'short' }),
    amounts: { paid, outstanding, draft },
  }))
  const ageing = overview.ageing.map(({ bucket, amount }) => ({
    name: words.buckets[bucket] ?? bucket,
    amounts: { amount },
  }))
  const clinics = overview.clinics.map(({ clinic_id, paid, outstanding, draft }) => ({
    name: clinic_id ?? words.noClinic,
    amounts: { paid, outstanding, draft },
  }))
  return (
    <>
      <Grid gap="lg">
        <Grid.Col span={12}>
          <ChartCard title={words.weeksTitle} rows={weeks} rowName={words.columns.week} series={['paid', 'outstanding', 'draft']} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <ChartCard title={words.ageingTitle} rows={ageing} rowName={words.columns.bucket} series={['amount']} />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}>
          <ChartCard title={words.clinicsTitle} rows={clinics} rowName={words.columns.clinic} series={['paid', 'outstanding', 'draft']} across />
        </Grid.Col>
      </Grid>
      <Text size="sm" c="dimmed" mt="sm">
        <Moment at={overview.as_of} />
        {overview.other_currencies > 0 && <> · {words.otherCurrencies(overview.other_currencies)}</>}
      </Text>
    </>
  )
}

function ChartCard(props: {
  title: string
  rows: Figure[]
  rowName: string
  series: SeriesId[]
  across?: boolean
}) {
  const { currency, locale } = usePlace()
  const [asTable, { toggle }] = useDisclosure()
  const label = (id: SeriesId) => (id === 'amount' ? words.columns.amount : words.series[id])
  const shown = (amount: string) => money(amount, currency, locale)
  return (
    <Card h="100%">
      <Group justify="space-between" mb="md" wrap="nowrap">
        <Title order={3} fz="1.05rem">
          {props.title}
        </Title>
        <Tooltip label={asTable ? words.asChart : words.asTable}>
          <ActionIcon
            variant="subtle"
            color="gray"
            onClick={toggle}
            aria-pressed={asTable}
            aria-label={`${words.asTable}: ${props.title}`}
          >
            {asTable ? <IconChartBar size={18} /> : <IconTable size={18} />}
          </ActionIcon>
        </Tooltip>
      </Group>
      {asTable ? (
        <FigureTable {...props} label={label} shown={shown} />
      ) : (
        // The table says the same in words.
        <div aria-hidden>
          <BarChart
            h={props.across ? Math.max(220, props.rows.length * 56 + 60) : 260}
            data={props.rows.map(({ name, amounts }) => ({ name, ...drawn(amounts) }))}
            dataKey="name"
            orientation={props.across ? 'vertical' : 'horizontal'}
            type="stacked"
            withLegend={props.series.length > 1}
            series={props.series.map((id) => ({ name: id, label: label(id), color: SERIES[id] }))}
            valueFormatter={(value) => rounded(value, currency, locale)}
            yAxisProps={{ width: props.across ? 110 : 72 }}
            xAxisProps={{ interval: 'preserveStartEnd' }}
            barProps={{ isAnimationActive: false }}
            // Hidden from screen readers, so not to be reached by keyboard either.
            barChartProps={{ accessibilityLayer: false }}
            maxBarWidth={42}
            gridAxis={props.across ? 'x' : 'y'}
            tickLine="none"
          />
        </div>
      )}
    </Card>
  )
}

function FigureTable(props: {
  rows: Figure[]
  rowName: string
  series: SeriesId[]
  label: (id: SeriesId) => string
  shown: (amount: string) => string
}): ReactNode {
  return (
    <Table>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{props.rowName}</Table.Th>
          {props.series.map((id) => (
            <Table.Th scope="col" className="amount" key={id}>
              {props.label(id)}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {props.rows.map((row) => (
          <Table.Tr key={row.name}>
            <Table.Th scope="row">{row.name}</Table.Th>
            {props.series.map((id) => (
              <Table.Td className="amount" key={id}>
                {props.shown(row.amounts[id] ?? '')}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function drawn(amounts: Record<string, string>): Record<string, number> {
  return Object.fromEntries(Object.entries(amounts).map(([id, amount]) => [id, forDrawing(amount)]))
}

/** Ticks and hover only; the exact amounts are in the table. */
function rounded(value: number, currency: string | null, locale: string): string {
  const options: Intl.NumberFormatOptions = currency
    ? { style: 'currency', currency, currencyDisplay: 'narrowSymbol', maximumFractionDigits: 0 }
    : { maximumFractionDigits: 0 }
  return new Intl.NumberFormat(locale, options).format(value)
}
