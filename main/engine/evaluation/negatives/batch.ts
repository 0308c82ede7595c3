/**
 * One batch of a model as training would see it: the examples of an epoch's order, the candidates that the sampler gives them, corrections
 * and masks, and the scores of all pairs. Nothing is dropped out, and no memory of earlier batches is there.
 */
import { badInput } from '../../../contract/errors.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { takeRows } from '../../ann/scale-vectors.ts'
import { dotAt } from '../../compute/dot.ts'
import { compileProgram } from '../../compute/executor.ts'
import type { Feeds } from '../../compute/graph-session.ts'
import { loadMatchModule } from '../../towers/match-module.ts'
import { type Match, matchOf } from '../../towers/match.ts'
import { LOG_TEMPERATURE } from '../../towers/two-tower.ts'
import { CandidateSampler } from '../../training/candidates/candidate-sampler.ts'
import { type Block, candidatePlan, type CandidatePlan, negativeCount } from '../../training/candidates/plan.ts'
import { lossPorts, type LossPorts } from '../../training/candidates/ports.ts'
import { createSources } from '../../training/candidates/sources.ts'
import { Embedder } from '../../training/embed.ts'
import { embedItems, type TrainingSetup } from '../../training/loop/setup.ts'
import { ITEMS, SCORES, scoreProgram, USERS } from './score-gradient.ts'

/** Scores of a batch that are looked at: a matrix of each kind is held. */
const MOST_SCORES = 4_000_000

export interface Batch {
  /** rows looked at, and of the whole batch */
  readonly rows: number
  readonly whole: number
  /** of the rows alone; shared candidates are those of the whole batch */
  readonly plan: CandidatePlan
  readonly ports: LossPorts
  readonly users: Int32Array
  readonly positives: Int32Array
  /** item of each candidate of a block: shared [count], own [rows × count] */
  readonly candidates: readonly Int32Array[]
  /** of the loss: corrections, masks, weights */
  readonly feeds: Feeds
  /** [rows] and [rows × count], before temperature and correction */
  readonly positiveScores: Float32Array
  readonly scores: readonly Float32Array[]
  readonly temperature: number
  /** [rows × dim] */
  readonly vectors: Float32Array
  /** [items × dim] */
  readonly items: Float32Array
  readonly match: Match
}

/**
 * @param number which batch of the first epoch, from 1; it goes round
 * @throws PylonError bad-input where the loss has no scores
 */
export async function* batchOf(phase: TrainingSetup, number: number, threads: number): Stage<Batch> {
  const { dataset, positives, model, state, batch: whole, order } = phase
  const spec = withoutSketch(phase.spec)
  if (spec.loss.kind === 'directau') throw badInput('The loss of this run compares vectors and has no negatives (directau).', 'run')
  const full = candidatePlan(
    { ...spec, extraNegatives: { ...spec.extraNegatives, memory: 0 } },
    { batch: whole, negatives: negativeCount(spec, positives.itemCounts.length) },
  )
  const width = full.blocks.reduce((sum, { count }) => sum + count, 0)
  const rows = Math.min(whole, Math.max(1, Math.floor(MOST_SCORES / Math.max(1, width))))
  const sampler = new CandidateSampler({
    spec,
    plan: full,
    positives,
    sources: await createSources(spec, dataset, ['train']),
    mined: phase.mined,
    dim: model.dim,
  })
  const batches = Math.max(1, Math.floor(order.examples / whole))
  const from = ((number - 1) % batches) * whole
  const positions = order.of(0).slice(from, from + whole)
  const allUsers = Int32Array.from(positions, (p) => positives.user[p]!)
  const sampled = sampler
    .sample({ users: allUsers, positives: Int32Array.from(positions, (p) => positives.item[p]!), positions }, number)
    .slice()
  const weight = Float32Array.from(positions, (p) => (positives.weights?.[p] ?? 1) / whole)
  const feeds = sampler.feeds(allUsers, weight, 1)

  const items = yield* embedItems(phase, threads)
  const userRows = allUsers.slice(0, rows)
  const vectors = nearest(yield* embedExamples(phase, positions.subarray(0, rows), threads), sampled.subarray(0, rows), items, model.dim)
  const plan: CandidatePlan = { ...full, batch: rows }
  const candidates = plan.blocks.map(({ kind, from: first, count }) =>
    sampled.slice(first, first + (kind === 'shared' ? count : rows * count)),
  )
  const match = matchOf(spec.match, await loadMatchModule(spec.match))
  yield { stage: 'score', done: 0, total: rows, unit: 'rows' }
  const rowScores = await pairScores(match, model.dim, vectors, takeRows(items, sampled.subarray(0, rows), model.dim), 'rows', threads)
  const scores: Float32Array[] = []
  for (const [k, { kind }] of plan.blocks.entries())
    scores.push(await pairScores(match, model.dim, vectors, takeRows(items, candidates[k]!, model.dim), kind, threads))
  const ports = lossPorts(plan, model.dim)
  return {
    rows,
    whole,
    plan,
    ports,
    users: userRows,
    positives: sampled.slice(0, rows),
    candidates,
    feeds: ofRows(feeds, ports, lossPorts(full, model.dim), plan, whole),
    positiveScores: rowScores,
    scores,
    temperature: temperatureNow(phase, state.weights.get(LOG_TEMPERATURE.name)?.values[0]),
    vectors,
    items,
    match,
  }
}

