import { defineConfig } from 'eslint/config'
import jsxA11y from 'eslint-plugin-jsx-a11y'
import reactHooks from 'eslint-plugin-react-hooks'
import tseslint from 'typescript-eslint'

export default defineConfig(
  { ignores: ['src/api/schema.d.ts', 'node_modules'] },
  tseslint.configs.strict,
  reactHooks.configs.flat.recommended,
  jsxA11y.flatConfigs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'max-lines': ['error', 400],
      'no-restricted-syntax': [
        'error',
        // Money is a decimal string from end to end; numbers are for drawing, in lib/drawing.ts alone.
        { selector: "CallExpression[callee.name='parseFloat']", message: 'Money is never a float.' },
      ],
      'no-restricted-globals': [
        'error',
        { name: 'localStorage', message: 'Nothing of a person is kept in the browser.' },
      ],
    },
  },
)
