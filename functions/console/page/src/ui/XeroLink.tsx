import { Anchor, VisuallyHidden } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import { texts } from '../texts'

/** Opens the document in Xero, in the right organisation. */
export function XeroLink({ href, children }: { href: string; children: string }) {
  return (
    <Anchor href={href} target="_blank" rel="noreferrer" className="xero-link" fz="sm">
      {children} <IconExternalLink size={14} aria-hidden />
      <VisuallyHidden>({texts.shell.openInXero})</VisuallyHidden>
    </Anchor>
  )
}
