/**
 * Truncated singular value decomposition of the normalised interaction matrix W = D_u^(−½)·A·D_i^(−½), A the 0/1 matrix and D the numbers
 * of interactions: randomised subspace iteration (Halko, Martinsson & Tropp 2011, algorithm 4.4), orthonormalised by Cholesky QR in
 * between. Sparse times dense costs the interactions times the width each pass, the rest is GEMM of [rows × width]·[width × width];
 * memory is that of {@link svdBytes}.
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import { tryCholesky } from '../../compute/cholesky.ts'
import { symmetricEigen } from '../../compute/eigen.ts'
import { createProducts, type Products } from '../../compute/gemm.ts'
import type { InteractionMatrix } from '../../dataset/interaction-matrix.ts'
import { type CsrRows, rowOf } from '../../dataset/interactions.ts'
import { fillNormal, random } from '../random.ts'

export interface Svd {
  readonly rank: number
  /** P [users × rank] and Q [items × rank], orthonormal columns, the largest singular value first; a sign is arbitrary */
  readonly users: Float32Array
  readonly items: Float32Array
  /** [rank] */
  readonly sigma: Float64Array
}

export interface SvdOptions {
  readonly rank: number
  readonly seed: number
  readonly threads: number
  /** passes over the matrix and back; five give the leading values to a few digits */
  readonly passes?: number
}

/** Columns beside those that are wanted. */
const OVERSAMPLING = 32

/** Bytes at the most of a decomposition and of the vectors made of it: both sides thrice, and four squares of the width. */
export function svdBytes({ users, items }: Pick<InteractionMatrix, 'users' | 'items'>, rank: number): number {
  const width = Math.min(rank + OVERSAMPLING, users, items)
  return 12 * (users + items) * width + 32 * width ** 2
}
/** Rows of a sparse product between two yields. */
const BLOCK = 4096

/** Yields while it works. `rank` is at most the smaller side: what is beyond the matrix's own rank is 0. */
export async function* randomizedSvd(matrix: InteractionMatrix, options: SvdOptions): AsyncGenerator<Progress, Svd> {
  const { seed, threads, passes = 5 } = options
  const { users, items, byUser, byItem } = matrix
  const rank = Math.min(options.rank, users, items)
  const width = Math.min(rank + OVERSAMPLING, users, items)
  const [userScale, itemScale] = [inverseRoots(byUser, users), inverseRoots(byItem, items)]
  const total = 2 * passes + 1
  let done = 0
  const times = async function* (
    rows: CsrRows,
    own: Float64Array,
    other: Float64Array,
    x: Float32Array,
  ): AsyncGenerator<Progress, Float32Array> {
    const y = new Float32Array(own.length * width)
    for (let from = 0; from < own.length; from += BLOCK) {
      yield { stage: 'singular vectors', done: done + from / own.length, total, unit: 'passes' }
      multiply(rows, own, other, x, y, width, from, Math.min(own.length, from + BLOCK))
    }
    done++
    return y
  }
  const products = await createProducts({ threads })
  try {
    const start = new Float32Array(items * width)
    fillNormal(start, 1, random(seed, 'init', 0))
    let right = start
    let left = new Float32Array(0)
    for (let pass = 0; pass < passes; pass++) {
      left = await orthonormal(products, yield* times(byUser, userScale, itemScale, right), users, width)
      if (pass + 1 < passes) right = await orthonormal(products, yield* times(byItem, itemScale, userScale, left), items, width)
    }
    // W ≈ left·leftᵀ·W: the small problem is the eigen-decomposition of (Wᵀ·left)ᵀ·(Wᵀ·left)
    const image = yield* times(byItem, itemScale, userScale, left)
    const gram = await products.transposed(image, image, items)
    const { sigma, axes } = leadingAxes(gram, width, rank)
    const scaled = axes.slice()
    for (let i = 0; i < width; i++) for (let k = 0; k < rank; k++) scaled[i * rank + k]! *= sigma[k]! > 0 ? 1 / sigma[k]! : 0
    return {
      rank,
      users: await products.product(left, axes, width),
      items: await products.product(image, scaled, width),
      sigma,
    }
  } finally {
    await products.dispose()
  }
}

/** n^(−½) of each row's length; 0 where it has none. */
function inverseRoots({ offsets }: CsrRows, rows: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const n = offsets[row + 1]! - offsets[row]!
    return n === 0 ? 0 : 1 / Math.sqrt(n)
  })
}

/** y[row] = own[row] · Σ other[j]·x[j] over the row's indices, for rows from … to. */
function multiply(
  rows: CsrRows,
  own: Float64Array,
  other: Float64Array,
  x: Float32Array,
  y: Float32Array,
  width: number,
  from: number,
  to: number,
): void {
  for (let row = from; row < to; row++) {
    const at = row * width
    for (const j of rowOf(rows, row)) {
      const scale = own[row]! * other[j]!
      const source = j * width
      for (let k = 0; k < width; k++) y[at + k]! += scale * x[source + k]!
    }
  }
}

/**
 * The matrix [rows × width] with orthonormal columns that span the same: Y·L^(−ᵀ), where Yᵀ·Y = L·Lᵀ; of columns that depend on each
 * other as many as there are dimensions, by the eigenvectors of Yᵀ·Y (Stathopoulos & Wu 2002), and the others 0.
 */
async function orthonormal(products: Products, y: Float32Array, rows: number, width: number): Promise<Float32Array<ArrayBuffer>> {
  const gram = await products.transposed(y, y, rows)
  const factor = Float64Array.from(gram)
  const isIndependent = (i: number): boolean => factor[i * width + i]! ** 2 > LEAST ** 2 * gram[i * width + i]!
  if (tryCholesky(factor, width) < 0 && Array.from({ length: width }, (_, i) => i).every(isIndependent))
    return (await products.product(y, inverseTransposed(factor, width), width)) as Float32Array<ArrayBuffer>
  const { sigma, axes } = leadingAxes(gram, width, width)
  for (let i = 0; i < width; i++) for (let k = 0; k < width; k++) axes[i * width + k]! *= sigma[k]! > LEAST * sigma[0]! ? 1 / sigma[k]! : 0
  return (await products.product(y, axes, width)) as Float32Array<ArrayBuffer>
}
/** What is left of a column is rounding where it is less than this of its length: Yᵀ·Y is of float32. */
const LEAST = 1e-3

/** L^(−ᵀ), upper triangular, of a lower triangular L [n × n]; float64 within. */
function inverseTransposed(l: Float64Array, n: number): Float32Array {
  const inverse = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const row = i * n
    const pivot = 1 / l[row + i]!
    for (let k = 0; k < i; k++) {
      const factor = -l[row + k]! * pivot
      if (factor !== 0) for (let j = 0; j <= k; j++) inverse[row + j]! += factor * inverse[k * n + j]!
    }
    inverse[row + i] = pivot
  }
  const out = new Float32Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) out[j * n + i] = inverse[i * n + j]!
  return out
}

/** The square roots of the largest eigenvalues of a symmetric matrix [n × n], and their eigenvectors [n × rank] as columns. */
function leadingAxes(gram: Float32Array, n: number, rank: number): { sigma: Float64Array; axes: Float32Array } {
  const { vectors, values } = symmetricEigen(
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (gram[i * n + j]! + gram[j * n + i]!) / 2)),
  )
  const axes = new Float32Array(n * rank)
  for (let k = 0; k < rank; k++) for (let i = 0; i < n; i++) axes[i * rank + k] = vectors[k]![i]!
  return { sigma: Float64Array.from(values.slice(0, rank), (value) => Math.sqrt(Math.max(0, value))), axes }
}
