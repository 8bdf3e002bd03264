import { Button, Group, Modal, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { data } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'

export function DisconnectButton({ name }: { name: string }) {
  const { api } = useSignedIn()
  const refreshAll = useRefreshAll()
  const [opened, { open, close }] = useDisclosure()
  const disconnect = useMutation({
    mutationFn: () => data(api.POST('/xero/oauth/disconnect/', { body: {} })),
    onSuccess: async () => {
      close()
      sayDone(texts.overview.disconnected)
      await refreshAll()
    },
  })
  return (
    <>
      <Button className="xero-outline" onClick={open}>
        {texts.overview.disconnect}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={texts.overview.disconnectTitle(name)}
        closeButtonProps={{ 'aria-label': texts.shell.close }}
        centered
      >
        <Text>{texts.overview.disconnectText}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {texts.shell.cancel}
          </Button>
          <Button color="red.8" loading={disconnect.isPending} onClick={() => disconnect.mutate()}>
            {texts.overview.disconnect}
          </Button>
        </Group>
      </Modal>
    </>
  )
}
