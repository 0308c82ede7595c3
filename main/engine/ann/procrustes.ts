/**
 * Orthogonal Procrustes (Schönemann 1966): the rotation that brings the vectors of one model nearest to those of another, row by row. It keeps
 * all lengths and inner products, so what still differs after it is what the models say differently. By the polar factor of the cross
 * product, from the eigenvectors of its smaller side; between vectors of two widths it is a part of a rotation.
 */
import { setImmediate } from 'node:timers/promises'
import { symmetricEigen } from '../compute/eigen.ts'

/** Rows it is fitted on, evenly spaced. */
const SAMPLE = 20_000
/** Multiplications before others may run. */
const SLICE = 10_000_000
/** A singular value below this share of the greatest is of a direction that one of both does not use. */
const NOTHING = 1e-9
/** Steps that make what rounding left orthogonal. */
const POLISH = 8

export interface Alignment {
  /** [from × to], orthonormal rows or columns */
  readonly rotation: Float64Array
  /** by which lengths fit best as well */
  readonly scale: number
  /** rotates vectors [rows × from] into [rows × to], their lengths as they are */
  readonly apply: (vectors: Float32Array) => Promise<Float32Array>
}

/** @param moved [rows × from] @param reference [rows × to], the same rows */
export async function procrustes(moved: Float32Array, from: number, reference: Float32Array, to: number): Promise<Alignment> {
  const rows = moved.length / from
  const used = Math.min(rows, SAMPLE)
  const cross = Array.from({ length: from }, () => new Float64Array(to))
  let size = 0
  for (let i = 0; i < used; i++) {
    if (i % Math.max(1, Math.floor(SLICE / (from * to))) === 0) await setImmediate()
    const row = Math.floor((i * rows) / used)
    for (let a = 0; a < from; a++) {
      const value = moved[row * from + a]!
      size += value * value
      for (let b = 0; b < to; b++) cross[a]![b]! += value * reference[row * to + b]!
    }
  }
  const rotation = polar(cross)
  const fit = rotation.reduce((sum, row, a) => sum + dot(row, cross[a]!), 0)
  return {
    rotation: Float64Array.from(rotation.flatMap((row) => [...row])),
    scale: size === 0 ? 1 : fit / size,
    async apply(vectors) {
      const count = vectors.length / from
      const out = new Float32Array(count * to)
      for (let row = 0; row < count; row++) {
        if (row % Math.max(1, Math.floor(SLICE / (from * to))) === 0) await setImmediate()
        for (let a = 0; a < from; a++) {
          const value = vectors[row * from + a]!
          for (let b = 0; b < to; b++) out[row * to + b]! += value * rotation[a]![b]!
        }
      }
      return out
    },
  }
}

type Matrix = readonly Float64Array[]

/** U Wᵀ of the singular value decomposition U S Wᵀ. */
function polar(matrix: Matrix): Matrix {
  const isTall = matrix.length >= matrix[0]!.length
  // of the smaller side: the inverse root of its Gram matrix
  const tall = isTall ? matrix : transposed(matrix)
  const gram = times(transposed(tall), tall)
  const { vectors, values } = symmetricEigen(gram.map((row) => [...row]))
  const least = NOTHING ** 2 * Math.max(values[0] ?? 0, 0)
  const root = gram.map((_, i) =>
    Float64Array.from(gram, (__, j) =>
      vectors.reduce((sum, vector, e) => (values[e]! <= least ? sum : sum + (vector[i]! * vector[j]!) / Math.sqrt(values[e]!)), 0),
    ),
  )
  let factor = times(tall, root)
  // Newton-Schulz: squaring the cross product has cost half of the digits
  for (let step = 0; step < POLISH; step++) {
    const overlap = times(transposed(factor), factor)
    const change = overlap.map((row, i) => row.map((value, j) => (i === j ? 1.5 : 0) - 0.5 * value))
    factor = times(factor, change)
  }
  return isTall ? factor : transposed(factor)
}

const transposed = (matrix: Matrix): Matrix =>
  Array.from({ length: matrix[0]!.length }, (_, j) => Float64Array.from(matrix, (row) => row[j]!))
function times(a: Matrix, b: Matrix): Float64Array[] {
  const columns = transposed(b)
  return a.map((row) => Float64Array.from(columns, (column) => dot(row, column)))
}
function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
