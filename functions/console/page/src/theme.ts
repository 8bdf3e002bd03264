import { createTheme, type MantineColorsTuple } from '@mantine/core'

/** Our own blue: between harbour water and ink, readable as text and under white. */
const harbour: MantineColorsTuple = [
  '#eaf5fb',
  '#d4e8f3',
  '#a6d0e6',
  '#76b8da',
  '#56a8d3',
  '#3593c4',
  '#1a7fb0',
  '#0b6a94',
  '#08567a',
  '#053f5b',
]

/** Mantine's greys for dark mode, with the same ink in them as the page around them (`page.css`). */
const dark: MantineColorsTuple = [
  '#e4ecf3',
  '#c3cfda',
  '#a4b5c4',
  '#8b9cab',
  '#3d4d5b',
  '#2b3945',
  '#1f2b36',
  '#18222c',
  '#10171e',
  '#0b1117',
]

export const theme = createTheme({
  primaryColor: 'harbour',
  primaryShade: { light: 7, dark: 7 },
  colors: { harbour, dark },
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily:
    'Inter, "Segoe UI Variable", "Segoe UI", system-ui, -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Code", "SF Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.75rem', lineHeight: '1.2' } } },
  components: {
    Card: { defaultProps: { withBorder: true, radius: 'lg', padding: 'lg' } },
  },
})
