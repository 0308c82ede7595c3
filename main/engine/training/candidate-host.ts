/**
 * Fills the candidates of a step on the host: which items, what corrects their scores, which of them are no negatives of which row.
 * Buffers are made once.
 */
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Numbers } from '../compute/session.ts'
import { MASKED } from '../towers/losses.ts'
import { type Correction, createCorrection, memoryCorrection } from './correction.ts'
import { createEstimator, type Estimator } from './estimators.ts'
import { Memory } from './memory.ts'
import type { MinedLists } from './mined.ts'
import { createSampler, KnownPositives, type Sampler } from './negatives.ts'
import { type Block, type CandidatePlan, OWN_SOURCES, type OwnSource } from './plan.ts'
import { MEMORY, rowInput } from './program.ts'
import { random, type Random } from './random.ts'
import type { DataSources, RowSource } from './sources.ts'
import type { Positives } from './step.ts'

/** Sources that bring what the user is known to have met: only what was chosen is masked there. */
const SHOWN: readonly OwnSource[] = ['session', 'impressions']

export interface HostOptions {
  readonly spec: TwoTowerSpec
  readonly plan: CandidatePlan
  readonly positives: Positives
  readonly sources: DataSources
  /** null where the spec mines none */
  readonly mined: MinedLists | null
  readonly dim: number
}

/** What a term of the loss reads of each row of the batch. */
interface RowBuffers {
  /** negatives that are left of a row */
  readonly open: Int32Array
  readonly inverseCount: Float32Array
  readonly bias: Float32Array
}

/** The memory and its term of the loss. */
interface Remembered {
  readonly ring: Memory
  readonly correction: Correction
  readonly rows: RowBuffers
  readonly bias: Float32Array
  readonly weight: Float32Array
}

const EMPIRICAL = { kind: 'empirical' } as const

export class CandidateHost {
  readonly #options: HostOptions
  readonly #sampler: Sampler
  readonly #estimator: Estimator | null
  readonly #correction: Correction
  readonly #known: KnownPositives
  readonly #chosen: KnownPositives | null
  readonly #memory: Remembered | null
  readonly #own: Readonly<Record<OwnSource, RowSource>>
  /** items of the item tower's rows */
  readonly items: Int32Array
  readonly #rows: RowBuffers
  readonly #blockBias: ReadonlyMap<Block, Float32Array>
  readonly #group: Float32Array
  /** first row of a user in the batch that `#stamp` names */
  readonly #firstRow: Int32Array
  readonly #stampOf: Int32Array
  #stamp = 0

