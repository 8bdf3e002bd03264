import { Button, Card, Stack, Text, Title } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { data, type Schemas } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { texts } from '../../texts'

/** Consent was given to several organisations: nothing is connected until one is chosen. */
export function Choose({ choices, mayChoose }: { choices: Schemas['Choice'][]; mayChoose: boolean }) {
  const { api } = useSignedIn()
  const refreshAll = useRefreshAll()
  const select = useMutation({
    mutationFn: (tenant_id: string) => data(api.POST('/xero/connections/select/', { body: { tenant_id } })),
    onSuccess: refreshAll,
  })
  return (
    <Card component="section" padding="xl" aria-label={texts.overview.chooseTitle}>
      <Stack align="flex-start">
        <Title order={2}>{texts.overview.chooseTitle}</Title>
        <Text c="dimmed">{mayChoose ? texts.overview.chooseText : texts.overview.connectOwnerOnly}</Text>
        {choices.map(({ tenant_id, tenant_name }) => (
          <Button
            key={tenant_id}
            size="md"
            variant="default"
            disabled={!mayChoose}
            loading={select.isPending && select.variables === tenant_id}
            onClick={() => select.mutate(tenant_id)}
          >
            {texts.overview.choose(tenant_name)}
          </Button>
        ))}
      </Stack>
    </Card>
  )
}
