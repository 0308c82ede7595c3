/**
 * Lint of all TypeScript and of the components' scripts (`test/component-scripts.ts`): the strict, type-checked rules of typescript-eslint,
 * run by oxlint in seconds where eslint takes minutes. Templates are eslint's (`eslint.config.ts`), who may import whom
 * dependency-cruiser's (`import-table.ts`).
 */
import js from '@eslint/js'
import { defineConfig, type OxlintConfig } from 'oxlint'
import ts from 'typescript-eslint'

type Rules = NonNullable<OxlintConfig['rules']>

/** Where we differ from the preset, in eslint's names; the components are held to the same. */
export const ADAPTED = {
  'preserve-caught-error': 'error',
  '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess makes ! the mark of a proven index
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/require-await': 'off', // handlers of one table share one async type
  '@typescript-eslint/no-unnecessary-type-parameters': 'off',
  '@typescript-eslint/no-confusing-void-expression': 'off',
  '@typescript-eslint/no-misused-spread': 'off', // spreading text into code points is meant where it is done
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // shape helpers of tfjs take a tensor and read only its shape
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
  'no-octal': 'off', // a module has none
} satisfies Rules

/** What oxlint calls after the rule of eslint that it extends. */
const SAME_NAME = ['no-array-constructor', 'no-unused-expressions', 'no-unused-vars', 'no-useless-constructor']
const named = (rule: string): string => {
  const name = rule.replace('@typescript-eslint/', '')
  return name === rule || SAME_NAME.includes(name) ? name : `typescript/${name}`
}
const eslintRules = Object.assign(
  {},
  ...[js.configs.recommended, ...ts.configs.strictTypeChecked].map(({ rules }) => rules),
  ADAPTED,
) as Rules
const rules = Object.fromEntries(
  Object.entries(eslintRules).flatMap(([rule, level]) => (level === 'off' ? [] : [[named(rule), level]])),
) as Rules

/** A test is skipped by needing() of test/helpers/needs.ts alone, which gives the reason. */
const skips = ['test', 'it', 'describe'].flatMap((object) =>
  ['skip', 'skipIf', 'runIf', 'todo', 'only'].map((property) => ({
    object,
    property,
    message: 'A test is skipped by needing() of test/helpers/needs.ts alone, which gives the reason.',
  })),
)

export default defineConfig({
  plugins: ['typescript'],
  categories: { correctness: 'off' },
  options: { typeAware: true },
  ignorePatterns: ['**/*.vue', 'main/bin.js'], // besides what git ignores
  rules,
  overrides: [
    { files: ['test/**/*.test.ts'], rules: { 'no-restricted-properties': ['error', ...skips] } },
    {
      files: ['**/*.vue.ts'],
      rules: {
        'no-unused-vars': 'off', // a template uses them: eslint's
        'typescript/no-unnecessary-type-assertion': 'off', // `'f32' as Scalar` in reactive({ … }) is what widens the property
      },
    },
  ],
})
