/**
 * Lint of the page's components, templates and scripts together, by the rules that need no types. Those that do, on which eslint spent
 * minutes, and all other TypeScript are oxlint's (`oxlint.config.ts`).
 */
import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'
import { ADAPTED } from './oxlint.config.ts'

export default defineConfig(
  { ignores: ['**/*.{ts,js}', 'node_modules/', 'out/', 'dist/', 'coverage/'] },
  {
    files: ['renderer/**/*.vue'],
    extends: [js.configs.recommended, ...ts.configs.strict, ...vue.configs['flat/recommended']],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
      ...ADAPTED,
      ...ts.configs.disableTypeChecked.rules,
      'no-undef': 'off', // the type checker knows better
      'vue/return-in-computed-property': 'off', // noImplicitReturns, which knows when a switch is whole
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
