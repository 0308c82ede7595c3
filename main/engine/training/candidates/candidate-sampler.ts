/**
 * Fills the candidates of a step on the host: which items, what corrects their scores, which of them are no negatives of which row.
 * Buffers are made once.
 */
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { mergeByName } from '../../compute/port.ts'
import type { Feeds } from '../../compute/graph-session.ts'
import { type Correction, createCorrection, memoryCorrection } from './correction.ts'
import { createEstimator, type Estimator } from './estimators.ts'
import { MemoryTerm } from './memory.ts'
import type { MinedLists } from './mined.ts'
import { createSampler, KnownPositives, type Sampler } from './negatives.ts'
import { type Block, type CandidatePlan, OWN_SOURCES, type OwnSource } from './plan.ts'
import { random, type Random } from '../random.ts'
import { type DataSources, type Example, NOTHING, type Proposal, type RowSource } from './sources.ts'
import { lossPorts, type LossPorts } from './ports.ts'
import type { Positives } from './positives.ts'
import { blockFeeds, RowFeeds } from './term.ts'

/** Sources that bring what the user has seen: only positives are masked there. */
const SHOWN: readonly OwnSource[] = ['session', 'impressions']

export interface SamplerOptions {
  readonly spec: TwoTowerSpec
  readonly plan: CandidatePlan
  readonly positives: Positives
  readonly sources: DataSources
  /** null where the spec mines none */
  readonly mined: MinedLists | null
  readonly dim: number
}

/** The examples of a batch, [batch] each. */
export interface BatchRows {
  readonly users: Int32Array
  readonly positives: Int32Array
  readonly positions: Int32Array
}

const EMPIRICAL = { kind: 'empirical' } as const

export class CandidateSampler {
  readonly #options: SamplerOptions
  readonly #sampler: Sampler
  readonly #estimator: Estimator | null
  readonly #correction: Correction
  readonly #seenItems: KnownPositives
  readonly #trainedPositives: KnownPositives | null
  readonly #memory: MemoryTerm | null
  readonly #own: Readonly<Record<OwnSource, RowSource>>
  /** sources that rows have candidates of, in their order */
  readonly #asked: readonly OwnSource[]
  /** of each row, what its sources propose in the present step */
  #proposals: ReadonlyMap<OwnSource, Proposal>[] = []
  /** items of the item tower's rows */
  readonly #items: Int32Array
  readonly #ports: LossPorts
  readonly #rows: RowFeeds
  readonly #blockBias: ReadonlyMap<Block, Float32Array>

