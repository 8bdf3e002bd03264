import { Button } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { data } from '../../api/client'
import { useSignedIn } from '../../api/context'
import { texts } from '../../texts'

/** Goes to Xero's consent page and comes back here; in this window, as Xero asks for, never a pop-up. */
export function ConnectButton({ again = false }: { again?: boolean }) {
  const { api } = useSignedIn()
  const [leaving, setLeaving] = useState(false)
  const connect = useMutation({
    mutationFn: () => data(api.GET('/xero/oauth/connect/', { params: { query: { redirect: '0', return_to: '/' } } })),
    onSuccess: ({ authorize_url }) => {
      setLeaving(true)
      window.location.assign(authorize_url)
    },
  })
  return (
    <Button
      className="xero-button"
      size="md"
      leftSection={<IconPlugConnected size={20} aria-hidden />}
      loading={connect.isPending || leaving}
      onClick={() => connect.mutate()}
    >
      {again ? texts.overview.connectAgain : texts.overview.connect}
    </Button>
  )
}
