/**
 * A workspace of many synthetic runs, for measuring pages and stores: three datasets, five protocols, families of three seeds, every
 * state, curves that rise and level off. Seeded: the same arguments give the same numbers. As a program: node test/helpers/many-runs.ts
 * HOME [RUNS]
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Protocol } from '../../main/contract/shapes/protocol.ts'
import { searchSchema } from '../../main/contract/shapes/search.ts'
import { specSchema } from '../../main/contract/shapes/spec.ts'
import { makeProtocol } from '../../main/engine/protocol/protocol.ts'
import { Store } from '../../main/engine/store/store.ts'
import { memoryDataset } from './dataset.ts'

const LOSSES = ['in-batch-softmax', 'sampled-softmax', 'bpr', 'bsl', 'ccl', 'directau'] as const
const KINDS = ['recall', 'ndcg', 'hit', 'mrr', 'map', 'precision'] as const
const CUTS = [5, 10, 20, 50] as const
const TAGS = ['baseline', 'cold', 'sweep', 'paper', 'try'] as const
const START = Date.UTC(2026, 2, 1)

export interface ManyRuns {
  readonly runs?: number
  readonly epochs?: number
  /** rows of steps each of the newest 100 runs has; the others have none */
  readonly steps?: number
  /** each of 30 trials, whose runs are no longer kept */
  readonly searches?: number
}

/** Makes the workspace; about 0.6 ms a run. @returns the ids, oldest first */
export function makeManyRuns(home: string, { runs = 10_000, epochs = 12, steps = 0, searches = 0 }: ManyRuns = {}): string[] {
  const store = new Store(home)
  const random = numbers(7)
  try {
    const protocols = datasets(store)
    return store.database.transaction(() => {
      for (let i = 0; i < searches; i++) addSearch(store, i, random)
      return Array.from({ length: runs }, (_, i) => addRun(store, { i, runs, epochs, steps, random, protocols }))
    })
  } finally {
    store.close()
  }
}

