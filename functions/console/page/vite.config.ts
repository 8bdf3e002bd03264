import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vitest/config'

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

export default defineConfig({
  plugins: [react(), compressed()],
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
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  test: { environment: 'node', include: ['src/**/*.test.ts'] },
})
