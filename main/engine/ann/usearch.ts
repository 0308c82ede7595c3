/**
 * The ANN index of the item vectors, an HNSW graph by USearch; this file is USearch's only importer. Keys are item indices.
 * `dot` uses the inner product as it is: on vectors of very different lengths the graph of inner products (Morozov & Babenko 2018)
 * keeps its recall where the reduction to cosine by one more dimension (Bachrach et al. 2014) loses it (figures at METRICS below).
 * Adding runs on one thread unless a build asks for more: more threads make another graph at every build. Searching always does.
 * An index on disk is FILE and FILE.json, checked against each other before USearch, which trusts its input, sees a byte.
 */
import usearch, { type Index, type MetricKind, type ScalarKind } from 'usearch'
import { open, rename, rm, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { badData, badInput, conflict } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { IndexSpec, VectorMetric } from '../../contract/shapes/spec.ts'
import { temporaryPathFor, sha256File, syncFolder } from '../files/atomic.ts'
import { brokenIndex, readSidecar, writeSidecar, type IndexFile } from './sidecar.ts'
import type { Hits } from './topk.ts'
import { checkVectors, normaliseRows } from './scale-vectors.ts'

/**
 * USearch's distance of each metric; the score is 1 - distance for cosine and inner product, and minus the (squared) distance for
 * euclidean. As float32 it is exact to
 * about 1e-7 (f32), 1e-3 (f16) and 1e-2 (i8) of the largest scores.
 *
 * Recall@20 against exact at 16/128/64, `dot`, inner product against the reduction to cosine: Gowalla SVD vectors (d 64, lengths from
 * 0.002 to 0.63) 0.971 against 0.687; 20,000 Gaussian vectors with log-normal lengths (σ 1) 0.960 against 0.069; 100 clusters with
 * lengths within ±25 % 0.975 against 0.905.
 *
 * Identical vectors cost recall by cosine once they are many: 1.000 at 5 % of 10,000 items, 0.72 at 30 % (their nodes link to each
 * other and wall queries in). compare.ts shows it.
 */
const METRICS = {
  cosine: usearch.MetricKind.Cos,
  dot: usearch.MetricKind.IP,
  euclidean: usearch.MetricKind.L2sq,
} as const satisfies Record<VectorMetric, MetricKind>

const SCALARS = {
  f32: { kind: usearch.ScalarKind.F32, bytes: 4 },
  f16: { kind: usearch.ScalarKind.F16, bytes: 2 },
  i8: { kind: usearch.ScalarKind.I8, bytes: 1 },
} as const satisfies Record<IndexSpec['scalar'], { kind: ScalarKind; bytes: number }>

export interface IndexShape {
  readonly dim: number
  readonly metric: VectorMetric
  readonly spec: IndexSpec
}

/** An index in memory, or (read-only) mapped from its file. Not for concurrent use; calls are synchronous. */
export class AnnIndex {
  readonly dim: number
  readonly metric: VectorMetric
  readonly spec: IndexSpec
  /** mapped from a file: searched, never changed */
  readonly mapped: boolean
  #native: Index | null
  readonly #threads: number

  private constructor({ dim, metric, spec }: IndexShape, threads: number, mapped: boolean) {
    this.dim = dim
    this.metric = metric
    this.spec = spec
    this.mapped = mapped
    this.#threads = threads
    this.#native = nativeIndex({ dim, metric, spec })
  }

  /**
   * An empty index.
   * @throws PylonError bad-input where i8 meets dot
   */
  static create(shape: IndexShape, options: { threads?: number } = {}): AnnIndex {
    checkSpec(shape)
    return new AnnIndex(shape, options.threads ?? 1, false)
  }

  /**
   * Reads an index into memory; it can be changed.
   * @throws PylonError not-found; bad-data where file and sidecar do not fit; conflict where it is not of the `expected` shape
   */
  static load(path: string, expected: Partial<Pick<IndexShape, 'dim' | 'metric'>> = {}): Promise<AnnIndex> {
    return AnnIndex.#open(path, expected, false)
  }

  /**
   * Maps an index: pages are read when a search touches them, and the checksum once. Errors as {@link AnnIndex.load}.
   * @param expansionSearch searches with this many candidates instead of what the index was made for
   */
  static view(
    path: string,
    expected: Partial<Pick<IndexShape, 'dim' | 'metric'>> = {},
    { expansionSearch }: { expansionSearch?: number } = {},
  ): Promise<AnnIndex> {
    return AnnIndex.#open(path, expected, true, expansionSearch)
  }

  static async #open(
    path: string,
    expected: Partial<Pick<IndexShape, 'dim' | 'metric'>>,
    mapped: boolean,
    expansionSearch?: number,
  ): Promise<AnnIndex> {
    const sidecar = await readSidecar(path)
    checkSpec(sidecar)
    for (const key of ['dim', 'metric'] as const) {
      if (expected[key] === undefined || expected[key] === sidecar[key]) continue
      throw conflict(`The index has ${key} ${sidecar[key]}, not ${expected[key]}: it belongs to another model; build it again.`, path)
    }
    const spec = expansionSearch === undefined ? sidecar.spec : { ...sidecar.spec, expansionSearch }
    const index = new AnnIndex({ ...sidecar, spec }, 1, mapped)
    try {
      if (mapped) index.#index.view(path)
      else index.#index.load(path)
    } catch (error) {
      throw badData(`USearch cannot read the index (${reason(error)}): build it again.`, path, { cause: error })
    }
    if (index.size !== sidecar.count) throw brokenIndex(path, `holds ${index.size} items, not ${sidecar.count}`)
    return index
  }

  /** Items that can be found. */
  get size(): number {
    return this.#index.size()
  }

  /** Bytes of vectors and links, estimated; a mapped index's are the system's page cache. */
  get memoryBytes(): number {
    return estimateBytes({ dim: this.dim, spec: this.spec, count: this.size })
  }

  has(key: number): boolean {
    return this.#index.contains(BigInt(key)) === true
  }

  /**
   * Adds items, [keys.length × dim]; one that is there already gets the new vector.
   * @throws PylonError bad-data naming the position in `keys` of a vector with NaN or infinity (then nothing was added)
   */
  add(keys: Int32Array, vectors: Float32Array): void {
    const native = this.#changeable()
    if (vectors.length !== keys.length * this.dim)
      throw badInput(`${keys.length} items need ${keys.length * this.dim} numbers, not ${vectors.length}.`)
    if (keys.length === 0) return
    if (new Set(keys).size !== keys.length) throw badInput('An item is given twice; give each once.')
    this.#check(vectors, 'item')
    const present = keys.filter((key) => this.has(key))
    if (present.length > 0) native.remove(BigUint64Array.from(present, BigInt))
    native.add(BigUint64Array.from(keys, BigInt), this.#scaled(vectors), this.#threads)
  }

  /** Removes items; @returns how many were there. Their nodes stay as hidden links, and are reused by later additions. */
  remove(keys: Int32Array): number {
    const native = this.#changeable()
    const present = keys.filter((key) => this.has(key))
    if (present.length > 0) native.remove(BigUint64Array.from(present, BigInt))
    return present.length
  }

  /**
   * The items nearest to one query, approximately; fewer than `k` where the index holds fewer.
   * @throws PylonError bad-data where the query has NaN or infinity
   */
  search(query: Float32Array, k: number): Hits {
    if (query.length !== this.dim) throw badInput(`The query has ${query.length} numbers; the index is of width ${this.dim}.`)
    this.#check(query, 'query')
    if (this.size === 0) return { keys: new Int32Array(0), scores: new Float32Array(0) }
    const found = this.#index.search(this.#scaled(query), Math.min(k, this.size), 1)
    const nearest = this.metric === 'euclidean' ? 0 : 1
    const hits = Array.from(found.keys, (key, i) => ({ key: Number(key), score: nearest - found.distances[i]! }))
    hits.sort((a, b) => b.score - a.score || a.key - b.key)
    return { keys: Int32Array.from(hits, (hit) => hit.key), scores: Float32Array.from(hits, (hit) => hit.score) }
  }

  /**
   * Writes FILE and then FILE.json, each beside its place and renamed. A crash between the two leaves an index that is refused.
   * @returns both files with sizes and checksums
   */
  async save(path: string): Promise<[index: IndexFile, sidecar: IndexFile]> {
    const part = temporaryPathFor(path)
    try {
      await saveNative(this.#index, part)
      {
        await using handle = await open(part, 'r+') // closed before the renaming, which Windows asks for
        await handle.sync()
      }
      const file = await sha256File(part)
      await rename(part, path)
      await syncFolder(dirname(path))
      const { dim, metric, spec } = this
      return [{ path, ...file }, await writeSidecar(path, { version: 1, dim, metric, spec, count: this.size, ...file })]
    } finally {
      await rm(part, { force: true })
    }
  }

  /** Lets the native index go; its memory returns with the next garbage collection. */
  dispose(): void {
    this.#native = null
  }

  get #index(): Index {
    if (this.#native === null) throw new Error('The index was disposed of.')
    return this.#native
  }

  #changeable(): Index {
    if (this.mapped) throw conflict('A mapped index cannot be changed: load it instead.')
    return this.#index
  }

  #check(vectors: Float32Array, what: string): void {
    checkVectors(vectors, this.dim, what, this.metric !== 'cosine' && this.spec.scalar === 'f16')
  }

  /** unit length before quantisation, so that half floats and bytes hold every direction alike */
  #scaled(vectors: Float32Array): Float32Array {
    return this.metric === 'cosine' ? normaliseRows(vectors, this.dim) : vectors
  }
}

