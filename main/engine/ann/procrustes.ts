/**
 * Orthogonal Procrustes (Schönemann 1966): the rotation that brings the vectors of one model nearest to those of another, row by row. It keeps
 * all lengths and inner products, so what still differs after it is what the models say differently. By the polar factor of the cross
 * product, from the eigenvectors of its smaller side; between vectors of two widths it is a part of a rotation.
 */
import { setImmediate } from 'node:timers/promises'
import { singular } from '../compute/eigen.ts'

/** Rows it is fitted on unless told, evenly spaced. */
const SAMPLE = 20_000
/** Multiplications before others may run. */
const SLICE = 10_000_000

export interface Alignment {
  /** [from × to], orthonormal rows or columns; between equal widths a rotation, perhaps with a reflection */
  readonly rotation: Float64Array
  /** by which lengths fit best as well */
  readonly scale: number
  /** rotates vectors [rows × from] into [rows × to], their lengths as they are; sums are of float64 */
  readonly apply: (vectors: Float32Array) => Promise<Float32Array>
}

/**
 * @param moved [rows × from]
 * @param reference [rows × to], the same rows
 * @param sample rows it is fitted on at most
 */
export async function procrustes(
  moved: Float32Array,
  from: number,
  reference: Float32Array,
  to: number,
  sample = SAMPLE,
): Promise<Alignment> {
  const rows = moved.length / from
  const used = Math.min(rows, sample)
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
  const { left, values, right } = singular(cross)
  const rotation = new Float64Array(from * to)
  for (let a = 0; a < from; a++)
    for (let b = 0; b < to; b++) for (let j = 0; j < values.length; j++) rotation[a * to + b]! += left[a]![j]! * right[b]![j]!
  const fit = values.reduce((sum, value) => sum + value, 0)
  return {
    rotation,
    scale: size === 0 ? 1 : fit / size,
    apply: (vectors) => rotated(vectors, rotation, from, to),
  }
}

/** Vectors [rows × from] by a matrix [from × to]; sums are of float64. */
export async function rotated(vectors: Float32Array, matrix: Float64Array, from: number, to: number): Promise<Float32Array> {
  const count = vectors.length / from
  const out = new Float32Array(count * to)
  const sums = new Float64Array(to)
  for (let row = 0; row < count; row++) {
    if (row % Math.max(1, Math.floor(SLICE / (from * to))) === 0) await setImmediate()
    sums.fill(0)
    for (let a = 0; a < from; a++) {
      const value = vectors[row * from + a]!
      for (let b = 0; b < to; b++) sums[b]! += value * matrix[a * to + b]!
    }
    out.set(sums, row * to)
  }
  return out
}
