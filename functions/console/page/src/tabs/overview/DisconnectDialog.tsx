import { Button, Group, Modal, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { useEffect } from 'react'
import { data } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { useRefreshAll } from '../../api/queries'
import { texts } from '../../texts'
import { sayDone } from '../../ui/notify'

/** Asks first; ``onGone`` when it is closed, whatever was answered. */
export default function DisconnectDialog({ name, onGone }: { name: string; onGone: () => void }) {
  const { api } = useSignedIn()
  const refreshAll = useRefreshAll()
  const [opened, { open, close }] = useDisclosure()
  // Only a dialog that opens, and is not there open at once, gives the focus back when it closes.
  useEffect(open, [open])
  const disconnect = useMutation({
    mutationFn: () => data(api.POST('/xero/oauth/disconnect/', { body: {} })),
    onSuccess: async () => {
      close()
      sayDone(texts.overview.disconnected)
      await refreshAll()
    },
  })
  return (
    <Modal
      opened={opened}
      onClose={close}
      onExitTransitionEnd={onGone}
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
  )
}
