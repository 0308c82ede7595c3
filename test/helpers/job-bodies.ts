/**
 * A job process with small bodies instead of the real ones, for tests of the queue, the engine and the store: real processes, real
 * messages, no training. What it does follows from the name of the dataset or the run's spec.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cancelled, PylonError } from '../../main/contract/errors.ts'
import type { DatasetManifest } from '../../main/contract/shapes/dataset.ts'
import type { Protocol } from '../../main/contract/shapes/protocol.ts'
import type { JobBody, JobContext, JobFact, JobName } from '../../main/engine/queue/job-types.ts'
import { jobMain, type LoadJob } from '../../main/hosts/job-main.ts'

/** The job process's entry, for `forkJob`. */
export const entry = new URL(import.meta.url)

const spread = { minimum: 1, median: 2, mean: 2, p90: 3, maximum: 4 }

/** A manifest of nothing much. */
export function tinyManifest(name: string, createdAt = new Date().toISOString()): DatasetManifest {
  return {
    version: 1,
    name,
    createdAt,
    checksum: 'c0ffee00c0ffee00',
    source: { format: 'table', files: [], seed: null },
    users: 3,
    items: 4,
    interactions: 9,
    parts: { train: 5, validation: 2, test: 2, unused: 0 },
    events: [],
    hasTime: true,
    hasOrder: true,
    hasWeight: false,
    userColumns: [],
    itemColumns: [],
    itemTitle: null,
    split: { kind: 'leave-last' },
    profile: {
      users: 3,
      items: 4,
      interactions: 9,
      density: 0.75,
      timeFrom: 0,
      timeTo: 100,
      duplicates: 0,
      usersWithoutInteractions: 0,
      itemsWithoutInteractions: 0,
      itemsWithoutMetadata: 0,
      usersWithoutMetadata: 0,
      coldItems: 0,
      coldShare: 0,
      longTail: [],
      interactionsPerUser: spread,
      interactionsPerItem: spread,
      perEvent: [9],
      activity: [],
    },
    warnings: [],
  }
}

/** A protocol of a dataset; `seen` decides its hash. */
export function tinyProtocol(datasetName: string, seen: 'masked' | 'included' = 'masked'): Protocol {
  return {
    version: 2,
    datasetName,
    datasetChecksum: 'c0ffee00c0ffee00',
    split: { kind: 'leave-last' },
    part: 'test',
    fittedOn: 'train',
    candidates: 'all-items',
    seen,
    events: [],
    ties: 'item-order',
    search: 'exact',
    hash: seen === 'masked' ? 'aaaaaaaaaaaa' : 'bbbbbbbbbbbb',
  }
}

/** `slow…` works until it is stopped, `crash…` dies, `bad…` finds bad data. */
const importTiny: JobBody<'import'> = async function* ({ input, folder }, context) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'half.part'), 'x')
  yield { kind: 'message', level: 'info', text: 'guessed nothing' }
  if (input.name.startsWith('slow')) yield* forever(context)
  if (input.name.startsWith('crash')) process.kill(process.pid, 'SIGKILL')
  if (input.name.startsWith('bad')) throw new PylonError('bad-data', 'is no number: correct it.', 'ratings.csv:12 column "price"')
  const manifest = tinyManifest(input.name)
  writeFileSync(join(folder, 'dataset.json'), JSON.stringify(manifest))
  return manifest
}

/** Trains `epochs` epochs of two steps. The user tower's width says how it ends: 11 bad data, 12 crash after an epoch, 13 never. */
const trainTiny: JobBody<'train'> = async function* ({ run, spec, resume, datasetFolder }, context) {
  if (spec.model !== 'two-tower') throw new Error('not here')
  const { epochs } = spec.training
  const width = spec.user.output
  if (width === 11) throw new PylonError('bad-data', 'holds a negative price.', 'item.features[2]')
  if (resume) yield { kind: 'resumed', step: 2, epoch: 1 }
  for (let epoch = resume ? 2 : 1; epoch <= epochs; epoch++) {
    const rows = [1, 2].map((i) => ({ step: (epoch - 1) * 2 + i, epoch, loss: resume ? 0.5 : 1, learningRate: 0.1, examplesPerSecond: 10 }))
    yield { kind: 'steps', rows }
    yield { kind: 'progress', progress: { stage: 'train', done: epoch, total: epochs, unit: 'epochs' } }
    yield {
      kind: 'epoch',
      row: { epoch, loss: resume ? 0.5 : 1, examplesPerSecond: 10, learningRate: 0.1, validation: { 'ndcg@20': epoch / 10 } },
    }
    if (width === 12 && !resume) process.kill(process.pid, 'SIGKILL')
    if (width === 13 && !resume) yield* forever(context)
  }
  yield { kind: 'artefact', artefact: { path: 'model.bin', bytes: 3, sha256: 'abc' } }
  const protocol = tinyProtocol(datasetFolder.split(/[\\/]/).at(-1)!, spec.evaluation.seen)
  const metrics = { 'recall@20': spec.training.seed / 100, 'ndcg@20': 0.02 }
  return {
    run,
    epochs,
    bestEpoch: epochs,
    seconds: 1,
    examplesPerSecond: 10,
    peakRssMb: 50,
    metrics,
    baseline: { 'recall@20': 0.01 },
    protocol,
  }
}

/** Says that every run has ranks. */
const rankTiny: JobBody<'rank'> = async function* ({ runs }) {
  yield { kind: 'progress', progress: { stage: 'rank', done: 1, total: 1, unit: 'runs' } }
  return runs.map(({ run, protocol }) => ({ run, artefact: { path: `ranks-${protocol}.npy`, bytes: 4, sha256: 'abcd' } }))
}

/** Dies when it has written the index, before anybody could hear of it. */
const indexTiny: JobBody<'index'> = async function* ({ runFolder, name }) {
  yield { kind: 'progress', progress: { stage: 'build index', done: 0, total: 1, unit: 'items' } }
  mkdirSync(join(runFolder, 'indexes'), { recursive: true })
  writeFileSync(join(runFolder, 'indexes', `${name}.index`), 'another index')
  process.kill(process.pid, 'SIGKILL')
  throw new Error('not reached')
}

async function* forever({ signal }: JobContext): AsyncGenerator<JobFact, void> {
  for (let done = 0; ; done++) {
    if (signal.aborted) throw new Cancelled()
    yield { kind: 'progress', progress: { stage: 'wait', done, total: null, unit: 'turns' } }
    await sleep(10)
  }
}

const bodies: Partial<{ [J in JobName]: JobBody<J> }> = { import: importTiny, train: trainTiny, rank: rankTiny, index: indexTiny }

if (process.send !== undefined && process.argv[1] === import.meta.filename) {
  jobMain((async (job) => bodies[job]!) as LoadJob)
}
