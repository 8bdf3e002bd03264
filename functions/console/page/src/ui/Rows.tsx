import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'
import { texts } from '../texts'

/** Grey bars in the place of rows that are still on their way. */
export function Rows({ count = 6, height = 44 }: { count?: number; height?: number }) {
  return (
    <Stack gap="xs" aria-busy>
      <VisuallyHidden role="status">{texts.shell.loading}</VisuallyHidden>
      {Array.from({ length: count }, (_, row) => (
        <Skeleton key={row} height={height} radius="md" />
      ))}
    </Stack>
  )
}
