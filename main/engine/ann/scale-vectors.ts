/** Checks and scaling shared by exact search and the index: row-major blocks of vectors, [count × dim]. */
import { badData, badInput } from '../../contract/errors.ts'

/**
 * Vectors whose inner products are minus the squared distances: [2u, −|u|², 1] for queries and [v, 1, −|v|²] for items, [rows × (dim + 2)].
 */
export function widenForEuclidean(vectors: Float32Array, dim: number, side: 'query' | 'item'): Float32Array {
  const rows = vectors.length / dim
  const out = new Float32Array(rows * (dim + 2))
  const [square, one] = side === 'query' ? [dim, dim + 1] : [dim + 1, dim]
  const scale = side === 'query' ? 2 : 1
  for (let row = 0; row < rows; row++) {
    const to = row * (dim + 2)
    let sum = 0
    for (let j = 0; j < dim; j++) {
      const x = vectors[row * dim + j]!
      sum += x * x
      out[to + j] = scale * x
    }
    out[to + square] = -sum
    out[to + one] = 1
  }
  return out
}

/** The largest finite number of a half float. */
const HALF_MAXIMUM = 65_504

/**
 * Refuses what no search can rank.
 * @param what names the rows in the message: `item`, `query`
 * @throws PylonError bad-input where the length does not fit; bad-data naming the first row with NaN or infinity (or,
 * for `half`, a number beyond ±65,504)
 */
export function checkVectors(vectors: Float32Array, dim: number, what: string, half = false): void {
  if (vectors.length % dim !== 0) throw badInput(`${vectors.length} numbers are not ${what} vectors of width ${dim}.`)
  const limit = half ? HALF_MAXIMUM : Number.MAX_VALUE
  for (let i = 0; i < vectors.length; i++) {
    const value = vectors[i]!
    if (Math.abs(value) <= limit) continue
    const place = `${what} row ${Math.floor(i / dim)}, dimension ${i % dim}`
    if (half && Number.isFinite(value)) throw badData(`${value} does not fit a half float; use scalar f32.`, place)
    throw badData(`The vector holds ${value}: the model has diverged; train it with a lower learning rate.`, place)
  }
}

/** Rows scaled to length 1; the same array where they all are already (to 1e-6); a zero row stays zero. */
export function normaliseRows(vectors: Float32Array, dim: number): Float32Array {
  let result = vectors
  for (let from = 0; from < vectors.length; from += dim) {
    let square = 0
    for (let j = from; j < from + dim; j++) square += vectors[j]! * vectors[j]!
    if (square === 0 || Math.abs(square - 1) < 2e-6) continue
    if (result === vectors) result = vectors.slice()
    const scale = 1 / Math.sqrt(square)
    for (let j = from; j < from + dim; j++) result[j]! *= scale
  }
  return result
}

/** Some rows of a matrix [… × width], one after the other. */
export function takeRows(matrix: Float32Array, rows: Int32Array, width: number): Float32Array {
  const some = new Float32Array(rows.length * width)
  for (const [at, row] of rows.entries()) some.set(matrix.subarray(row * width, (row + 1) * width), at * width)
  return some
}