/** Mulberry32: uniform in [0, 1). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

function datasets(store: Store): Protocol[] {
  return ['gowalla', 'market', 'movies'].flatMap((name, d) => {
    const { manifest } = memoryDataset({
      name,
      interactions: Array.from({ length: 40 }, (_, i) => ({
        user: `u${i % 8}`,
        item: `i${(i * 7 + d) % 13}`,
        part: i % 5 === 0 ? 'test' : 'train',
      })),
    })
    const folder = store.workspace.temporary()
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'dataset.json'), JSON.stringify(manifest))
    store.datasets.add(manifest, folder, false)
    const choice = { manifest, part: 'test', fittedOn: 'train', events: [], search: 'exact' } as const
    return [makeProtocol({ ...choice, seen: 'masked' }), ...(d < 2 ? [makeProtocol({ ...choice, seen: 'included' })] : [])]
  })
}

function addSearch(store: Store, i: number, random: () => number): void {
  const spec = searchSchema.parse({
    name: `width and rate ${i}`,
    dataset: ['gowalla', 'market', 'movies'][i % 3],
    spec: { recipe: 'two-tower' },
    space: {
      'user.output': { kind: 'range', low: 16, high: 256, integer: true },
      'training.tables.learningRate': { kind: 'range', low: 1e-4, high: 0.1, log: true },
    },
  })
  const search = store.searches.create({ spec, threads: 2, executor: null, owner: 'nobody' })
  for (let number = 1; number <= 30; number++) {
    const params = { 'user.output': 16 + Math.floor(240 * random()), 'training.tables.learningRate': 10 ** (-1 - 3 * random()) }
    const drawn = { by: 'random', known: number - 1, acquisition: null, note: null } as const
    store.searches.addTrial(search, { number, run: null, params, finalOf: null, seed: null, drawn })
    const ended = { state: 'complete', value: 0.08 + 0.1 * random(), epochs: 12, bestEpoch: 9, error: null } as const
    store.searches.endTrial(search, number, ended, 'ndcg@20')
  }
  store.searches.end(search, 'finished', 'trials', null, null)
}

interface Order {
  readonly i: number
  readonly runs: number
  readonly epochs: number
  readonly steps: number
  readonly random: () => number
  readonly protocols: readonly Protocol[]
}

function addRun(store: Store, { i, runs, epochs, steps, random, protocols }: Order): string {
  const family = Math.floor(i / 3)
  const pick = <T>(list: readonly T[], by: number): T => list[by % list.length]!
  const protocol = pick(protocols, family >> 2)
  const loss = pick(LOSSES, family)
  const width = 2 ** (4 + (family % 4))
  const spec = specSchema.parse({
    recipe: loss === 'bpr' ? 'mf-bpr' : loss === 'bsl' ? 'bsl' : 'two-tower',
    user: { features: [{ kind: 'id', dim: width }], hidden: [2 * width, width] },
    item: { features: [{ kind: 'id', dim: width }], hidden: [2 * width, width] },
    loss: { kind: loss },
    training: {
      seed: 1 + (i % 3),
      epochs,
      batchSize: 2 ** (9 + (family % 3)),
      tables: { kind: 'adam', learningRate: Number((10 ** -(2 + (family % 499) / 200)).toPrecision(3)) },
    },
    evaluation: { k: [...CUTS], seen: protocol.seen },
  })
  const id = store.runs.create({ name: `${spec.recipe!}-${width}`, dataset: protocol.datasetName, spec, threads: 2, owner: 'nobody' })
  const at = new Date(START + (i * 200 * 86_400_000) / runs).toISOString()
  store.database.run('UPDATE runs SET created_at = ? WHERE id = ?', at, id)

  const level = 0.08 + 0.1 * ((family * 37) % 101) * 0.01 + 0.004 * random()
  const state = i % 29 === 3 ? 'failed' : i % 23 === 5 ? 'cancelled' : i % 41 === 7 ? 'interrupted' : 'finished'
  const trained = state === 'finished' ? epochs : 1 + Math.floor(random() * (epochs - 1))
  const best = Math.max(1, Math.round(trained * (0.6 + 0.4 * random())))
  addEpochs(store, id, { trained, best, level, random })
  if (i >= runs - 100) addSteps(store, id, steps, trained, random)
  if (state === 'finished') finish(store, id, { protocol, level, best, trained, random })
  else store.runs.stop(id, state, state === 'failed' ? 'The loss became NaN at step 812: lower the learning rate.' : null)
  if (family % 6 === 0) store.runs.setTags(id, [pick(TAGS, family), pick(TAGS, family + 2)])
  if (family % 4 === 1) store.table.setFolder(id, pick(['losses', 'losses/temperature', 'width', 'paper'], family))
  if (i % 50 === 0) store.runs.setNote(id, 'looks stable; try a smaller learning rate')
  return id
}

function addEpochs(
  store: Store,
  run: string,
  { trained, best, level, random }: { trained: number; best: number; level: number; random: () => number },
): void {
  for (let epoch = 1; epoch <= trained; epoch++) {
    const value = level * (1 - Math.exp(-epoch / 3)) - 0.002 * Math.abs(epoch - best) + 0.001 * random()
    store.results.addEpoch(run, {
      epoch,
      loss: 5 * Math.exp(-epoch / 4) + 1.5 + 0.05 * random(),
      examplesPerSecond: 50_000 + 5_000 * random(),
      learningRate: 0.001,
      validation: { 'recall@20': value * 1.2, 'ndcg@20': value },
    })
  }
}

function addSteps(store: Store, run: string, steps: number, epochs: number, random: () => number): void {
  const rows = Array.from({ length: steps }, (_, s) => ({
    step: s + 1,
    epoch: 1 + Math.floor((s * epochs) / steps),
    loss: 5 * Math.exp((-3 * s) / steps) + 1.5 + 0.3 * random(),
    learningRate: 0.001,
    examplesPerSecond: 50_000,
  }))
  store.results.addSteps(run, rows)
}

interface Finished {
  readonly protocol: Protocol
  readonly level: number
  readonly best: number
  readonly trained: number
  readonly random: () => number
}

function finish(store: Store, run: string, { protocol, level, best, trained, random }: Finished): void {
  const metrics = Object.fromEntries(
    ['', 'cold.'].flatMap((slice) =>
      KINDS.flatMap((kind, k) =>
        CUTS.map((cut) => [
          `${slice}${kind}@${cut}`,
          Math.min(1, level * (slice === '' ? 1 : 0.3) * (1 - 0.12 * k) * Math.log2(cut) * 0.25 + 0.001 * random()),
        ]),
      ),
    ),
  )
  const baseline = Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value * 0.4]))
  store.results.addMetrics(run, protocol, metrics, baseline)
  store.runs.finish(run, {
    run,
    epochs: trained,
    bestEpoch: best,
    seconds: 60 + 600 * random(),
    examplesPerSecond: 40_000 + 20_000 * random(),
    peakRssMb: 900,
    metrics,
    baseline,
    protocol,
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [home, runs = '10000'] = process.argv.slice(2)
  if (home === undefined) throw new Error('node test/helpers/many-runs.ts HOME [RUNS]')
  const started = performance.now()
  const { length } = makeManyRuns(home, { runs: Number(runs), steps: 10_000 })
  console.log(`${length} runs in ${home} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
}
