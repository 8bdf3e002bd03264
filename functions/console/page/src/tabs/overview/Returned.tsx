import { Alert, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import type { Schemas } from '../../api/client'
import { texts } from '../../texts'
import { ConnectButton } from './ConnectButton'

const PARAMETER = 'xero'

/** Back from Xero and not connected: what happened there, and the button to try again. */
export function Returned({ status }: { status: Schemas['ConnectionStatus'] }) {
  const [word, setWord] = useState(() => new URLSearchParams(window.location.search).get(PARAMETER))
  useEffect(forget, [])
  const said = word === null ? undefined : texts.overview.returned[word]
  if (!said) return null
  return (
    <Alert
      className="warning"
      icon={<IconAlertTriangle aria-hidden />}
      role="alert"
      withCloseButton
      closeButtonLabel={texts.shell.close}
      onClose={() => setWord(null)}
    >
      <Stack align="flex-start" gap="sm">
        <Text>{said}</Text>
        <ConnectButton again={Boolean(status.tenant_name)} />
      </Stack>
    </Alert>
  )
}

/** A reload, or a bookmark, does not say it again. */
function forget() {
  const address = new URL(window.location.href)
  address.searchParams.delete(PARAMETER)
  window.history.replaceState(window.history.state, '', address)
}
