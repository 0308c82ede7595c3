/** What is bent, and who reads it: each subject is a file with its reader, called as the engine calls it. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { specSchema } from '../../main/contract/shapes/spec.ts'
import { verbs } from '../../main/contract/verbs.ts'
import { importInput } from '../../main/contract/verbs/datasets.ts'
import { resolveConfig } from '../../main/engine/run-spec/config.ts'
import { AnnIndex } from '../../main/engine/ann/usearch.ts'
import { verifyBundle } from '../../main/engine/export/bundle/read-bundle.ts'
import { readNpy } from '../../main/engine/files/npy.ts'
import { ANY_PATH } from '../../main/engine/files/path-guard.ts'
import { readSafetensors, readSafetensorsHeader } from '../../main/engine/files/safetensors.ts'
import { readManifest } from '../../main/engine/dataset/open.ts'
import { importDataset } from '../../main/engine/import/import.ts'
import { kindOfHome } from '../../main/engine/store/marker.ts'
import { repairWorkspace } from '../../main/engine/store/repair.ts'
import { workspaceReport } from '../../main/engine/store/report.ts'
import { Store } from '../../main/engine/store/store.ts'

/** The files that are bent, all in one folder; see `makeSources`. */
export interface Sources {
  readonly folder: string
  /** of a whole workspace */
  readonly home: string
}

export interface Subject {
  /** relative to the sources' folder */
  readonly file: string
  /** reads the bent file at `path`; `scratch` is an empty folder. What it throws is judged by the caller */
  readonly read: (path: string, scratch: string, sources: Sources) => Promise<unknown>
}

async function drained<R>(stage: AsyncGenerator<unknown, R>): Promise<R> {
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return next.value
  }
}

const imported =
  (role: 'interactions' | 'items') =>
  (path: string, scratch: string, { folder }: Sources): Promise<unknown> => {
    const files = { interactions: join(folder, 'source', 'events.csv'), [role]: path }
    const input = importInput.parse({ name: 'bent', ...files })
    return drained(importDataset({ ...input, folder: join(scratch, 'dataset'), say: () => undefined, threads: 1 }))
  }

/** A workspace in which one file is bent: it opens, is repaired, or is refused; nothing else in it changes for that. */
const workspace =
  (file: string) =>
  async (path: string, scratch: string, { home }: Sources): Promise<void> => {
    const copy = join(scratch, 'home')
    cpSync(home, copy, { recursive: true })
    const [run, entry] = [readdirSync(join(home, 'runs'))[0]!, readdirSync(join(home, 'trash'))[0]!]
    writeFileSync(join(copy, file.replace('RUN', run).replace('ENTRY', entry)), readFileSync(path))
    const before = namesBelow(copy)
    workspaceReport(copy, null)
    await openedOrRepaired(copy)
    const left = new Set(namesBelow(copy))
    const gone = before.filter((name) => !left.has(name))
    if (gone.length > 0) throw new Error(`lost: ${gone.join(', ')}`)
  }

async function openedOrRepaired(home: string): Promise<void> {
  let refused: unknown = null
  try {
    look(home)
  } catch (error) {
    refused = error
  }
  if (refused === null && kindOfHome(home).is === 'workspace') return
  await repairWorkspace(home)
  look(home)
}

function look(home: string): void {
  const store = new Store(home)
  try {
    for (const { id } of store.runs.list()) store.results.detail(store.runs.resolve(id), '')
    store.datasets.list()
    store.trash.list()
  } finally {
    store.close()
  }
}

/** Files of datasets, runs and the trash, by their own names: they may have moved to the trash. */
function namesBelow(home: string): string[] {
  return ['datasets', 'runs', 'trash'].flatMap((folder) =>
    existsSync(join(home, folder))
      ? readdirSync(join(home, folder), { recursive: true, encoding: 'utf8' })
          .filter((name) => /\.(npy|index|safetensors|parquet|onnx|i32|u8|f64)$/.test(name))
          .map((name) => basename(name))
      : [],
  )
}

export const subjects: Readonly<Record<string, Subject>> = {
  csv: { file: 'source/events.csv', read: imported('interactions') },
  items: { file: 'source/items.csv', read: imported('items') },
  jsonl: { file: 'events.jsonl', read: imported('interactions') },
  parquet: { file: 'events.parquet', read: imported('interactions') },
  bundle: { file: 'bundle.zip', read: (path, scratch) => drained(verifyBundle(path, scratch, 1)) },
  npy: { file: 'item_vectors.npy', read: (path) => readNpy(path) },
  safetensors: {
    file: 'weights.safetensors',
    read: async (path) => {
      await readSafetensorsHeader(path)
      await readSafetensors(path)
    },
  },
  index: { file: 'item.index', read: (path, scratch, sources) => index(path, join(sources.folder, 'item.index.json'), scratch) },
  sidecar: { file: 'item.index.json', read: (path, scratch, sources) => index(join(sources.folder, 'item.index'), path, scratch) },
  spec: {
    file: 'spec.json',
    read: async (path, _, { home }) => {
      const manifest = await readManifest(join(home, 'datasets', 'd'))
      const spec: unknown = readFileSync(path, 'utf8')
      const input = verbs['runs.start'].input.parse({ dataset: 'd', spec })
      specSchema.parse(await resolveConfig(input, manifest, ANY_PATH))
    },
  },
  manifest: {
    file: 'dataset.json',
    read: async (path, scratch) => {
      cpSync(path, join(scratch, 'dataset.json'))
      await readManifest(scratch)
    },
  },
  'run.json': { file: 'run.json', read: workspace('runs/RUN/run.json') },
  'entry.json': { file: 'entry.json', read: workspace('trash/ENTRY/entry.json') },
  'workspace.json': { file: 'workspace.json', read: workspace('workspace.json') },
  database: { file: 'pylon.sqlite', read: workspace('pylon.sqlite') },
}

async function index(path: string, sidecar: string, scratch: string): Promise<void> {
  mkdirSync(scratch, { recursive: true })
  cpSync(path, join(scratch, 'item.index'))
  cpSync(sidecar, join(scratch, 'item.index.json'))
  const loaded = await AnnIndex.load(join(scratch, 'item.index'))
  loaded.dispose()
  rmSync(scratch, { recursive: true })
}
