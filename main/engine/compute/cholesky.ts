/** Symmetric positive definite systems in float64: Cholesky's factorisation of a small dense matrix, in place. */

/** A matrix that is not positive definite, or not by the precision it is worked in. */
export class NotDefinite extends Error {
  /** @param pivot the first that is not positive */
  constructor(pivot: number) {
    super(`The matrix is not positive definite (pivot ${pivot}).`)
  }
}

/**
 * Factors the lower triangle of a [n × n] row-major into L with a = L·Lᵀ.
 * @throws NotDefinite
 */
export function cholesky(a: Float64Array, n: number): void {
  const failed = tryCholesky(a, n)
  if (failed >= 0) throw new NotDefinite(failed)
}

/** The same. @returns the first pivot that is not positive, and then L is unfinished; −1 where all are */
export function tryCholesky(a: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (i !== j) a[i * n + j] = sum / a[j * n + j]!
      else if (sum > 0) a[i * n + i] = Math.sqrt(sum)
      else return i
    }
  }
  return -1
}

/** The inverse of a lower triangle [n × n], in its place. */
export function invertLower(l: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    const pivot = 1 / l[i * n + i]!
    for (let j = 0; j < i; j++) {
      let sum = 0
      for (let k = j; k < i; k++) sum -= l[i * n + k]! * l[k * n + j]!
      l[i * n + j] = sum * pivot
    }
    l[i * n + i] = pivot
  }
}

/** Solves L·Lᵀ·x = b in place, L as {@link cholesky} leaves it. */
export function choleskySolve(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i]!
    for (let k = 0; k < i; k++) sum -= l[i * n + k]! * b[k]!
    b[i] = sum / l[i * n + i]!
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i]!
    for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * b[k]!
    b[i] = sum / l[i * n + i]!
  }
}

/** The inverse of a symmetric positive definite matrix [n × n]; only the lower triangle of `a` is read, and it is overwritten. */
export function invertSpd(a: Float64Array, n: number): Float64Array {
  // a becomes L⁻¹; then L⁻ᵀ·L⁻¹
  cholesky(a, n)
  invertLower(a, n)
  const result = new Float64Array(n * n)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const factor = a[k * n + i]!
      for (let j = 0; j <= i; j++) result[i * n + j]! += factor * a[k * n + j]!
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) result[j * n + i] = result[i * n + j]!
  return result
}
