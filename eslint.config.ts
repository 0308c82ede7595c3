/** Lint of the page's components: templates, and scripts by the strict rules with types. All other TypeScript is oxlint's. */
import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'
import { ADAPTED } from './oxlint.config.ts'

export default defineConfig(
  { ignores: ['**/*.{ts,js}', 'node_modules/', 'out/', 'dist/', 'coverage/'] },
  {
    files: ['renderer/**/*.vue'],
    extends: [js.configs.recommended, ...ts.configs.strictTypeChecked, ...vue.configs['flat/recommended']],
    languageOptions: {
      parserOptions: {
        parser: ts.parser,
        project: 'renderer/tsconfig.json',
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      ...ADAPTED,
      'no-undef': 'off', // the type checker knows better
      '@typescript-eslint/no-unnecessary-type-assertion': 'off', // the linter does not know a component's type parameters
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off', // an optional prop is undefined
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      // prettier's
      'vue/first-attribute-linebreak': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-self-closing': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/singleline-html-element-content-newline': 'off',
    },
  },
)
