import { texts } from '../../texts'
import { Copy } from '../../ui/Copy'

/** Code to copy; it scrolls by itself where it is wider than the page, by keyboard as well. */
export function Code({ title, children }: { title: string; children: string }) {
  return (
    <div className="code">
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
      <pre tabIndex={0} role="region" aria-label={title} className="scroll">
        <code>{children}</code>
      </pre>
      <Copy value={children} label={texts.developer.copyCode(title)} />
    </div>
  )
}
