/**
 * iALS rows that met few of the other side's, without a d × d system each: by the Woodbury identity (Golub & Van Loan, 2.1.4) over
 * eigenvectors of the Gram matrix G = QΛQᵀ, which all rows share. With B = α₀Λ + penalty, which is diagonal, and Z the n rows met in Q's
 * basis, w = Q·B⁻¹Zᵀ·(I + Z·B⁻¹Zᵀ)⁻¹·1. A row costs n²·d/2 + n³/6 multiplications in float64, where one of n 1 to 20 has d³/6 otherwise.
 */
import { cholesky, choleskySolve } from '../../compute/cholesky.ts'
import { dotAt } from '../../compute/dot.ts'
import { symmetricEigen } from '../../compute/eigen.ts'
import type { GramUpdate, Products } from '../../compute/gemm.ts'

/** The other side, in the basis of its Gram matrix. */
export interface SharedBasis {
  readonly dim: number
  /** [others × dim], rows in the basis */
  readonly rotated: Float32Array
  /** [dim], of α₀·G, the largest first, none below 0 */
  readonly eigenvalues: Float64Array
  /** [dim × dim], a row is an eigenvector */
  readonly vectors: Float32Array
}

/** Rows of the other side at a time. */
const BLOCK = 8192
/**
 * The least penalty, over the largest eigenvalue, that hides rounding: where nobody's vectors reach, the basis holds what is left of float32, which
 * a smaller penalty would blow up.
 */
const LEAST_PENALTY = 1e-4

/** Whether rows of such a penalty are solved as well in the basis as by themselves. */
export const holds = ({ eigenvalues }: SharedBasis, penalty: number): boolean => penalty >= LEAST_PENALTY * eigenvalues[0]!

/**
 * The basis of `others` [others × dim]; yields 0 now and then. Sums of blocks are of float64.
 * @returns null where their Gram matrix times α₀ is beyond float32
 */
export async function* sharedBasis(
  others: Float64Array,
  dim: number,
  unobservedWeight: number,
  { gram, products }: { readonly gram: GramUpdate; readonly products: Products },
): AsyncGenerator<number, SharedBasis | null> {
  const [values, none] = [Float32Array.from(others), new Float32Array(dim * dim)]
  const sum = new Float64Array(dim * dim)
  for (let from = 0; from < values.length; from += BLOCK * dim) {
    yield 0
    const part = await gram.run(values.subarray(from, from + BLOCK * dim), none, dim)
    for (let i = 0; i < sum.length; i++) sum[i]! += unobservedWeight * part[i]!
  }
  if (!sum.every((value) => Number.isFinite(Math.fround(value)))) return null
  const { vectors: rows, values: found } = symmetricEigen(Array.from({ length: dim }, (_, i) => [...sum.subarray(i * dim, (i + 1) * dim)]))
  const vectors = Float32Array.from(rows.flat())
  const columns = new Float32Array(dim * dim)
  for (let i = 0; i < dim; i++) for (let j = 0; j < dim; j++) columns[j * dim + i] = vectors[i * dim + j]!
  const rotated = new Float32Array(values.length)
  for (let from = 0; from < values.length; from += BLOCK * dim) {
    yield 0
    rotated.set(await products.product(values.subarray(from, from + BLOCK * dim), columns, dim), from)
  }
  return { dim, rotated, eigenvalues: Float64Array.from(found, (value) => Math.max(0, value)), vectors }
}

/**
 * Solves one row after another in the basis, for rows that met up to `most`.
 * @returns writes w of a row that met `indices` to `out` [dim] from `at`, still in the basis
 */
export function fewSolver(
  { dim, rotated, eigenvalues }: SharedBasis,
  most: number,
): (indices: Int32Array, penalty: number, out: Float32Array, at: number) => void {
  const [met, scaled] = [new Float64Array(most * dim), new Float64Array(most * dim)]
  const [k, y, inverse] = [new Float64Array(most * most), new Float64Array(most), new Float64Array(dim)]
  return (indices, penalty, out, at) => {
    const n = indices.length
    for (let c = 0; c < dim; c++) inverse[c] = 1 / (eigenvalues[c]! + penalty)
    for (let i = 0; i < n; i++) {
      const from = indices[i]! * dim
      for (let c = 0; c < dim; c++) {
        const value = rotated[from + c]!
        met[i * dim + c] = value
        scaled[i * dim + c] = value * inverse[c]!
      }
    }
    for (let i = 0; i < n; i++) {
      for (let j = 0; j <= i; j++) k[i * n + j] = dotAt(met, i * dim, scaled, j * dim, dim)
      k[i * n + i]! += 1
    }
    y.fill(1, 0, n)
    cholesky(k, n)
    choleskySolve(k, n, y)
    out.fill(0, at, at + dim)
    for (let i = 0; i < n; i++) for (let c = 0; c < dim; c++) out[at + c]! += scaled[i * dim + c]! * y[i]!
  }
}
