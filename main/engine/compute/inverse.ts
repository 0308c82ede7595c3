/**
 * The inverse of a large symmetric positive definite matrix, in place, by blocked sweeps (Goodnight 1979) over its lower triangle:
 * n³ floating-point operations, nearly all in GEMMs of [block × block]·[block × n]. Float32, with the pivot blocks inverted in float64;
 * no pivoting, which a definite matrix does not need. 8,192 rows take about 10 s on two cores, and time grows with n³.
 */
import type { Progress } from '../../contract/shapes/progress.ts'
import { createGemmUpdate, type GemmUpdate } from './gemm.ts'
import { invertSpd } from './cholesky.ts'

/** Rows of a symmetric matrix in panels of `block` rows, each [block × padded], row-major; past n it is the identity. */
export interface SymmetricMatrix {
  readonly n: number
  readonly block: number
  /** n rounded up to whole blocks: the length of a row */
  readonly padded: number
  readonly panels: readonly Float32Array[]
}

export function symmetricMatrix(n: number, block = 256): SymmetricMatrix {
  const size = Math.min(block, n)
  const padded = Math.ceil(n / size) * size
  const panels = Array.from({ length: padded / size }, () => new Float32Array(size * padded))
  for (let i = n; i < padded; i++) panels[Math.floor(i / size)]![(i % size) * padded + i] = 1
  return { n, block: size, padded, panels }
}

/** Row i, a view of `padded` elements of which n count. */
export function matrixRow({ block, padded, panels }: SymmetricMatrix, i: number): Float32Array {
  const at = (i % block) * padded
  return panels[Math.floor(i / block)]!.subarray(at, at + padded)
}

/**
 * Replaces the matrix by its inverse; reads the lower triangle and fills both.
 * @throws NotDefinite
 */
export async function* invert(matrix: SymmetricMatrix, threads: number): AsyncGenerator<Progress, void> {
  const { panels, block: b, padded } = matrix
  const gemm = await createGemmUpdate({ threads })
  try {
    // column k of the triangle, [padded × block], and the same times the inverse of its pivot block
    const column = new Float32Array(padded * b)
    for (let k = 0; k < panels.length; k++) {
      yield { stage: 'invert', done: k, total: panels.length, unit: 'blocks' }
      readColumn(matrix, k, column)
      const pivot = Float32Array.from(invertSpd(Float64Array.from(column.subarray(k * b * b, (k + 1) * b * b)), b))
      for (let i = 0; i < panels.length; i++) if (i !== k) await sweepPanel(matrix, gemm, i, k, column, pivot)
      storeNegative(panels[k]!, pivot, b, padded, k)
    }
    for (const panel of panels) for (let i = 0; i < panel.length; i++) panel[i] = -panel[i]!
    mirror(matrix)
    yield { stage: 'invert', done: panels.length, total: panels.length, unit: 'blocks' }
  } finally {
    await gemm.dispose()
  }
}

/**
 * Rows of panel i, columns up to its diagonal: A_ij −= A_ik·P⁻¹·A_jkᵀ; then A_ik becomes A_ik·P⁻¹, on whichever side of
 * the diagonal it is kept.
 */
async function sweepPanel(
  { panels, block: b, padded }: SymmetricMatrix,
  gemm: GemmUpdate,
  i: number,
  k: number,
  column: Float32Array,
  pivot: Float32Array,
): Promise<void> {
  const panel = panels[i]!
  const width = (i + 1) * b
  // 0 − T_i·P⁻¹ (P⁻¹ is symmetric), of which the sign is turned below
  const negative = await gemm.run(column.subarray(i * b * b, (i + 1) * b * b), pivot, new Float32Array(b * b), b, b, b)
  const scaled = negative.map((x) => -x)
  const lower = new Float32Array(b * width)
  for (let r = 0; r < b; r++) lower.set(panel.subarray(r * padded, r * padded + width), r * width)
  const updated = await gemm.run(scaled, column.subarray(0, width * b), lower, b, width, b)
  for (let r = 0; r < b; r++) panel.set(updated.subarray(r * width, (r + 1) * width), r * padded)
  const target = panels[Math.max(i, k)]!
  for (let r = 0; r < b; r++) {
    for (let c = 0; c < b; c++) {
      if (i > k) target[r * padded + k * b + c] = scaled[r * b + c]!
      else target[c * padded + i * b + r] = scaled[r * b + c]!
    }
  }
}

/** A_ik for all i as rows, from the lower triangle: transposed where i < k. */
function readColumn({ panels, block: b, padded }: SymmetricMatrix, k: number, column: Float32Array): void {
  for (let i = 0; i < panels.length; i++) {
    const panel = panels[Math.max(i, k)]!
    for (let r = 0; r < b; r++) {
      const to = (i * b + r) * b
      if (i > k) column.set(panel.subarray(r * padded + k * b, r * padded + (k + 1) * b), to)
      else if (i < k) for (let c = 0; c < b; c++) column[to + c] = panel[c * padded + i * b + r]!
      else for (let c = 0; c < b; c++) column[to + c] = r >= c ? panel[r * padded + k * b + c]! : panel[c * padded + k * b + r]!
    }
  }
}

function storeNegative(panel: Float32Array, pivot: Float32Array, b: number, padded: number, k: number): void {
  for (let r = 0; r < b; r++) for (let c = 0; c < b; c++) panel[r * padded + k * b + c] = -pivot[r * b + c]!
}

/** Copies the lower triangle to the upper one. */
function mirror(matrix: SymmetricMatrix): void {
  const { panels, block: b, padded } = matrix
  for (let i = 0; i < panels.length; i++) {
    for (let j = 0; j <= i; j++) {
      for (let r = 0; r < b; r++) {
        for (let c = 0; c < (i === j ? r : b); c++) panels[j]![c * padded + i * b + r] = panels[i]![r * padded + j * b + c]!
      }
    }
  }
}
