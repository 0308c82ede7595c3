/**
 * A two-tower that is trained elsewhere: its job's metrics are followed as if they were this process's own, and in the end its weights are
 * loaded into the towers that Pylon builds, whose vectors must be those that the job had.
 */
import { existsSync } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { badData, Cancelled, notFound } from '../../../contract/errors.ts'
import { formatsOf } from '../../../contract/formats.ts'
import { specSchema, type TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import {
  CLUSTER_FILES,
  type ClusterLine,
  clusterLineSchema,
  type ClusterManifest,
  clusterManifestSchema,
  type ClusterResult,
  clusterResultSchema,
  type PassName,
} from '../../export/cluster/manifest.ts'
import { errorCode, valueIfAbsent } from '../../files/error-code.ts'
import { writeFileAtomic } from '../../files/atomic.ts'
import { readCheckedJson, tryParseJson } from '../../files/json-file.ts'
import type { JobContext, JobFact, TrainJob } from '../../queue/job-types.ts'
import { embedItems, embedUsers, prepareTraining, type TrainingSetup } from '../../training/loop/setup.ts'
import { loadWeights } from '../../training/state/checkpoint.ts'
import { asFacts } from './facts.ts'
import type { Fitted } from './fit.ts'
import { keepTrainModel } from './keep.ts'

const { integer, bytes } = formatsOf('en')

/** In a run's folder: where the job lies, for a run that is resumed. */
export const ELSEWHERE_FILE = 'elsewhere.json'
/** How often a job's files are looked at. */
const LOOK_MS = 500
/** How far a vector's numbers may be from those that the job had, of the largest of them: float32 in another order of sums. */
const NEAR = 1e-3

/** Where a run is trained; null: here. */
export async function placeOf({ elsewhere, resume, runFolder }: TrainJob): Promise<string | null> {
  const file = join(runFolder, ELSEWHERE_FILE)
  if (elsewhere !== undefined) {
    await writeFileAtomic(file, `${JSON.stringify({ folder: elsewhere })}\n`)
    return elsewhere
  }
  if (!resume || !existsSync(file)) return null
  return (await readCheckedJson(file, z.object({ folder: z.string() }))).folder
}

/** @throws PylonError bad-data where the job's model is not what Pylon makes of its weights; Cancelled where following it was stopped */
export async function* fitElsewhere(
  folder: string,
  job: TrainJob,
  spec: TwoTowerSpec,
  dataset: Dataset,
  context: JobContext,
): AsyncGenerator<JobFact, Fitted> {
  const manifest = await readCluster(folder)
  if (job.resume) yield { kind: 'resumed', step: 0, epoch: 0 }
  yield* follow(folder, spec, context.signal)
  const result = await readCheckedJson(join(folder, CLUSTER_FILES.result), clusterResultSchema)
  const text = `Trained elsewhere: ${result.engine}, ${result.workers} workers, ${result.shards} shards, ${Math.round(result.seconds)} s.`
  yield { kind: 'message', level: 'info', text }
  for (const told of measuredThere(result)) yield { kind: 'message', level: 'info', text: told }
  if (manifest.passes.final !== undefined) {
    const chosen = yield* loaded(folder, manifest, 'choose', CLUSTER_FILES.chosen, { spec, dataset, context })
    try {
      yield* keepTrainModel(job, chosen, context)
    } finally {
      await chosen.dispose()
    }
  }
  const name = manifest.passes.final === undefined ? 'choose' : 'final'
  const phase = yield* loaded(folder, manifest, name, CLUSTER_FILES.weights, { spec, dataset, context })
  yield* compareProbes(folder, phase, result, context)
  if (name === 'choose' && dataset.manifest.parts.validation > 0) yield* keepTrainModel(job, phase, context)
  const { bestEpoch, epochs, steps, seconds } = result
  return { phase, bestEpoch, epochs, steps, seconds, isElsewhere: true }
}

/** What the job measured itself, its items in shards, in words: the run has Pylon's own numbers beside it. */
function measuredThere({ test, index }: ClusterResult): string[] {
  const words = (metrics: Record<string, number>): string =>
    Object.entries(metrics)
      .map(([name, value]) => `${name} ${value.toFixed(4)}`)
      .join(', ')
  if (test === undefined || test.users === 0) return []
  return [
    `The job measured on ${integer(test.users)} users of the test part, its items in shards: ${words(test.metrics)}.`,
    ...(index === undefined
      ? []
      : [
          `Its index ${index.factory}, nprobe ${index.nprobe} (${bytes(index.bytes)}), finds ${((index.found ?? 0) * 100).toFixed(1)} % of the 20 best: ${words(index.metrics)}.`,
        ]),
  ]
}

/** A job's manifest. @throws PylonError not-found, or bad-data where it is none */
export async function readCluster(folder: string): Promise<ClusterManifest> {
  const path = join(folder, CLUSTER_FILES.manifest)
  if (!existsSync(path))
    throw notFound(`${folder} holds no ${CLUSTER_FILES.manifest}: give the folder that pylon export-job wrote.`, 'path')
  return readCheckedJson(path, clusterManifestSchema)
}

/** The job's lines as facts, until its result is there. */
async function* follow(folder: string, spec: TwoTowerSpec, signal: AbortSignal): AsyncGenerator<JobFact, void> {
  const lines = new Lines(join(folder, CLUSTER_FILES.metrics))
  for (;;) {
    // looked for first: a result that is there has all its lines before it
    const ended = existsSync(join(folder, CLUSTER_FILES.result))
    if (!ended && !existsSync(join(folder, CLUSTER_FILES.manifest)))
      throw notFound(
        `${folder} is not there any more, or holds no ${CLUSTER_FILES.manifest}: put the job back, and resume the run.`,
        'path',
      )
    if (await lines.begunAnew()) yield { kind: 'resumed', step: 0, epoch: 0 }
    for (const line of await lines.more()) yield* factsOf(line, spec)
    if (ended) {
      if (lines.odd > 1)
        yield { kind: 'message', level: 'warning', text: `${integer(lines.odd)} lines of ${CLUSTER_FILES.metrics} are left out.` }
      return
    }
    if (signal.aborted) throw new Cancelled('Following was stopped; the job itself goes on.')
    if (lines.empty)
      yield { kind: 'progress', progress: { stage: 'wait for the job', done: 0, total: spec.training.epochs, unit: 'epochs' } }
    await sleep(LOOK_MS)
  }
}

function* factsOf(line: ClusterLine, { training }: TwoTowerSpec): Generator<JobFact> {
  if (line.kind === 'begin') {
    const text = `The job began: ${line.engine}, ${line.workers} workers, ${line.shards} shards.`
    yield { kind: 'message', level: 'info', text }
  } else if (line.kind === 'message') {
    yield { kind: 'message', level: line.level === 'warn' ? 'warning' : 'info', text: line.text }
  } else if (line.kind === 'resumed') {
    const { step, epoch } = line
    yield { kind: 'resumed', step, epoch }
  } else if (line.kind === 'steps') {
    const { kind: _, ...row } = line
    yield { kind: 'steps', rows: [row] }
  } else if (line.kind === 'epoch') {
    const { kind: _, ...row } = line
    yield { kind: 'epoch', row }
    const total = Math.max(training.epochs, row.epoch)
    yield { kind: 'progress', progress: { stage: 'train elsewhere', done: row.epoch, total, unit: 'epochs' } }
  }
}

/** The lines of a file that somebody writes on. */
class Lines {
  readonly #path: string
  #at = 0
  #rest = ''

  constructor(path: string) {
    this.#path = path
  }

  /** lines that no job writes */
  odd = 0

  get empty(): boolean {
    return this.#at === 0
  }

  /** Whether the file is shorter than what was read of it, so that it is another one now, which is read from its start. */
  async begunAnew(): Promise<boolean> {
    const { size } = await stat(this.#path).catch(valueIfAbsent({ size: 0 }))
    if (size >= this.#at) return false
    this.#at = 0
    this.#rest = ''
    this.odd = 0
    return true
  }

  /** What was written since, whole lines. One that is not what a job writes is left out: its curves lack it, and its result does not. */
  async more(): Promise<ClusterLine[]> {
    const texts = (this.#rest + (await this.#read())).split('\n')
    this.#rest = texts.pop()!
    return texts.filter((text) => text !== '').flatMap((text) => this.#line(text))
  }

  async #read(): Promise<string> {
    const file = await open(this.#path).catch((error: unknown) => {
      if (errorCode(error) === 'ENOENT') return null
      throw error
    })
    if (file === null) return ''
    try {
      const { size } = await file.stat()
      const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.max(0, size - this.#at)), 0, undefined, this.#at)
      this.#at += bytesRead
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  }

  #line(text: string): ClusterLine[] {
    const { data } = clusterLineSchema.safeParse(tryParseJson(text))
    if (data !== undefined) return [data]
    this.odd++
    const told = `${this.#path} has a line that no job writes, and it is left out: ${JSON.stringify(text.slice(0, 200))}`
    return this.odd > 1 ? [] : [{ kind: 'message', level: 'warn', text: told }]
  }
}

/** The towers of a pass with the job's weights. */
async function* loaded(
  folder: string,
  manifest: ClusterManifest,
  pass: PassName,
  weights: string,
  { spec, dataset, context }: { readonly spec: TwoTowerSpec; readonly dataset: Dataset; readonly context: JobContext },
): AsyncGenerator<JobFact, TrainingSetup> {
  const { parts } = manifest.passes[pass]!
  const phase = yield* asFacts(prepareTraining({ spec, dataset, parts, threads: context.threads }), context.signal)
  try {
    const [trained, path] = ['spec.json', 'encoders.json'].map((file) => join(folder, 'passes', pass, file)) as [string, string]
    if (JSON.stringify(await readCheckedJson(there(trained), specSchema)) !== JSON.stringify(manifest.spec))
      throw badData(
        `It is not the spec of ${CLUSTER_FILES.manifest}, which the run would be known by: export the job with the spec you want.`,
        trained,
      )
    if (JSON.stringify(phase.encoders) !== (await readFile(there(path), 'utf8')).trim())
      throw badData('Its encoders are not those that Pylon makes of this dataset now: export the job again.', path)
    await loadWeights(there(join(folder, weights)), phase.state)
    return phase
  } catch (error) {
    await phase.dispose()
    throw error
  }
}

/** A file of a job. @throws PylonError not-found where it is not there */
function there(path: string): string {
  if (existsSync(path)) return path
  throw notFound(`The job lacks ${path}: copy it from where the job was exported or has run.`, 'path')
}

/** Holds the vectors of some users and items against those that the job had. @throws PylonError bad-data where they differ */
async function* compareProbes(
  folder: string,
  phase: TrainingSetup,
  { probes }: ClusterResult,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, void> {
  const { dim } = phase.model
  const { users: userCount, items: itemCount } = phase.dataset.manifest
  for (const [{ rows, vectors }, count] of [
    [probes.user, userCount],
    [probes.item, itemCount],
  ] as const)
    if (rows.some((row) => row >= count) || vectors.some(({ length }) => length !== dim))
      throw badData(`Its probes are not of this model: rows up to ${count}, vectors of ${dim}.`, join(folder, CLUSTER_FILES.result))
  const items = yield* asFacts(embedItems(phase, threads, Int32Array.from(probes.item.rows)), signal)
  const users = yield* asFacts(embedUsers(phase, 'train+validation', threads, Int32Array.from(probes.user.rows)), signal)
  // each number of theirs beside ours
  const pairs = [
    ...probes.user.vectors.flatMap((vector, i) => vector.map((value, j) => [value, users[i * dim + j]!] as const)),
    ...probes.item.vectors.flatMap((vector, i) => vector.map((value, j) => [value, items[i * dim + j]!] as const)),
  ]
  const worst = Math.max(...pairs.map(([theirs, ours]) => Math.abs(theirs - ours)))
  const largest = Math.max(...pairs.map(([theirs]) => Math.abs(theirs)))
  if (!(worst <= NEAR * largest))
    throw badData(
      `The job had other vectors than Pylon's towers give with its weights (by up to ${worst.toExponential(1)}, the largest number is ${largest.toFixed(3)}): it is not taken in.`,
      join(folder, CLUSTER_FILES.result),
    )
  const count = probes.user.rows.length + probes.item.rows.length
  yield {
    kind: 'message',
    level: 'info',
    text: `${count} vectors of the job are those of Pylon's towers, within ${worst.toExponential(1)}.`,
  }
}
