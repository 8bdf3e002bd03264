import { Button, Stack } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { texts } from '../texts'

/** One part that fails does not take the page with it. */
export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <Stack align="flex-start" role="alert">
        {texts.problems.broken}
        <Button onClick={() => window.location.reload()}>{texts.problems.reload}</Button>
      </Stack>
    )
  }
}
