/**
 * What a model's vectors retrieve for one query: the page, the command line and HTTP ask here. Every item is compared
 * in plain numbers, or an index is asked. One query is no work for ONNX Runtime, whose fixed costs and copy of the
 * items a loop does not have (12 ns an item of width 64 by `ann/dot-rows.ts`, else 60, exact, and the same on every machine to rounding; 2 ns
 * by bounds, with the very same answers, where many are asked); whole evaluations multiply matrices (blocks.ts) and rank by the same rule. Items
 * may be put and removed while it serves, in memory.
 */
import type { VectorMetric } from '../../contract/shapes/spec.ts'
import { splitInterests } from '../ann/interests.ts'
import { bestByBounds } from '../ann/bounded-search.ts'
import { DotRows } from '../ann/dot-rows.ts'
import { createMatcher } from '../ann/matcher.ts'
import { ScoreBounds } from '../ann/score-bounds.ts'
import { topKOf, type Hits } from '../ann/topk.ts'
import type { AnnIndex } from '../ann/usearch.ts'
import { checkVectors, normaliseRows } from '../ann/scale-vectors.ts'
import type { VectorScorer } from '../compute/score.ts'
import { isFunction, type Matching, metricOf } from '../towers/metric.ts'
import { depthFor, searchIndex } from './search-index.ts'
import { compare, productsOf, raise } from './compare.ts'

/** Up to so many items, of whatever width, a comparison with them all is as quick as an index, and exact (`npm run bench -- filters`). */
const SCAN_UP_TO = 4096
/** The same by bounds, in numbers of all items ({@link Retriever.prepare}). */
const BOUNDED_UP_TO = 2 ** 23
/** Under a filter that lets fewer than this share through those alone are compared. */
const FEW = 1 / 8
/**
 * Under a filter an index is asked deeper, takes longer and finds less, while there is less to compare: so much work (numbers of candidates,
 * about 1 ms) is done for what it finds more, and any that is no more than the index's own.
 */
const FILTERED_WORK = 2 ** 20
/** Numbers that could be compared while a filter passes over an item. */
const PASS = 6
/** Items whose vectors an index compares, as measured in time, for each that it is to find. */
const PER_FOUND = 16
/** Candidates of an index that are scored again where the model matches by a function. */
export const RESCORED_CANDIDATES = 200

/** How items are compared with a query: as the model does, or (items like an item) by the cosine of their vectors. */
export type Similarity = 'model' | 'cosine'

export type Search = {
  readonly k: number
  /** keys that are not retrieved */
  readonly exclude?: Iterable<number>
  /** [keys]: 0 where an item is not retrieved; null: none */
  readonly filter?: Uint8Array | null
  readonly similarity?: Similarity
} & (
  | { readonly by: 'exact' }
  /**
   * `ann`: what the index finds, by its scores. `rescored`: its candidates by the model's own scores, for a function
   * that no index knows; an item that is in the index alone comes last. `quickest`: the index where that is quicker and
   * finds enough, else every item.
   */
  | { readonly by: 'ann' | 'rescored' | 'quickest'; readonly index: AnnIndex }
)

interface Asked {
  readonly query: Float32Array
  readonly k: number
  readonly similarity: Similarity
  readonly excluded: ReadonlySet<number>
  readonly filter: Uint8Array | null
  /** items that the filter lets through, or all */
  readonly candidates: number
}

export class Retriever {
  readonly dim: number
  readonly metric: VectorMetric
  readonly #matching: Matching
  readonly #threads: number
  /** [count × dim] and room for more; of a cosine model at unit length */
  #vectors: Float32Array
  /** what multiplies them quickly, where they are few and multiplied */
  #rows: DotRows | null = null
  /** bounds of their products; null: nobody asked for them, or there are none */
  #bounds: ScoreBounds | null = null
  #isPrepared = false
  #count: number
  #alive: Uint8Array
  /** keys below the count that are not alive */
  readonly #dead = new Set<number>()
  /** what scores by a function, made of the vectors at the first query */
  #matcher: Promise<VectorScorer> | null = null
  #checked = false
  /** scores of the query that is being answered; no `await` lies between its filling and its reading */
  #scores = new Float32Array(0)

  /** @param vectors [items × dim], not changed here; a function scores them with that many threads */
  constructor(vectors: Float32Array, dim: number, matching: Matching, threads = 1) {
    this.dim = dim
    this.metric = metricOf(matching)
    this.#matching = matching
    this.#threads = threads
    this.#vectors = this.metric === 'cosine' && !isFunction(matching) ? normaliseRows(vectors, dim) : vectors
    this.#count = vectors.length / dim
    this.#hold(this.#count)
    this.#alive = new Uint8Array(this.#count).fill(1)
  }