  constructor(options: SamplerOptions) {
    const { spec, plan, positives, dim } = options
    const { loss, training, extraNegatives } = spec
    const items = positives.itemCounts.length
    this.#options = options
    const sampler = 'sampler' in loss ? loss.sampler : ({ kind: 'uniform' } as const)
    this.#sampler = createSampler(sampler, positives.itemCounts, training.seed)
    const estimator = 'estimator' in loss ? loss.estimator : EMPIRICAL
    this.#estimator = plan.inBatch ? createEstimator(estimator, positives.perEpoch, plan.batch) : null
    this.#correction = createCorrection(loss, plan, {
      sampler: 'sampler' in loss ? this.#sampler : null,
      estimator: this.#estimator,
      items,
    })
    this.#seenItems = new KnownPositives(positives.seenItems.offsets, positives.seenItems.items, items)
    this.#trainedPositives = SHOWN.some((source) => plan.own[source] > 0)
      ? new KnownPositives(positives.trainedPositives.offsets, positives.trainedPositives.items, items)
      : null
    const { memory } = extraNegatives
    const frequencies = (): Estimator => this.#estimator ?? createEstimator(EMPIRICAL, positives.perEpoch, plan.batch)
    this.#ports = lossPorts(plan, dim)
    const ring = this.#ports.memory
    this.#memory = ring === null ? null : new MemoryTerm(ring, plan.batch, memoryCorrection(loss, memory, frequencies()))
    const sampled: Proposal = {
      pick: (rng) => this.#sampler.pick(rng),
      probability: (item) => Math.exp(this.#sampler.logQ[item] ?? -Infinity),
    }
    const nothing: RowSource = () => NOTHING
    const { group = nothing, session = nothing, impressions = nothing } = options.sources
    this.#own = { drawn: () => sampled, group, session, impressions, mined: ({ user }) => options.mined?.of(user) ?? NOTHING }
    this.#asked = OWN_SOURCES.filter((source) => plan.own[source] > 0)
    this.#items = new Int32Array(plan.itemRows)
    this.#rows = new RowFeeds(plan.batch, this.#correction, this.#ports.rows)
    this.#blockBias = new Map(
      plan.blocks.map((block) => [block, new Float32Array(block.kind === 'shared' ? block.count : plan.batch * block.count)]),
    )
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

  /**
   * The candidates of a step: the item of each row of the item tower, the positives first; valid until the next call.
   * @param batch each row's user, its positive and the position of its example
   */
  sample({ users, positives: given, positions }: BatchRows, step: number): Int32Array {
    const { plan, spec } = this.#options
    const { batch, drawn, blocks } = plan
    this.#items.set(given)
    this.#estimator?.observe(this.#items.subarray(0, batch), step)
    const shared = this.#items.subarray(batch, batch + drawn)
    if (spec.loss.kind === 'full-softmax') for (let i = 0; i < drawn; i++) shared[i] = i
    else if (drawn > 0) this.#sampler.draw(step, shared)
    const own = blocks.find(({ name }) => name === 'own')
    if (own === undefined) return this.#items
    const rng = random(spec.training.seed, 'own', step)
    this.#proposals = Array.from(users, (user, row) => this.#proposalsOf({ position: positions[row]!, user, item: this.#items[row]! }))
    let at = batch + drawn
    for (const proposals of this.#proposals) for (const [source, proposal] of proposals) at = this.#fill(source, proposal, rng, at)
    return this.#items
  }

  /** What the sources that are asked for propose for a row, in their order. */
  #proposalsOf(example: Example): ReadonlyMap<OwnSource, Proposal> {
    return new Map(this.#asked.map((source) => [source, this.#own[source](example)]))
  }

  /** Where a source has nothing, an item is drawn uniformly. */
  #fill(source: OwnSource, proposal: Proposal, rng: Random, from: number): number {
    const { plan, positives } = this.#options
    const to = from + plan.own[source]
    for (let i = from; i < to; i++) {
      const item = proposal.pick(rng)
      this.#items[i] = item >= 0 ? item : rng.below(positives.itemCounts.length)
    }
    return to
  }

  /**
   * Feeds of everything the loss reads beside vectors; valid until the next call.
   * @param weight [batch], what the examples count
   * @param epoch from 1
   */
  feeds(users: Int32Array, weight: Float32Array, epoch: number): Feeds {
    const { plan, spec } = this.#options
    const positives = this.#items.subarray(0, plan.batch)
    const { mates } = this.#ports
    const ofBlocks: Feeds[] = []
    for (const [i, block] of plan.blocks.entries()) {
      const pairs = this.#pairs(block, users)
      ofBlocks.push(blockFeeds(this.#ports.blocks[i]!, this.#biasOf(block), pairs))
      this.#rows.count(pairs, block.count, block.hardest)
    }
    const begun = epoch >= spec.extraNegatives.memoryFromEpoch
    return {
      ...mergeByName(ofBlocks),
      ...this.#rows.feeds(positives, weight),
      ...mates?.feed(this.#mates(users)),
      ...this.#memory?.feeds(positives, this.#seenItems.pairs(users, plan.batch, this.#memory.ring.items), weight, begun),
    }
  }

  /** Keeps the batch's item vectors [batch × dim] for later batches. @param epoch from 1 */
  remember(vectors: Float32Array, epoch: number): void {
    const { plan, spec } = this.#options
    if (epoch >= spec.extraNegatives.memoryFromEpoch - 1) this.#memory?.ring.push(this.#items.subarray(0, plan.batch), vectors)
  }

  #pairs({ kind, from, count }: Block, users: Int32Array): Int32Array {
    const { batch, own } = this.#options.plan
    const items = this.#items.subarray(from, from + (kind === 'shared' ? count : batch * count))
    if (kind === 'shared') return this.#seenItems.pairs(users, batch, items)
    if (this.#trainedPositives === null) return this.#seenItems.ownPairs(users, batch, items, count)
    const parts: Int32Array[] = []
    let column = 0
    for (const source of this.#asked) {
      const masked = SHOWN.includes(source) ? this.#trainedPositives : this.#seenItems
      parts.push(masked.ownPairs(users, batch, items, count, column, column + own[source]))
      column += own[source]
    }
    return Int32Array.from(parts.flatMap((part) => [...part]))
  }

  #biasOf(block: Block): Float32Array {
    const bias = this.#blockBias.get(block)!
    const { negative, own } = this.#correction
    for (let i = 0; i < bias.length; i++) {
      const item = this.#items[block.from + i]!
      bias[i] = block.kind === 'shared' ? negative(item) : own(item, this.#elsewhere(Math.floor(i / block.count), item))
    }
    return bias
  }

  /** How many of a row's candidates are expected to be an item by its sources other than the loss's own draws. */
  #elsewhere(row: number, item: number): number {
    const { plan, positives } = this.#options
    let expected = 0
    for (const [source, proposal] of this.#proposals[row]!) {
      if (source === 'drawn') continue
      expected += plan.own[source] * (proposal.probability(item) + proposal.probability(-1) / positives.itemCounts.length)
    }
    return expected
  }

  /** Of each row the rows of its user, rising, [batch × most of any]. */
  #mates(users: Int32Array): Int32Array {
    const rowsOf = Map.groupBy(users.keys(), (row) => users[row]!)
    const most = rowsOf.values().reduce((longest, { length }) => Math.max(longest, length), 1)
    const mates = new Int32Array(users.length * most).fill(users.length)
    for (const [row, user] of users.entries()) mates.set(rowsOf.get(user)!, row * most)
    return mates
  }
}
