/**
 * Vectors as an index of a scalar type holds them, so that exact search over them shows what quantisation alone costs. By the rules of
 * USearch, which a test holds against its scores: f16 rounds to the nearest half float, i8 cuts 127 times the unit vector to whole numbers.
 */
import type { IndexSpec, VectorMetric } from '../../contract/shapes/spec.ts'
import { normaliseRows } from './scale-vectors.ts'

const quantisers = {
  f32: (rows) => rows,
  f16: (rows) => rows.map(halfFloat),
  // whole numbers and not hundredths of them: a cosine does not mind, and float32 holds them exactly
  i8: (rows) => rows.map((x) => Math.trunc(x * 127)),
} as const satisfies Record<IndexSpec['scalar'], (rows: Float32Array) => Float32Array>

/** Rows of `dim` numbers quantised; by cosine they are scaled to length 1 first, as the index does. */
export function quantise(vectors: Float32Array, dim: number, metric: VectorMetric, scalar: IndexSpec['scalar']): Float32Array {
  return quantisers[scalar](metric === 'cosine' ? normaliseRows(vectors, dim) : vectors)
}

const bits = new DataView(new ArrayBuffer(4))

/** The nearest half float, ties to even; ±Infinity past 65,520. */
export function halfFloat(x: number): number {
  const size = Math.abs(x)
  if (!(size < 65_520)) return x > 0 ? Infinity : x < 0 ? -Infinity : NaN
  bits.setFloat32(0, size)
  const exponent = Math.max(-14, (bits.getUint32(0) >>> 23) - 127)
  // adding and taking away 2^52 steps of 2^(exponent - 10) rounds to whole steps, as a double has 52 binary places
  const shift = 2 ** (exponent - 10 + 52)
  const rounded = size + shift - shift
  return x < 0 || Object.is(x, -0) ? -rounded : rounded
}
