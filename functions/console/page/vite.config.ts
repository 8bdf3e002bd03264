import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vitest/config'

const MANTINE = fileURLToPath(new URL('node_modules/@mantine/core', import.meta.url))
const STATIC = fileURLToPath(new URL('../static', import.meta.url))

/** Leaves a compressed copy beside every asset: the function that serves them has no compressor in front of it. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    closeBundle() {
      const assets = `${STATIC}/assets`
      for (const name of readdirSync(assets)) {
        writeFileSync(`${assets}/${name}.gz`, gzipSync(readFileSync(`${assets}/${name}`), { level: 9 }))
      }
    },
  }
}

function source(path: string): string {
  return fileURLToPath(new URL(`src/${path}`, import.meta.url))
}

/** Fails the build when a component of Mantine's is used whose styles are not among the page's. */
function styled(): Plugin {
  const classes = (text: string) => new Set(text.match(/\bm_[0-9a-f]{6,8}\b/g))
  return {
    name: 'styled',
    apply: 'build',
    generateBundle(_options, bundle) {
      const files = Object.values(bundle)
      const scripts = files.map((file) => (file.type === 'chunk' ? file.code : '')).join()
      const styles = files.map((file) => (file.type === 'asset' && file.fileName.endsWith('.css') ? String(file.source) : ''))
      const used = classes(scripts)
      const there = classes(styles.join())
      for (const sheet of readdirSync(`${MANTINE}/styles`).filter((name) => /^[A-Z]\w+\.css$/.test(name))) {
        const lacking = [...classes(readFileSync(`${MANTINE}/styles/${sheet}`, 'utf8'))].some(
          (name) => used.has(name) && !there.has(name),
        )
        if (lacking) this.error(`src/mantine.css lacks @import '@mantine/core/styles/${sheet}'`)
      }
    },
  }
}

export default defineConfig({
  plugins: [react(), compressed(), styled()],
  // Parts of the charts' libraries that our charts never use, and that no tool can see to be unused.
  resolve: {
    alias: [
      { find: 'victory-vendor/d3-scale', replacement: source('lib/scales.ts') },
      { find: '../ChartBrush/ChartBrush.mjs', replacement: source('lib/noBrush.ts') },
    ],
  },
  // The console function puts a fresh nonce in this place with every answer.
  html: { cspNonce: '__CSP_NONCE__' },
  build: {
    outDir: STATIC,
    emptyOutDir: true,
    // Browsers that know light-dark(): rewritten for older ones, it would not follow the scheme that a person chose.
    cssTarget: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    manifest: 'manifest.json',
    // No data: URLs and no inline scripts: the page's policy allows neither.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // What only dialogs need would be put with what every first view loads.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [{ name: 'dialogs', test: /react-remove-scroll|use-sidecar|react-style-singleton|\/(Modal|ModalBase|Drawer)\// }],
        },
      },
    },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
