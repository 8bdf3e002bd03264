/** In the place of the handle for zooming that Mantine's charts may show under themselves (`vite.config.ts`): ours never do. */
export function ChartBrush() {
  return null
}
