/** Eigenvalues of symmetric matrices and singular values in float64, by ml-matrix; its only importer. */
import { EigenvalueDecomposition, SingularValueDecomposition } from 'ml-matrix'

/** All eigenvectors (as rows, of either sign) and eigenvalues of a symmetric matrix, largest first. Costs about 9·n³. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): { vectors: number[][]; values: number[] } {
  const rows = matrix.map((row) => [...row])
  const { realEigenvalues: values, eigenvectorMatrix } = new EigenvalueDecomposition(rows, { assumeSymmetric: true })
  const order = [...values.keys()].sort((i, j) => values[j]! - values[i]!)
  return { vectors: order.map((i) => eigenvectorMatrix.getColumn(i)), values: order.map((i) => values[i]!) }
}

/**
 * The singular value decomposition U S Wᵀ of a matrix [rows × columns], thin: left [rows × n] and right [columns × n] of the n = min(rows,
 * columns) singular values, largest first. Columns of both are orthonormal to rounding, those of singular values that are 0 too. Costs about
 * 20·n³ where it is square.
 */
export function singular(matrix: readonly ArrayLike<number>[]): { left: number[][]; values: number[]; right: number[][] } {
  const rows = matrix.map((row) => Array.from(row))
  const { leftSingularVectors, rightSingularVectors, diagonal } = new SingularValueDecomposition(rows, { autoTranspose: true })
  const n = Math.min(rows.length, rows[0]!.length)
  const thin = (vectors: { to2DArray(): number[][] }): number[][] => vectors.to2DArray().map((row) => row.slice(0, n))
  return { left: thin(leftSingularVectors), values: diagonal.slice(0, n), right: thin(rightSingularVectors) }
}
