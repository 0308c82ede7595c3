/** Eigenvalues of symmetric matrices in float64, by ml-matrix; its only importer. */
import { EigenvalueDecomposition } from 'ml-matrix'

/** All eigenvectors (as rows, of either sign) and eigenvalues of a symmetric matrix, largest first. Costs about 9·n³. */
export function symmetricEigen(matrix: readonly (readonly number[])[]): { vectors: number[][]; values: number[] } {
  const rows = matrix.map((row) => [...row])
  const { realEigenvalues: values, eigenvectorMatrix } = new EigenvalueDecomposition(rows, { assumeSymmetric: true })
  const order = [...values.keys()].sort((i, j) => values[j]! - values[i]!)
  return { vectors: order.map((i) => eigenvectorMatrix.getColumn(i)), values: order.map((i) => values[i]!) }
}