/** Scores of all pairs, [rows × columns], or of each row with its own, [rows × n]. */
export async function pairScores(
  match: Match,
  dim: number,
  users: Float32Array,
  items: Float32Array,
  kind: Block['kind'],
  threads: number,
): Promise<Float32Array> {
  const sizes = { rows: users.length / dim, columns: items.length / dim, dim }
  const program = await compileProgram(scoreProgram(match, kind, sizes), { threads })
  try {
    return SCORES.take(await program.run({ ...USERS.feed(users), ...ITEMS.feed(items) })).slice()
  } finally {
    await program.dispose()
  }
}

/** A sketch of frequencies that training fills is not kept with a run: shares of the examples stand in for it. */
function withoutSketch(spec: TrainingSetup['spec']): TrainingSetup['spec'] {
  return 'estimator' in spec.loss ? { ...spec, loss: { ...spec.loss, estimator: { kind: 'empirical' } } } : spec
}

/** Vectors of the users of examples as of each, [positions × interests·dim]. */
async function* embedExamples(
  { model, state, encoded, positives }: TrainingSetup,
  positions: Int32Array,
  threads: number,
): Stage<Float32Array> {
  const embedder = await Embedder.create(model.user, state, { threads })
  let at = 0
  try {
    return yield* embedder.embed(
      encoded.user,
      Int32Array.from(positions, (p) => positives.user[p]!),
      (block) => positives.context(positions.subarray(at, (at += block.length))),
    )
  } finally {
    await embedder.dispose()
  }
}

/** Of each row's interests [rows × interests·dim] the one with the largest inner product with its positive, as training takes it. */
function nearest(users: Float32Array, positives: Int32Array, items: Float32Array, dim: number): Float32Array {
  const rows = positives.length
  const width = users.length / rows
  if (width === dim) return users
  const score = (at: number, row: number): number => dotAt(users, at, items, positives[row]! * dim, dim)
  const out = new Float32Array(rows * dim)
  for (let row = 0; row < rows; row++) {
    let best = row * width
    for (let at = best; at < (row + 1) * width; at += dim) if (score(at, row) > score(best, row)) best = at
    out.set(users.subarray(best, best + dim), row * dim)
  }
  return out
}

/** What the loss of the whole batch is fed, of the first rows. */
function ofRows(feeds: Feeds, ports: LossPorts, full: LossPorts, plan: CandidatePlan, whole: number): Feeds {
  const { batch: rows } = plan
  const { rows: row } = ports
  const scale = whole / rows
  const own: Feeds[] = [
    row.positiveBias.feed(full.rows.positiveBias.take(feeds).slice(0, rows)),
    row.inverseCount.feed(full.rows.inverseCount.take(feeds).slice(0, rows)),
    row.weight.feed((full.rows.weight.take(feeds) as Float32Array).slice(0, rows).map((each) => each * scale)),
  ]
  if (ports.mates !== null && full.mates !== null) {
    const mates = full.mates.take(feeds) as Int32Array
    own.push(ports.mates.feed(mates.slice(0, (mates.length / whole) * rows).map((each) => Math.min(each, rows))))
  }
  for (const [k, { kind, count }] of plan.blocks.entries()) {
    const [to, from] = [ports.blocks[k]!, full.blocks[k]!]
    const pairs = from.masked.take(feeds) as Int32Array
    const kept = Array.from({ length: pairs.length / 2 }, (_, p) => p).filter((p) => pairs[2 * p]! < rows)
    const values = from.maskValue.take(feeds)
    own.push(
      to.bias.feed(from.bias.take(feeds).slice(0, kind === 'shared' ? count : rows * count)),
      to.masked.feed(Int32Array.from(kept.flatMap((p) => [pairs[2 * p]!, pairs[2 * p + 1]!]))),
      to.maskValue.feed(Float32Array.from(kept, (p) => values[p]!)),
    )
  }
  return Object.assign({}, ...own) as Feeds
}

function temperatureNow({ spec }: TrainingSetup, logLearned: number | undefined): number {
  const { temperature } = spec.match
  if (temperature.kind === 'fixed') return temperature.value
  if (temperature.kind === 'scheduled') return temperature.to
  return Math.max(temperature.minimum, Math.exp(logLearned ?? 0))
}