  has(key: number): boolean {
    return this.#alive[key] === 1
  }

  /** Items that can be retrieved. */
  get size(): number {
    return this.#count - this.#dead.size
  }
  get bytes(): number {
    return this.#vectors.byteLength + (this.#bounds?.bytes ?? 0)
  }

  /** The vector of an item; a view. */
  vectorOf(key: number): Float32Array {
    return this.#vectors.subarray(key * this.dim, (key + 1) * this.dim)
  }

  /** Adds an item, or gives one another vector. @returns the vector as it is compared. @throws Error where a function scores */
  put(key: number, vector: Float32Array): Float32Array {
    if (isFunction(this.#matching)) throw new Error('Items of a model that matches by a function are fixed.')
    const row = this.metric === 'cosine' ? normaliseRows(vector, this.dim) : vector
    checkVectors(row, this.dim, 'item')
    if ((key + 1) * this.dim > this.#vectors.length || key >= this.#alive.length) this.#grow(2 * (key + 1))
    this.#vectors.set(row, key * this.dim)
    for (let between = this.#count; between < key; between++) this.#dead.add(between)
    this.#dead.delete(key)
    this.#alive[key] = 1
    this.#bounds?.set(key, row)
    this.#count = Math.max(this.#count, key + 1)
    return row
  }

  remove(key: number): void {
    if (this.#alive[key] === 1) this.#dead.add(key)
    this.#alive[key] = 0
  }

  /** Makes exact searches several times as quick, for one who asks many: a byte a number more memory, and the time of a few searches. */
  prepare(): void {
    this.#isPrepared = true
    this.#bounds = null
    const capacity = this.#alive.length
    if (this.metric === 'euclidean' || isFunction(this.#matching) || !ScoreBounds.fits(capacity, this.dim)) return
    this.#bounds = new ScoreBounds(capacity, this.dim)
    for (let key = 0; key < this.#count; key++) this.#bounds.set(key, this.vectorOf(key))
  }

  /**
   * Scores of all items [keys] for one query of one vector or several, of which an item has its best; -Infinity where it was removed.
   * @throws PylonError bad-data where a vector holds NaN or infinity
   */
  async scores(query: Float32Array, similarity: Similarity = 'model'): Promise<Float32Array> {
    if (similarity === 'model' && isFunction(this.#matching)) return this.#functionScores(query)
    const all = new Float32Array(this.#count)
    this.#compare(query, similarity, null, all)
    return all
  }

  /**
   * The best items for a query of one vector or several.
   * @throws PylonError bad-data where a vector holds NaN or infinity, or a score is NaN
   */
  async search(query: Float32Array, search: Search): Promise<Hits> {
    const { k, filter = null, similarity = 'model' } = search
    const excluded = new Set(search.exclude)
    const asked = (): Asked => ({ query, k, similarity, excluded, filter, candidates: filter === null ? this.size : sum(filter) })
    switch (search.by) {
      case 'exact':
        return this.#exact(asked())
      case 'ann':
        return searchIndex(search.index, query, k, excluded, filter)
      case 'rescored': {
        const near = searchIndex(search.index, query, Math.max(k, RESCORED_CANDIDATES), excluded, filter)
        const scores = await this.scores(query, similarity)
        const order = Array.from(near.keys.keys()).sort(
          (a, b) => scoreAt(scores, near.keys[b]!) - scoreAt(scores, near.keys[a]!) || near.keys[a]! - near.keys[b]!,
        )
        const keys = Int32Array.from(order.slice(0, k), (i) => near.keys[i]!)
        return { keys, scores: Float32Array.from(keys, (key) => scoreAt(scores, key)) }
      }
      case 'quickest': {
        const all = asked()
        return this.#quickest(all, search.index) ?? this.#exact(all)
      }
    }
  }

  async dispose(): Promise<void> {
    await (await this.#matcher?.catch(() => null))?.dispose()
  }

  async #exact(asked: Asked): Promise<Hits> {
    const quick = this.#byBounds(asked)
    if (quick !== null) return quick
    const { query, k, similarity, excluded, filter } = asked
    const byFunction = similarity === 'model' && isFunction(this.#matching)
    if (!byFunction && this.#scores.length < this.#count) this.#scores = new Float32Array(this.#alive.length)
    const all = byFunction ? await this.#functionScores(query) : this.#scores.subarray(0, this.#count)
    if (!byFunction) this.#compare(query, similarity, filter, all)
    else if (filter !== null) for (let key = 0; key < all.length; key++) if (filter[key] === 0) all[key] = -Infinity
    for (const key of excluded) if (key < all.length) all[key] = -Infinity
    return topKOf(all, k)
  }

  /** The very hits of comparing every item, by bounds of their scores; null where that is not quicker. */
  #byBounds({ query, k, similarity, excluded, filter, candidates }: Asked): Hits | null {
    const bounds = this.#bounds
    if (bounds === null || query.length !== this.dim || (similarity === 'cosine' && this.metric !== 'cosine')) return null
    if (filter !== null && candidates < FEW * this.#count) return null
    this.#check(query)
    const vector = this.metric === 'cosine' ? normaliseRows(query, this.dim) : query
    const block = bounds.of(vector, this.#count)
    if (block === null) return null
    const { scores } = block
    for (const keys of [excluded, this.#dead]) for (const key of keys) if (key < this.#count) scores[key] = -Infinity
    if (filter !== null) for (let key = 0; key < this.#count; key++) if (filter[key] === 0) scores[key] = -Infinity
    return bestByBounds(block, this.#count, k, (keys) => this.#rows?.productsOf(vector, keys) ?? productsOf(this.#vectors, vector, keys))
  }

  /** The answer of an index where that is quicker than all items and as long; else null. */
  #quickest({ query, k, similarity, excluded, filter, candidates }: Asked, index: AnnIndex): Hits | null {
    const isBounded = this.#bounds !== null && this.#count * this.dim <= BOUNDED_UP_TO
    if (candidates <= SCAN_UP_TO || (isBounded && query.length === this.dim) || (similarity === 'cosine' && index.metric !== 'cosine'))
      return null
    const depth = depthFor({ k, excluded: excluded.size, candidates, size: this.size, filtered: filter !== null })
    const work = candidates * this.dim + PASS * this.size
    if (filter !== null && work <= Math.max(FILTERED_WORK, PER_FOUND * depth * this.dim)) return null
    if (depth > this.size / 4) return null
    const { keys, scores } = searchIndex(index, query, depth - excluded.size, excluded, filter)
    // too few of the nearest fit the filter: all that fit it are compared instead
    return keys.length < Math.min(k, candidates - excluded.size) ? null : { keys: keys.subarray(0, k), scores: scores.subarray(0, k) }
  }

  /** Fills `out` [keys] with scores; -Infinity where an item was removed or is not of the filter. */
  #compare(query: Float32Array, similarity: Similarity, filter: Uint8Array | null, out: Float32Array): void {
    this.#check(query)
    const isUnit = this.metric === 'cosine' && !isFunction(this.#matching)
    const by: VectorMetric = isUnit ? 'dot' : similarity === 'cosine' ? 'cosine' : this.metric
    const scaled = isUnit || similarity === 'cosine' ? normaliseRows(query, this.dim) : query
    out.fill(-Infinity)
    for (const vector of splitInterests(scaled, this.dim)) {
      if (by === 'dot' && this.#rows !== null) raise(this.#rows.products(vector, out.length), this.#alive, filter, out)
      else compare(this.#vectors, vector, by, this.#alive, filter, out)
    }
  }

  async #functionScores(query: Float32Array): Promise<Float32Array> {
    this.#check(query)
    this.#matcher ??= createMatcher(this.#vectors, this.dim, this.#matching, { threads: this.#threads })
    const matcher = await this.#matcher
    const all = new Float32Array(this.#count)
    await matcher.score(query.subarray(0, this.dim), 1, all)
    const others = new Float32Array(query.length === this.dim ? 0 : this.#count)
    for (const vector of splitInterests(query, this.dim).slice(1)) {
      await matcher.score(vector, 1, others)
      for (const [key, score] of others.entries()) if (score > all[key]!) all[key] = score
    }
    return all
  }

  #check(query: Float32Array): void {
    checkVectors(query, this.dim, 'query')
    if (this.#checked) return
    checkVectors(this.#vectors.subarray(0, this.#count * this.dim), this.dim, 'item')
    this.#checked = true
  }

  #grow(items: number): void {
    const alive = new Uint8Array(items)
    alive.set(this.#alive)
    this.#alive = alive
    if (!this.#hold(items)) {
      const vectors = new Float32Array(items * this.dim)
      vectors.set(this.#vectors)
      this.#vectors = vectors
    }
    if (this.#isPrepared) this.prepare()
  }

  /** Copies the vectors to where they are multiplied quickly, with room for so many; false where they are not. */
  #hold(items: number): boolean {
    this.#rows = null
    if (this.metric === 'euclidean' || isFunction(this.#matching) || !DotRows.fits(items, this.dim)) return false
    this.#rows = new DotRows(items, this.dim)
    this.#rows.rows.set(this.#vectors)
    this.#vectors = this.#rows.rows
    return true
  }
}

/** Items that are in an index alone have no score of the model's own. */
const scoreAt = (scores: Float32Array, key: number): number => scores[key] ?? -Infinity

function sum(flags: Uint8Array): number {
  let total = 0
  for (const flag of flags) total += flag
  return total
}
