import { Notification, Portal } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { texts } from '../texts'
import { closeNotice, currentNotices, watchNotices } from './notify'

/** On the left, since the buttons of dialogs and rows are on the right. */
export function Notices() {
  const notices = useSyncExternalStore(watchNotices, currentNotices)
  return (
    <Portal>
      <div className="notices">
        {notices.map(({ id, message, kind }) => (
          <Notification
            key={id}
            color={kind === 'problem' ? 'red' : 'teal'}
            withBorder
            closeButtonProps={{ 'aria-label': texts.shell.close }}
            onClose={() => closeNotice(id)}
          >
            {message}
          </Notification>
        ))}
      </div>
    </Portal>
  )
}
