import { Button } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { texts } from '../../texts'

// Dialogs are no part of the first view: their code comes when one is asked for.
const DisconnectDialog = lazy(() => import('./DisconnectDialog'))

export function DisconnectButton({ name }: { name: string }) {
  const [asked, setAsked] = useState(false)
  return (
    <>
      <Button className="xero-outline" onClick={() => setAsked(true)}>
        {texts.overview.disconnect}
      </Button>
      {asked && (
        <Suspense fallback={null}>
          <DisconnectDialog name={name} onGone={() => setAsked(false)} />
        </Suspense>
      )}
    </>
  )
}
