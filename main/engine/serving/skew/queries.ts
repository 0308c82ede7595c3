/** The held-out queries of a run, ranked as they are and with something changed. */
import { type Protocol } from '../../../contract/shapes/protocol.ts'
import type { ColumnValues, Dataset, Side } from '../../dataset/dataset.ts'
import { heldOut } from '../../evaluation/held-out.ts'
import { embedSide, rankByVectors, type Requests } from '../../evaluation/ledger/permutation.ts'
import { type MetricAt, queryValues } from '../../evaluation/ranks.ts'
import { type AsOf, createBatcher } from '../../features/batches.ts'
import { encodeSide } from '../../features/encode.ts'
import type { Inputs } from '../../features/inputs.ts'
import type { RunTowers } from '../../model/towers.ts'
import type { Matching } from '../../towers/metric.ts'
import { type Random } from '../../training/random.ts'

export interface SkewOptions {
  readonly dataset: Dataset
  readonly protocol: Protocol
  readonly towers: RunTowers
  readonly matching: Matching
  /** held-out users whose lists are made */
  readonly users: Int32Array
  readonly metric: MetricAt
  readonly seed: number
  readonly threads: number
}

export class Queries {
  readonly values: Float64Array
  readonly #options: SkewOptions
  readonly #requests: Requests
  readonly #ids: ReadonlySet<string>
  readonly #vectors: Readonly<Record<Side, Float32Array>>

  private constructor(
    options: SkewOptions,
    requests: Requests,
    ids: ReadonlySet<string>,
    vectors: Readonly<Record<Side, Float32Array>>,
    values: Float64Array,
  ) {
    ;[this.#options, this.#requests, this.#ids, this.#vectors, this.values] = [options, requests, ids, vectors, values]
  }

  static async open(options: SkewOptions): Promise<Queries> {
    const { dataset, towers, protocol, seed } = options
    const batcher = await createBatcher(towers.encoders, dataset, { parts: [], eventCodes: null, seed })
    const asOf: AsOf = protocol.part === 'validation' ? 'train' : 'train+validation'
    const requests: Requests = (block) => batcher.queryContext(block, asOf)
    const vectors = {
      item: await embedSide(options, 'item', await encodeSide(towers.encoders, 'item', dataset), requests),
      user: await embedSide(options, 'user', await encodeSide(towers.encoders, 'user', dataset), requests),
    }
    const values = queryValues(heldOut(dataset, protocol, options.users), await rankByVectors(options, vectors), options.metric)
    return new Queries(options, requests, new Set(await dataset.ids('item')), vectors, values)
  }

  has(item: string): boolean {
    return this.#ids.has(item)
  }

  /** With another column. */
  async withColumn(side: Side, name: string, column: ColumnValues): Promise<Float64Array> {
    const { dataset, towers } = this.#options
    const changed: Dataset = {
      ...dataset,
      column: (of, asked) => (of === side && asked === name ? Promise.resolve(column) : dataset.column(of, asked)),
    }
    const vectors = await embedSide(this.#options, side, await encodeSide(towers.encoders, side, changed), this.#requests)
    return this.#valuesOf({ ...this.#vectors, [side]: vectors })
  }

  /** With a share of the items of all histories left out, as those that a model does not know are. */
  async withoutHistory(share: number, rng: Random): Promise<Float64Array> {
    const { towers, dataset } = this.#options
    const bags = towers.encoders.userLayout.contextBags
    const requests: Requests = (block) => thinned(this.#requests(block), (b) => bags[b]!.kind === 'history', share, rng)
    const vectors = await embedSide(this.#options, 'user', await encodeSide(towers.encoders, 'user', dataset), requests)
    return this.#valuesOf({ ...this.#vectors, user: vectors })
  }

  /** With a share of users that nobody knows: they are answered with 404. */
  withoutUsers(share: number, rng: Random): Float64Array {
    return this.values.map((value) => (rng.uniform() < share ? 0 : value))
  }

  /** Without those items that were met first as the latest, as many as are a share of what is to be found. */
  async withoutNewest(share: number): Promise<Float64Array> {
    const { dataset, protocol, users } = this.#options
    const { interactions, manifest } = dataset
    const first = new Map<number, number>() // an item that nobody met has no age, and stays
    for (let p = 0; p < interactions.length; p++) {
      const [item, time] = [interactions.item[p]!, interactions.time?.[p] ?? p]
      first.set(item, Math.min(first.get(item) ?? Infinity, time))
    }
    const wanted = new Float64Array(manifest.items)
    const held = heldOut(dataset, protocol, users)
    for (const item of held.items) wanted[item]! += 1 / held.items.length
    const without = new Uint8Array(manifest.items)
    let gone = 0
    for (const [item] of [...first].sort((a, b) => b[1] - a[1])) {
      if (gone >= share) break
      without[item] = 1
      gone += wanted[item]!
    }
    return this.#valuesOf(this.#vectors, without)
  }

  async #valuesOf(vectors: Readonly<Record<Side, Float32Array>>, without?: Uint8Array): Promise<Float64Array> {
    const { dataset, protocol, users, metric } = this.#options
    return queryValues(heldOut(dataset, protocol, users), await rankByVectors(this.#options, vectors, without), metric)
  }
}

/** Some bags with a share of their entries left out. */
function thinned(inputs: Inputs, isThinned: (bag: number) => boolean, share: number, rng: Random): Inputs {
  const bags = inputs.bags.map((bag, b) => {
    if (!isThinned(b)) return bag
    const offsets = new Int32Array(bag.offsets.length)
    const kept: number[] = []
    for (let r = 0; r < inputs.count; r++) {
      for (let i = bag.offsets[r]!; i < bag.offsets[r + 1]!; i++) if (rng.uniform() >= share) kept.push(i)
      offsets[r + 1] = kept.length
    }
    const { codes } = bag
    return {
      count: bag.count,
      offsets,
      indices: Int32Array.from(kept, (i) => bag.indices[i]!),
      ...(codes !== undefined && {
        codes: { ages: Uint8Array.from(kept, (i) => codes.ages[i]!), events: Uint8Array.from(kept, (i) => codes.events[i]!) },
      }),
    }
  })
  return { ...inputs, bags }
}
