/**
 * The README's table of export formats: of each what it is, which library reads it in the tests, of which version, and in which test. Versions
 * are those that the set-up installs, so that the table cannot name others.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXPORT_FORMAT_NAMES, type ExportFormat } from '../main/contract/shapes/export.ts'

const ROOT = join(import.meta.dirname, '..')

interface Row {
  readonly formats: readonly ExportFormat[]
  readonly what: string
  /** names of packages, which get their versions, or other texts */
  readonly readers: readonly string[]
  /** what is held, where "it is read" says too little */
  readonly held?: string
  /** below `test` */
  readonly tests: readonly string[]
}

const EXPORTS = 'interop/interop.test.ts'
const ROWS: readonly Row[] = [
  {
    formats: ['bundle'],
    what: 'a folder or .zip with everything: towers, vectors, index, encoders, model card, probe queries',
    readers: ['`pylon verify`, `import-run`, `serve`'],
    held: 'the same top 20',
    tests: ['pipeline/bundle.test.ts', EXPORTS],
  },
  { formats: ['vectors', 'fvecs', 'jsonl'], what: 'user and item vectors', readers: ['numpy'], held: 'every bit', tests: [EXPORTS] },
  { formats: ['parquet'], what: 'user and item vectors', readers: ['duckdb'], held: 'every bit', tests: [EXPORTS] },
  {
    formats: ['onnx'],
    what: 'both towers, encoded features in (opset 17, any batch); `--int8`: with int8 weights too, and what they cost',
    readers: ['onnx', 'onnxruntime'],
    held: 'vectors to 1e-5; by int8 the measured recall',
    tests: [EXPORTS],
  },
  {
    formats: ['onnx-raw'],
    what: 'both towers with their encoders inside: raw texts, numbers, times, places and histories in',
    readers: ['onnx', 'onnxruntime'],
    held: 'vectors to 1e-5',
    tests: [EXPORTS],
  },
  {
    formats: ['tfjs'],
    what: 'both towers as TensorFlow.js graph models',
    readers: ['@tensorflow/tfjs', 'in Node and in Chromium'],
    held: 'vectors to 1e-5',
    tests: ['unit/export/tfjs.test.ts', 'e2e/tfjs.test.ts'],
  },
  {
    formats: ['pytorch'],
    what: 'a project with the trained weights that trains, measures and recommends, on raw rows too',
    readers: ['torch 1.13 (Debian 12), 2.15 by hand', 'ruff', 'mypy'],
    held: 'vectors to 1e-5, metrics to 1e-3',
    tests: ['interop/projects.test.ts', 'interop/walk.test.ts'],
  },
  {
    formats: ['keras'],
    what: 'the same in Keras 3',
    readers: ['keras', 'tensorflow-cpu', 'ruff', 'mypy'],
    held: 'vectors to 1e-5, metrics to 1e-3',
    tests: ['interop/projects.test.ts', 'interop/walk.test.ts'],
  },
  {
    formats: ['ann', 'ann-table'],
    what: 'item vectors with build scripts for Faiss, Annoy, hnswlib; a table of their recall@10',
    readers: ['faiss-cpu', 'annoy', 'hnswlib'],
    held: 'exact search: all of the ten best; indexes: most',
    tests: [EXPORTS],
  },
  {
    formats: ['pgvector'],
    what: 'items for PostgreSQL: SQL for psql, and a script that loads it',
    readers: ['@electric-sql/pglite', '@electric-sql/pglite-pgvector', 'psycopg', 'psql'],
    held: 'exact search: all of the ten best',
    tests: ['interop/stores.test.ts'],
  },
  {
    formats: ['qdrant'],
    what: 'items for Qdrant, with a script that loads them, once',
    readers: ['qdrant-client', 'its local mode'],
    held: 'all of the ten best',
    tests: ['interop/stores.test.ts'],
  },
  {
    formats: ['milvus'],
    what: 'items for Milvus, with a script that loads them, once',
    readers: ['milvus-lite', 'pymilvus'],
    held: 'exact search: all of the ten best',
    tests: ['interop/stores.test.ts'],
  },
  {
    formats: ['lancedb'],
    what: 'items for LanceDB, with a script that loads them, once',
    readers: ['lancedb'],
    held: 'exact search: all of the ten best',
    tests: ['interop/stores.test.ts'],
  },
  {
    formats: ['mlflow'],
    what: 'the run for a tracker, with a model that recommends',
    readers: ['mlflow'],
    held: 'the same ten items',
    tests: [EXPORTS],
  },
  {
    formats: ['notebook'],
    what: 'a Jupyter notebook with its outputs: metrics from the vectors, neighbours, charts',
    readers: ['nbclient', 'pandas', 'matplotlib'],
    held: 'run anew, every cell shows the same',
    tests: ['interop/notebook.test.ts'],
  },
  { formats: ['tables'], what: 'the run as CSV and JSON', readers: ["Python's csv and json"], tests: [EXPORTS] },
]

/** Versions by package, as the lists of the set-up pin them. */
function pinned(): ReadonlyMap<string, string> {
  const lists = ['requirements.txt', 'requirements-built.txt'].map((list) => readFileSync(join(ROOT, 'test/interop', list), 'utf8'))
  const python = [...lists.join('\n').matchAll(/^([\w.-]+)==(\S+)$/gm)].map(([, name, version]) => [name!, version!] as const)
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Readonly<
    Record<'dependencies' | 'devDependencies', Readonly<Record<string, string>>>
  >
  return new Map([...python, ...Object.entries(dependencies), ...Object.entries(devDependencies)])
}

/** The table in Markdown. @throws Error where a format has no row, or two */
export function formatTable(): string {
  const named = ROWS.flatMap(({ formats }) => formats)
  const missing = EXPORT_FORMAT_NAMES.filter((name) => named.filter((each) => each === name).length !== 1)
  if (missing.length > 0) throw new Error(`Each format has one row in test/formats.ts: ${missing.join(', ')}.`)
  const versions = pinned()
  const reader = (name: string): string => (versions.has(name) ? `${name} ${versions.get(name)!}` : name)
  const link = (test: string): string => `[${test.slice(0, test.lastIndexOf('.test.ts')).split('/').at(-1)!}](test/${test})`
  return [
    '| format | what it is | read in the tests by | and held to | test |',
    '|---|---|---|---|---|',
    ...ROWS.map(({ formats, what, readers, held = 'the same values', tests }) =>
      [
        '',
        ` ${formats.map((name) => `\`${name}\``).join(', ')} `,
        ` ${what} `,
        ` ${readers.map(reader).join(', ')} `,
        ` ${held} `,
        ` ${tests.map(link).join(', ')} `,
        '',
      ].join('|'),
    ),
  ].join('\n')
}
