import { Button, Card, Text, Title } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { useSignedIn } from '../../api/context'
import { texts } from '../../texts'
import { TabPage } from '../../ui/TabPage'
import './developer.css'
import { Reference } from './Reference'
import { Steps } from './Steps'
import { Webhook } from './Webhook'

const words = texts.developer

export default function Developer() {
  const { settings } = useSignedIn()
  return (
    <TabPage title={texts.shell.tabs.developer} intro={words.intro}>
      {settings.rehearsal_url && (
        <Card component="section">
          <div className="desk-note">
            <div>
              <Title order={2} fz="1.2rem">
                {words.rehearsalTitle}
              </Title>
              <Text c="dimmed">{words.rehearsal}</Text>
            </div>
            <Button
              component="a"
              href={settings.rehearsal_url}
              target="_blank"
              rel="noreferrer"
              variant="light"
              rightSection={<IconExternalLink size={16} aria-hidden />}
            >
              {words.openDesk}
            </Button>
          </div>
        </Card>
      )}
      <Steps />
      <Webhook />
      <Reference />
    </TabPage>
  )
}