  constructor(options: HostOptions) {
    const { spec, plan, positives, dim } = options
    const { loss, training, extraNegatives } = spec
    const items = positives.itemCounts.length
    this.#options = options
    const sampler = 'sampler' in loss ? loss.sampler : ({ kind: 'uniform' } as const)
    this.#sampler = createSampler(sampler, positives.itemCounts, training.seed)
    const estimator = 'estimator' in loss ? loss.estimator : EMPIRICAL
    this.#estimator = plan.inBatch ? createEstimator(estimator, positives.itemCounts, plan.batch) : null
    this.#correction = createCorrection(loss, plan, {
      sampler: 'sampler' in loss ? this.#sampler : null,
      estimator: this.#estimator,
      items,
    })
    this.#known = new KnownPositives(positives.known.offsets, positives.known.items, items)
    this.#chosen = SHOWN.some((source) => plan.own[source] > 0)
      ? new KnownPositives(positives.chosen.offsets, positives.chosen.items, items)
      : null
    const { memory } = extraNegatives
    this.#memory =
      memory === 0
        ? null
        : {
            ring: new Memory(memory, dim),
            correction: memoryCorrection(loss, memory, this.#estimator ?? createEstimator(EMPIRICAL, positives.itemCounts, plan.batch)),
            rows: rowBuffers(plan.batch),
            bias: new Float32Array(memory),
            weight: new Float32Array(plan.batch),
          }
    const drawn: RowSource = (_, rng) => this.#sampler.pick(rng)
    const nothing: RowSource = () => -1
    const { group = nothing, session = nothing, impressions = nothing } = options.sources
    this.#own = { drawn, group, session, impressions, mined: ({ user }, rng) => options.mined?.pick(user, rng) ?? -1 }
    this.items = new Int32Array(plan.itemRows)
    this.#rows = rowBuffers(plan.batch)
    this.#blockBias = new Map(
      plan.blocks.map((block) => [block, new Float32Array(block.kind === 'shared' ? block.count : plan.batch * block.count)]),
    )
    this.#group = new Float32Array(plan.batch)
    this.#firstRow = new Int32Array(plan.pooled ? positives.known.offsets.length - 1 : 0)
    this.#stampOf = new Int32Array(this.#firstRow.length)
  }

  /** Arrays that a checkpoint keeps, by name. */
  get state(): Readonly<Record<string, Float32Array>> {
    const named = (stem: string, state: Readonly<Record<string, Float32Array>> = {}): [string, Float32Array][] =>
      Object.entries(state).map(([name, values]) => [`${stem}.${name}`, values])
    return Object.fromEntries([
      ...named('estimator', this.#estimator?.state),
      ...named('memory', this.#memory?.ring.state),
      ...named('mined', this.#options.mined?.state),
    ])
  }

  /** Chooses the candidates of a step: `items` is filled after the positives, which the caller has put there. */
  draw(users: Int32Array, positions: Int32Array, step: number): void {
    const { plan, spec, positives } = this.#options
    const { batch, drawn, blocks } = plan
    this.#estimator?.observe(this.items.subarray(0, batch), step)
    const shared = this.items.subarray(batch, batch + drawn)
    if (spec.loss.kind === 'full-softmax') for (let i = 0; i < drawn; i++) shared[i] = i
    else if (drawn > 0) this.#sampler.draw(step, shared)
    const own = blocks.find(({ name }) => name === 'own')
    if (own === undefined) return
    const rng = random(spec.training.seed, 'own', step)
    let at = batch + drawn
    for (let row = 0; row < batch; row++) {
      const example = { position: positions[row]!, user: users[row]!, item: this.items[row]! }
      for (const source of OWN_SOURCES) at = this.#fill(source, example, rng, at, positives.itemCounts.length)
    }
  }

  #fill(source: OwnSource, example: Parameters<RowSource>[0], rng: Random, from: number, items: number): number {
    const count = this.#options.plan.own[source]
    for (let i = 0; i < count; i++) {
      const item = this.#own[source](example, rng)
      this.items[from + i] = item >= 0 ? item : rng.below(items)
    }
    return from + count
  }

  /**
   * Feeds of everything the loss reads beside vectors; valid until the next call.
   * @param weight [batch], what the examples count
   * @param epoch from 1
   */
  feeds(users: Int32Array, weight: Float32Array, epoch: number): Record<string, Numbers> {
    const { plan } = this.#options
    const feeds: Record<string, Numbers> = {}
    this.#rows.open.fill(0)
    for (const block of plan.blocks) {
      const pairs = this.#pairs(block, users)
      Object.assign(feeds, blockFeeds(block.name, this.#biasOf(block), pairs))
      countOpen(this.#rows.open, pairs, block.count, block.hardest)
    }
    return {
      ...feeds,
      ...this.#rowFeeds(this.#rows, this.#correction),
      [rowInput('weight')]: weight,
      ...(plan.pooled ? { group: this.#groups(users) } : {}),
      ...(this.#memory === null ? {} : this.#memoryFeeds(this.#memory, users, weight, epoch)),
    }
  }

  /** The memory's term weighs nothing before its epoch and while it is empty. */
  #memoryFeeds({ ring, correction, rows, bias, weight }: Remembered, users: Int32Array, whole: Float32Array, epoch: number) {
    const { plan, spec } = this.#options
    const size = epoch >= spec.extraNegatives.memoryFromEpoch ? ring.size : 0
    const { items } = ring
    for (let i = 0; i < bias.length; i++) bias[i] = size > 0 && items[i]! >= 0 ? correction.negative(items[i]!) : MASKED
    const pairs = this.#known.pairs(users, plan.batch, items)
    rows.open.fill(0)
    if (size > 0) countOpen(rows.open, pairs, size, null)
    for (let row = 0; row < plan.batch; row++) weight[row] = rows.open[row] === 0 ? 0 : whole[row]!
    return {
      [MEMORY]: ring.vectors,
      ...blockFeeds(MEMORY, bias, pairs),
      ...this.#rowFeeds(rows, correction, MEMORY),
      [rowInput('weight', MEMORY)]: weight,
    }
  }

  #rowFeeds({ open, inverseCount, bias }: RowBuffers, correction: Correction, term?: typeof MEMORY): Record<string, Numbers> {
    for (let row = 0; row < open.length; row++) {
      inverseCount[row] = open[row] === 0 ? 0 : 1 / open[row]!
      bias[row] = correction.positive(this.items[row]!, open[row]!)
    }
    return { [rowInput('positive_bias', term)]: bias, [rowInput('inverse_count', term)]: inverseCount }
  }

  /** Keeps the batch's item vectors [batch × dim] for later batches. @param epoch from 1 */
  remember(vectors: Float32Array, epoch: number): void {
    const { plan, spec } = this.#options
    if (epoch >= spec.extraNegatives.memoryFromEpoch - 1) this.#memory?.ring.push(this.items.subarray(0, plan.batch), vectors)
  }

  #pairs({ kind, from, count }: Block, users: Int32Array): Int32Array {
    const { batch, own } = this.#options.plan
    const items = this.items.subarray(from, from + (kind === 'shared' ? count : batch * count))
    if (kind === 'shared') return this.#known.pairs(users, batch, items)
    if (this.#chosen === null) return this.#known.ownPairs(users, batch, items, count)
    const parts: Int32Array[] = []
    let column = 0
    for (const source of OWN_SOURCES) {
      const masked = SHOWN.includes(source) ? this.#chosen : this.#known
      if (own[source] > 0) parts.push(masked.ownPairs(users, batch, items, count, column, column + own[source]))
      column += own[source]
    }
    return Int32Array.from(parts.flatMap((part) => [...part]))
  }

  #biasOf(block: Block): Float32Array {
    const bias = this.#blockBias.get(block)!
    for (let i = 0; i < bias.length; i++) bias[i] = this.#correction.negative(this.items[block.from + i]!)
    return bias
  }

  /** The same number for rows of the same user. */
  #groups(users: Int32Array): Float32Array {
    this.#stamp++
    for (let row = 0; row < users.length; row++) {
      const user = users[row]!
      if (this.#stampOf[user] !== this.#stamp) {
        this.#stampOf[user] = this.#stamp
        this.#firstRow[user] = row
      }
      this.#group[row] = this.#firstRow[user]!
    }
    return this.#group
  }
}

const rowBuffers = (batch: number): RowBuffers => ({
  open: new Int32Array(batch),
  inverseCount: new Float32Array(batch),
  bias: new Float32Array(batch),
})

function blockFeeds(name: string, bias: Float32Array, pairs: Int32Array): Record<string, Numbers> {
  return { [`bias:${name}`]: bias, [`masked:${name}`]: pairs, [`mask_value:${name}`]: new Float32Array(pairs.length / 2).fill(MASKED) }
}

/** Adds a block's negatives of each row, those masked left out, at most the hardest. */
function countOpen(open: Int32Array, pairs: Int32Array, candidates: number, hardest: number | null): void {
  const left = new Int32Array(open.length).fill(candidates)
  for (let p = 0; p < pairs.length; p += 2) left[pairs[p]!]!--
  const most = hardest ?? Infinity
  for (let row = 0; row < open.length; row++) open[row]! += Math.min(most, Math.max(0, left[row]!))
}
