/**
 * The two principal axes of vectors, for a map: subspace iteration (Halko et al. 2011, without the random projection) on the covariance
 * of at most `SAMPLE` rows, with a few vectors more than are wanted, which is what makes it converge where eigenvalues are close. The
 * event loop turns between slices, so that an engine that draws a map still answers.
 */
import { setImmediate } from 'node:timers/promises'
import { symmetricEigen } from '../compute/eigen.ts'

/** Rows the covariance is taken of, evenly spaced: its error on an axis is far below a pixel. */
const SAMPLE = 20_000
const EXTRA = 6
const MAX_ITERATIONS = 500
const TOLERANCE = 1e-10
/** A variance below this share of the length is rounding. */
const NOTHING = 1e-12
/** Multiplications before others may run, about 10 ms. */
const SLICE = 10_000_000

export interface Axes {
  /** [rows × 2], centred */
  readonly points: Float32Array
  /** share of the sample's variance on each axis */
  readonly explained: [number, number]
  /** vectors [rows × dim] of the same space on these axes, [rows × 2] */
  readonly project: (vectors: Float32Array) => Promise<Float32Array>
}

/** Projects vectors [rows × dim]; the sign of an axis makes its largest component positive. */
export async function principalAxes(vectors: Float32Array, dim: number): Promise<Axes> {
  const rows = vectors.length / dim
  const mean = new Float64Array(dim)
  for (let i = 0; i < vectors.length; i++) mean[i % dim]! += vectors[i]! / rows
  const covariance = await covarianceOf(vectors, dim, mean)
  const { axes, values } = await leading(covariance, dim, Math.min(dim, 2 + EXTRA))
  const total = Array.from({ length: dim }, (_, j) => covariance[j * dim + j]!).reduce((sum, value) => sum + value, 0)
  const project = async (all: Float32Array): Promise<Float32Array> => {
    const points = new Float32Array((all.length / dim) * 2)
    for (let row = 0; row < all.length / dim; row++) {
      if (row % Math.ceil(SLICE / dim) === 0) await setImmediate()
      for (let axis = 0; axis < Math.min(2, dim); axis++) {
        let sum = 0
        for (let j = 0; j < dim; j++) sum += (all[row * dim + j]! - mean[j]!) * axes[axis]![j]!
        points[row * 2 + axis] = sum
      }
    }
    return points
  }
  const share = (axis: number): number => (total > NOTHING * (dot(mean, mean) + total) ? Math.max(0, values[axis] ?? 0) / total : 0)
  return { points: await project(vectors), explained: [share(0), share(1)], project }
}

async function covarianceOf(vectors: Float32Array, dim: number, mean: Float64Array): Promise<Float64Array> {
  const rows = vectors.length / dim
  const used = Math.min(rows, Math.max(2 * dim, Math.min(SAMPLE, Math.ceil(2e9 / (dim * dim)))))
  const covariance = new Float64Array(dim * dim)
  const centred = new Float64Array(dim)
  const slice = Math.max(1, Math.floor(SLICE / (dim * dim)))
  for (let i = 0; i < used; i++) {
    if (i % slice === 0) await setImmediate()
    const at = Math.floor((i * rows) / used) * dim
    for (let j = 0; j < dim; j++) centred[j] = vectors[at + j]! - mean[j]!
    for (let j = 0; j < dim; j++) {
      const scaled = centred[j]! / used
      for (let l = j; l < dim; l++) covariance[j * dim + l]! += scaled * centred[l]!
    }
  }
  for (let j = 0; j < dim; j++) for (let l = 0; l < j; l++) covariance[j * dim + l] = covariance[l * dim + j]!
  return covariance
}

/** The leading eigenvectors and eigenvalues of a symmetric matrix: multiply, orthonormalise, rotate to the axes within the subspace. */
async function leading(matrix: Float64Array, dim: number, count: number): Promise<{ axes: Float64Array[]; values: number[] }> {
  let axes: Float64Array[] = Array.from({ length: count }, (_, a) =>
    Float64Array.from({ length: dim }, (_, j) => Math.sin(1 + a + (a + 1) * 0.7 * j) + (a === j ? 1 : 0)),
  )
  orthonormalise(axes)
  let values = new Array<number>(count).fill(0)
  for (let i = 0; i < MAX_ITERATIONS; i++) {
    await setImmediate()
    const multiplied = axes.map((axis) => times(matrix, axis, dim))
    const small = axes.map((axis) => multiplied.map((other) => dot(axis, other)))
    const { vectors, values: found } = symmetricEigen(small)
    const rotated = vectors.map((weights) => combine(weights, multiplied, dim))
    axes = rotated
    orthonormalise(axes)
    const moved = Math.max(...found.slice(0, 2).map((value, a) => Math.abs(value - values[a]!)))
    values = found
    if (moved <= TOLERANCE * Math.abs(values[0]!)) break
  }
  for (const axis of axes) {
    const largest = axis.reduce((best, x) => (Math.abs(x) > Math.abs(best) + 1e-12 ? x : best), 0)
    if (largest < 0) for (let j = 0; j < dim; j++) axis[j] = -axis[j]!
  }
  return { axes, values }
}

function times(matrix: Float64Array, vector: Float64Array, dim: number): Float64Array {
  const result = new Float64Array(dim)
  for (let i = 0; i < dim; i++) {
    let sum = 0
    for (let j = 0; j < dim; j++) sum += matrix[i * dim + j]! * vector[j]!
    result[i] = sum
  }
  return result
}

function combine(weights: readonly number[], vectors: readonly Float64Array[], dim: number): Float64Array {
  const result = new Float64Array(dim)
  for (const [v, vector] of vectors.entries()) for (let j = 0; j < dim; j++) result[j]! += weights[v]! * vector[j]!
  return result
}

/** Gram-Schmidt, twice, as once loses orthogonality to rounding; a vector that depends on the earlier ones becomes zero. */
function orthonormalise(vectors: readonly Float64Array[]): void {
  for (const [v, vector] of vectors.entries()) {
    for (let pass = 0; pass < 2; pass++)
      for (const earlier of vectors.slice(0, v)) {
        const shared = dot(vector, earlier)
        for (let j = 0; j < vector.length; j++) vector[j]! -= shared * earlier[j]!
      }
    const length = Math.sqrt(dot(vector, vector))
    for (let j = 0; j < vector.length; j++) vector[j] = length > 1e-150 ? vector[j]! / length : 0
  }
}

const dot = (a: Float64Array, b: Float64Array): number => {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
