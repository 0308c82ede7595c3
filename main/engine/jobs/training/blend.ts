/**
 * Makes one run of finished ones: their vectors side by side, at shares that are chosen on the validation part by the vectors
 * that each run keeps of its pass on train alone. What has seen the validation part chooses nothing by it.
 */
import { copyFile, mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { BlendSpec } from '../../../contract/shapes/spec.ts'
import type { Part as DatasetPart } from '../../../contract/shapes/dataset.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { fittedParts } from '../../evaluation/baselines.ts'
import { writeNpy } from '../../files/npy.ts'
import { type BlendFile, COVARIANCE, memberFile, sideBySide } from '../../model/blend.ts'
import { RUN_FILES, runFile } from '../../model/run-files.ts'
import { loadVectors, TRAIN_VECTORS } from '../../model/run-vectors.ts'
import type { VectorModel } from '../../model/scoring.ts'
import type { BlendMember, JobContext, JobFact, TrainJob } from '../../queue/job-types.ts'
import { fittedOn } from '../../protocol/protocol.ts'
import { blended, evenLength, itemFactors, type Part, partOf, popularityPart, scaleRows, type WeightedPart } from './blend-parts.ts'
import { measured, trialMeter } from './measure.ts'
import { measureTrial } from './tune.ts'
import { artefact, writeIndex, writeJson, writeVectors } from './write.ts'

/**
 * Drains to the blended vectors; its members, index and vectors of train alone are written here.
 * @throws PylonError not-found or bad-data where its files are not what was written
 */
export async function* fitBlend(
  job: TrainJob,
  spec: BlendSpec,
  dataset: Dataset,
  context: JobContext,
): AsyncGenerator<JobFact, VectorModel> {
  const { runFolder, members } = job
  const { threads, signal } = context
  // runs of before 0.4 keep no vectors of train alone, and are blended by weights that are given
  const keepTrain = members.every(({ fileRecords }) => TRAIN_VECTORS.every((file) => fileRecords.some(({ path }) => path === file)))
  const before = dataset.manifest.parts.validation > 0 && keepTrain ? yield* partsOf('validation') : null
  const weights = yield* weightsOf()
  const kept = members.flatMap((member, i) => (weights[i]! > 0 ? [{ member, weight: weights[i]!, place: i }] : []))
  for (const [i, { run, name }] of members.entries())
    if (weights[i] === 0)
      yield { kind: 'message', level: 'info', text: `${name} (${run}) adds nothing: its share is 0 and it is left out.` }
  if (before !== null) {
    const known = await popular(['train'])
    const chosen = blended(
      kept.map(({ place, weight }) => ({ part: before[place]!, weight })),
      known,
    )
    yield* writeVectors(runFolder, dataset, chosen, TRAIN_VECTORS)
    yield { kind: 'metrics', ...(yield* measured(spec, dataset, chosen, context)) }
  }
  const parts = yield* partsOf(
    'test',
    kept.map(({ member }) => member),
  )
  const known = await popular(fittedParts({ fittedOn: fittedOn(spec, dataset.manifest) }))
  const model = blended(
    kept.map(({ weight }, i) => ({ part: parts[i]!, weight })),
    known,
  )
  yield* writeMembers()
  yield* writeIndex(runFolder, spec, model, signal)
  return model

  /** Vectors of the members before a part. */
  async function* partsOf(part: 'validation' | 'test', of: readonly BlendMember[] = members): AsyncGenerator<JobFact, Part[]> {
    const found: Part[] = []
    for (const [i, member] of of.entries()) {
      yield { kind: 'progress', progress: { stage: 'read vectors', done: i, total: of.length, unit: 'runs', note: member.name } }
      const count = { user: dataset.manifest.users, item: dataset.manifest.items }
      found.push(await partOf(member.spec, await loadVectors(member, count, part), threads))
    }
    return found
  }

  /** The popularity of items by what is known of them before a part, at its λ; none where that is 0. */
  async function popular(before: readonly DatasetPart[]): Promise<WeightedPart[]> {
    const weight = spec.popularity ?? 0
    return weight === 0 ? [] : [{ part: await popularityPart(dataset, before, threads), weight }]
  }

  async function* weightsOf(): AsyncGenerator<JobFact, readonly number[]> {
    if (members.length === 1) return [1]
    if (spec.weights !== null) return shares(spec.weights)
    if (before === null) {
      const text = 'The dataset has no validation part to choose weights on: all runs count alike. Give others with --weights.'
      yield { kind: 'message', level: 'warning', text }
      return shares(members.map(() => 1))
    }
    const items = sideBySide(before.map(({ items: vectors, width }) => ({ vectors, width })))
    const dim = before.reduce((sum, { width }) => sum + width, 0)
    const valueOf = trialMeter(spec, dataset, context)
    return yield* chooseShares(
      members.map(({ run }) => run),
      (tried) => {
        const users = sideBySide(before.map(({ users: vectors, width }, i) => ({ vectors: vectors.map((x) => x * tried[i]!), width })))
        const factors = itemFactors(before.map((part, i) => ({ part, weight: tried[i]! })))
        if (factors === null) return valueOf({ kind: 'vectors', dim, users, items, matching: 'dot' })
        const scaled = items.slice()
        scaleRows(scaled, dim, factors)
        return valueOf({ kind: 'vectors', dim, users, items: scaled, matching: 'dot' })
      },
    )
  }

  /** What the blend's own towers are made of, so that its runs may be deleted. */
  async function* writeMembers(): AsyncGenerator<JobFact, void> {
    const file: BlendFile = {
      version: 1,
      members: kept.map(({ member, weight }, i) => ({
        run: member.run,
        name: member.name,
        model: member.spec.model,
        metric: parts[i]!.scale.metric,
        dim: parts[i]!.dim,
        weight,
        length: evenLength(parts[i]!, weight),
        towers: member.spec.model === 'two-tower',
      })),
      popularity:
        known.map(({ part, weight }) => ({
          weight,
          length: evenLength(part, weight),
          deviation: Math.sqrt(part.scale.covariance[0]!),
        }))[0] ?? null,
    }
    yield* writeJson(runFolder, RUN_FILES.blend, file)
    for (const [i, { member }] of kept.entries()) {
      const { width, scale } = parts[i]!
      const covariance = memberFile(i, COVARIANCE)
      await mkdir(dirname(join(runFolder, covariance)), { recursive: true })
      await writeNpy(join(runFolder, covariance), 'float32', [width, width], scale.covariance as Float32Array<ArrayBuffer>)
      yield await artefact(runFolder, covariance)
      if (member.spec.model !== 'two-tower') continue
      for (const name of [RUN_FILES.spec, RUN_FILES.encoders, RUN_FILES.weights]) {
        const path = memberFile(i, name)
        await copyFile(await runFile(member, name), join(runFolder, path))
        yield await artefact(runFolder, path)
      }
    }
  }
}

/** Shares of 1 in proportion; not all of them are 0, which was checked when the run was made. */
function shares(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

const TENTHS = Array.from({ length: 11 }, (_, i) => i / 10)
/** How often all shares are gone through, at most. */
const SWEEPS = 3

/**
 * The shares whose blend measures best: every run alone, all alike, then one run's share after the other from 0 to 1 in tenths, the
 * others in proportion, while that is better; last in steps of a twentieth. Of equals the first, so that who adds nothing has no share.
 * Yields each trial.
 */
export async function* chooseShares(
  runs: readonly string[],
  measure: (shares: readonly number[]) => AsyncGenerator<JobFact, number>,
): AsyncGenerator<JobFact, readonly number[]> {
  const known = new Map<string, number>()
  let best: { shares: readonly number[]; value: number } = { shares: [], value: -Infinity }
  const alone = runs.map((_, i) => runs.map((__, j) => (i === j ? 1 : 0)))
  for (const tried of [...alone, runs.map(() => 1 / runs.length)]) yield* attempt(tried)
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false
    for (const i of runs.keys()) {
      const from = best
      for (const share of TENTHS) yield* attempt(withShare(from.shares, i, share))
      moved ||= best !== from
    }
  }
  for (const i of runs.keys()) {
    const from = best
    for (const step of [-0.05, 0.05]) {
      const share = from.shares[i]! + step
      if (share > 0 && share < 1) yield* attempt(withShare(from.shares, i, share))
    }
  }
  return best.shares

  async function* attempt(exact: readonly number[]): AsyncGenerator<JobFact, void> {
    const tried = exact.map((share) => Number(share.toFixed(4)))
    const key = tried.join()
    if (known.has(key)) return
    const settings = Object.fromEntries(runs.map((run, i) => [`weights.${run}`, tried[i]!]))
    const value = yield* measureTrial(known.size, settings, () => measure(tried))
    known.set(key, value)
    if (value > best.value) best = { shares: tried, value }
  }
}

/** One share set, the others in proportion (alike where they were all 0). */
function withShare(of: readonly number[], at: number, share: number): number[] {
  const others = 1 - of[at]!
  return of.map((each, i) => (i === at ? share : others > 0 ? (each / others) * (1 - share) : (1 - share) / (of.length - 1)))
}
