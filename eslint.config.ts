/** Lint rules, and the import table: who may import whom is held here. */
import js from '@eslint/js'
import { defineConfig } from 'eslint/config'
import vue from 'eslint-plugin-vue'
import ts from 'typescript-eslint'

/** The stages in the order of the pipeline; one may import those before it. `files` is a leaf that all may use. */
const STAGES = [
  'files',
  'dataset',
  'import',
  'sample',
  'features',
  'compute',
  'towers',
  'training',
  'ann',
  'model',
  'evaluation',
  'serving',
  'export',
] as const

const forbid = (patterns: readonly { group: string[]; message: string }[]): object => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns: [...patterns] }],
})

/** Each native library has one owner. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  '@duckdb/node-api': ['main/engine/dataset/duck.ts'],
  'onnxruntime-node': ['main/engine/compute/session.ts'],
  '@tensorflow/tfjs': ['main/engine/compute/tf.ts'],
  usearch: ['main/engine/ann/usearch.ts'],
  'better-sqlite3': ['main/engine/store/database.ts', 'main/engine/store/better-sqlite3.d.ts'],
  electron: ['main/shell/**', 'main/index.ts', 'preload/**'],
  echarts: ['renderer/charts/echarts.ts'],
}
const owned = (file: string): { group: string[]; message: string }[] =>
  Object.entries(LIBRARIES)
    .filter(([, owners]) => !owners.some((owner) => owner === file || owner.startsWith(`${file}/`)))
    .map(([name, owners]) => ({ group: [name, `${name}/*`], message: `Only ${owners.join(', ')} may import ${name}.` }))

const stageRules = STAGES.map((stage, i) => ({
  files: [`main/engine/${stage}/**/*.ts`],
  rules: forbid([
    ...owned(`main/engine/${stage}`),
    ...[...STAGES.slice(i + 1), 'store', 'verbs', 'jobs'].map((later) => ({
      group: [`../${later}/*`, `../../${later}/*`],
      message: `The stage ${stage} may not import ${later}, which comes after it.`,
    })),
    { group: ['**/hosts/*', '**/cli/*'], message: 'The engine does not know its hosts.' },
  ]),
}))

/** The page: what it is made of may look down only, and it reaches the engine through its composables and stores. */
const pageRules = [
  { at: 'pages', not: ['@/engine/*'] },
  { at: 'components', not: ['@/engine/*', '@/pages/*'] },
  { at: 'charts', not: ['@/engine/*', '@/pages/*'] },
  { at: 'composables', not: ['@/pages/*', '@/components/*', '@/charts/*'] },
  { at: 'stores', not: ['@/pages/*', '@/components/*', '@/charts/*'] },
  { at: 'engine', not: ['@/pages/*', '@/components/*', '@/charts/*', '@/composables/*', '@/stores/*'] },
].map(({ at, not }) => ({
  files: [`renderer/${at}/**/*.{ts,vue}`],
  rules: forbid([
    ...owned(`renderer/${at}`),
    {
      group: ['node:*', '**/main/engine/*', '**/main/hosts/*', '**/main/cli/*'],
      message: 'The page knows of the program only its contract (@contract).',
    },
    ...not.map((path) => ({ group: [path], message: `renderer/${at} may not import ${path}.` })),
  ]),
}))

export default defineConfig(
  { ignores: ['node_modules/', 'out/', 'dist/', 'coverage/'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['main/bin.js'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off', // noUncheckedIndexedAccess makes ! the mark of a proven index
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/require-await': 'off', // handlers of one table share one async type
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-misused-spread': 'off', // spreading text into code points is meant where it is done
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // shape helpers of tfjs take a tensor and read only its shape
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['main/engine/verbs/*.ts'],
    rules: forbid([...owned('main/engine/verbs'), { group: ['./*'], message: 'Verb files do not import each other.' }]),
  },
  {
    files: ['main/engine/{jobs,store}/**/*.ts'],
    rules: forbid([{ group: ['**/hosts/*', '**/verbs/*'], message: 'Jobs and store know neither hosts nor verbs.' }]),
  },
  {
    files: ['main/contract/**/*.ts'],
    rules: forbid([
      {
        group: ['../engine/*', '../../engine/*', '../hosts/*', '../../hosts/*', 'node:*'],
        message: 'The contract imports nothing but itself and zod.',
      },
    ]),
  },
  {
    files: ['main/{hosts,start,cli}/**/*.ts', 'main/{cli,demo,start}.ts'],
    rules: forbid(owned('main/hosts')),
  },
  {
    files: ['main/shell/**/*.ts', 'main/index.ts', 'preload/**/*.ts'],
    rules: forbid([
      ...owned('main/shell'),
      {
        group: ['**/main/engine/*', '../engine/*', './engine/**'],
        message: 'The desktop shell forks the engine and never imports its code.',
      },
    ]),
  },
  ...stageRules,
  ...pageRules,
  ...vue.configs['flat/recommended'].map((config) => ({ ...config, files: ['renderer/**/*.vue'] })),
  {
    files: ['renderer/**/*.vue'],
    languageOptions: { parserOptions: { parser: ts.parser } },
    rules: {
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
  {
    files: ['test/**/*.test.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'MemberExpression[object.name=/^(test|it|describe)$/][property.name=/^(skip|skipIf|runIf|todo|only)$/]',
          message: 'A test is skipped by needing() of test/helpers/needs.ts alone, which gives the reason.',
        },
      ],
    },
  },
  { files: ['main/bin.js'], ...ts.configs.disableTypeChecked, languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
)