/** Bytes an index takes, estimated: USearch does not tell. */
export function estimateBytes({ dim, spec, count }: { dim: number; spec: IndexSpec; count: number }): number {
  const { connectivity, scalar } = spec
  // a node: key, level, 2 × connectivity links of 4 bytes at the base, connectivity at each level above, which 1 in connectivity reaches
  const links = 4 * (2 * connectivity + 1) + (4 * (connectivity + 1)) / Math.max(1, connectivity - 1)
  return Math.ceil(count * (dim * SCALARS[scalar].bytes + 10 + links + 8))
}

const SLICE = 256

/**
 * Builds the index of item vectors [items × dim]; row = key. 3,000 to 13,000 items a second at d 64 and the default
 * spec, by how clustered they are.
 * @param options threads: more than one is faster and not reproducible
 * @throws PylonError bad-data naming an item row; bad-input where i8 meets dot
 */
export async function* buildIndex(vectors: Float32Array, shape: IndexShape, options: { threads?: number } = {}): Stage<AnnIndex> {
  const index = AnnIndex.create(shape, options)
  checkVectors(vectors, shape.dim, 'item', shape.metric !== 'cosine' && shape.spec.scalar === 'f16')
  const total = vectors.length / shape.dim
  for (let from = 0; from < total; from += SLICE) {
    yield { stage: 'index items', done: from, total, unit: 'items' }
    const keys = Int32Array.from({ length: Math.min(SLICE, total - from) }, (_, i) => from + i)
    index.add(keys, vectors.subarray(from * shape.dim, (from + keys.length) * shape.dim))
  }
  yield { stage: 'index items', done: total, total, unit: 'items' }
  return index
}

function checkSpec({ metric, spec }: IndexShape): void {
  if (spec.scalar === 'i8' && metric !== 'cosine')
    throw badInput('i8 needs vectors of one length: it is only valid with cosine; use f16 or f32, or match.kind cosine.', 'index.scalar')
}

function nativeIndex({ dim, metric, spec }: IndexShape): Index {
  return new usearch.Index({
    dimensions: dim,
    metric: METRICS[metric],
    quantization: SCALARS[spec.scalar].kind,
    connectivity: spec.connectivity,
    expansion_add: spec.expansionAdd,
    expansion_search: spec.expansionSearch,
    multi: false,
  })
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** USearch says only that writing failed. @throws the system's error where there is no room, else USearch's */
async function saveNative(index: Index, path: string): Promise<void> {
  try {
    index.save(path)
  } catch (error) {
    const { bavail, bsize } = await statfs(dirname(path))
    throw bavail * bsize >= WRITE_BYTES
      ? error
      : Object.assign(new Error('No space left on device', { cause: error }), { code: 'ENOSPC', path })
  }
}
/** What a buffered write asks for at a time, with a margin: with less room than this it may have failed for that. */
const WRITE_BYTES = 1 << 20
