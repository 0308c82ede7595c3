/** Symmetric positive definite systems in float64: Cholesky's factorisation of a small dense matrix, in place. */

/**
 * Factors the lower triangle of a [n × n] row-major into L with a = L·Lᵀ.
 * @throws Error where a is not positive definite
 */
export function cholesky(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!
      if (i !== j) a[i * n + j] = sum / a[j * n + j]!
      else if (sum > 0) a[i * n + i] = Math.sqrt(sum)
      else throw new Error(`The matrix is not positive definite (pivot ${i} is ${sum}).`)
    }
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
  cholesky(a, n)
  // the inverse of L by rows, then L⁻ᵀ·L⁻¹
  const inverse = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const pivot = 1 / a[i * n + i]!
    inverse[i * n + i] = pivot
    for (let k = 0; k < i; k++) {
      const factor = a[i * n + k]!
      for (let j = 0; j <= k; j++) inverse[i * n + j]! -= factor * inverse[k * n + j]!
    }
    for (let j = 0; j < i; j++) inverse[i * n + j]! *= pivot
  }
  const result = new Float64Array(n * n)
  for (let k = 0; k < n; k++) {
    for (let i = 0; i <= k; i++) {
      const factor = inverse[k * n + i]!
      for (let j = 0; j <= i; j++) result[i * n + j]! += factor * inverse[k * n + j]!
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) result[j * n + i] = result[i * n + j]!
  return result
}
