/**
 * Who may import whom: each folder with all that it may import beside itself, types and dynamic imports included. What is not listed is
 * refused, and so is every circle. `npm run check` holds it (`test/imports.ts`), and ARCHITECTURE.md shows it.
 */

/** The stages of the engine in the order of the pipeline: each may import those before it. */
export const STAGES = [
  'files',
  'protocol',
  'dataset',
  'import',
  'sample',
  'compute',
  'sentences',
  'features',
  'towers',
  'training',
  'ann',
  'model',
  'evaluation',
  'search',
  'serving',
  'export',
  'report',
] as const

const rooms = (...names: readonly string[]): string[] => names.map((name) => `main/engine/${name}`)
const PAGES = ['compare', 'data', 'index', 'inspect', 'new-run', 'nowhere', 'run', 'runs', 'searches', 'serve', 'settings'].map(
  (name) => `renderer/pages/${name}`,
)
/** What pages are made of. */
const PARTS = ['components', 'charts', 'composables', 'stores', 'locales', 'query', 'router.ts'].map((name) => `renderer/${name}`)

/** Every folder of the program; a file's row is the one of the longest path. A path ends at a folder or a file. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main/contract': [],
  ...Object.fromEntries(STAGES.map((stage, i) => [`main/engine/${stage}`, ['main/contract', ...rooms(...STAGES.slice(0, i))]])),
  'main/engine/run-spec': ['main/contract', ...rooms('files', 'dataset', 'features', 'towers')],
  'main/engine/store': ['main/contract', ...rooms('files', 'protocol')],
  'main/engine/queue': ['main/contract', ...rooms('files', 'compute', 'model', 'search')],
  'main/engine/jobs': ['main/contract', ...rooms(...STAGES, 'store', 'queue')],
  'main/engine/verbs': ['main/contract', ...rooms(...STAGES, 'store', 'queue', 'jobs', 'run-spec'), 'main/engine'],
  'main/engine': ['main/contract', ...rooms(...STAGES, 'store', 'queue', 'jobs', 'run-spec', 'verbs')],
  'main/hosts': [
    'main/contract',
    'main/engine',
    ...rooms('files', 'dataset', 'towers', 'model', 'serving', 'export', 'queue', 'jobs', 'store'),
  ],
  'main/cli': ['main/contract', 'main/engine', ...rooms('files', 'store'), 'main/hosts'],
  'main/start': ['main/contract', 'main/engine/store', 'main/hosts'],
  'main/shell': ['main/contract', 'main/hosts'],
  main: ['main/contract', 'main/engine', 'main/engine/store', 'main/hosts', 'main/cli', 'main/start', 'main/shell'],
  preload: ['main/contract'],
  packaging: ['main/start'],
  'renderer/engine': ['main/contract'],
  'renderer/query': ['main/contract'],
  'renderer/locales': ['main/contract'],
  'renderer/composables': ['main/contract', ...['engine', 'stores', 'locales', 'router.ts'].map((name) => `renderer/${name}`)],
  'renderer/stores': ['main/contract', 'renderer/composables'],
  'renderer/charts': ['main/contract', 'renderer/composables', 'renderer/stores'],
  'renderer/components': ['main/contract', 'renderer/charts', 'renderer/composables', 'renderer/stores', 'renderer/router.ts'],
  'renderer/features': ['main/contract', ...PARTS],
  ...Object.fromEntries(PAGES.map((page) => [page, ['main/contract', 'renderer/features', ...PARTS]])),
  'renderer/router.ts': [...PAGES, 'renderer/composables'],
  renderer: ['main/contract', 'renderer/engine', ...PARTS],
}

/** Who may import a library: native and heavy ones have one owner, and one that is not listed is refused. */
export const OWNERS: Readonly<Record<string, readonly string[]>> = {
  '@codemirror': ['renderer/pages/new-run/json'],
  '@duckdb/node-api': ['main/engine/dataset/duck.ts'],
  '@fastify': ['main/hosts/web.ts', 'main/hosts/web'],
  '@huggingface/tokenizers': ['main/engine/sentences/tokens.ts'],
  '@lezer/highlight': ['renderer/pages/new-run/json'],
  '@lucide/vue': ['renderer'],
  '@tanstack/vue-virtual': ['renderer/components/DataTable.vue'],
  '@tensorflow/tfjs': ['main/engine/compute/tf.ts'],
  '@vueuse/core': ['renderer'],
  'better-sqlite3': ['main/engine/store/database.ts'],
  commander: ['main/cli'],
  echarts: ['renderer/charts/echarts.ts'],
  electron: ['main/index.ts', 'main/shell', 'preload'],
  fastify: ['main/hosts/web.ts', 'main/hosts/web'],
  'onnxruntime-node': ['main/engine/compute/graph-session.ts', 'main/engine/compute/model-session.ts'],
  pinia: ['renderer/main.ts', 'renderer/stores'],
  'reka-ui': ['renderer/App.vue', 'renderer/components', 'renderer/pages/runs/ViewsMenu.vue'],
  typescript: ['packaging/pack.ts'],
  usearch: ['main/engine/ann/usearch.ts'],
  'ml-matrix': ['main/engine/compute/eigen.ts'],
  'apache-arrow': ['main/engine/import/containers/arrow'],
  flatbuffers: ['main/engine/import/containers/arrow'],
  sax: ['main/engine/import/containers/xlsx.ts'],
  vite: ['renderer/env.d.ts'],
  vue: ['renderer'],
  'vue-i18n': ['renderer/composables/texts.ts'],
  'vue-router': ['renderer'],
  yauzl: ['main/engine/export/bundle/zip.ts', 'main/engine/import/containers/zip.ts'],
  yazl: ['main/engine/export/bundle/zip.ts'],
  zod: ['main', 'renderer/engine'],
}

/** Where Node's own modules may not be: what a page or both sides of a process border load. */
export const WITHOUT_NODE = ['main/contract', 'renderer', 'preload'] as const
