type Rows = Float32Array | Float64Array

/**
 * Inner product of the `dim` numbers of `a` from `i` on and those of `b` from `j` on, in float64. Even and odd places are summed side by
 * side: a loop of one sum waits for each addition.
 */
export function dotAt(a: Rows, i: number, b: Rows, j: number, dim: number): number {
  let [even, odd] = [0, 0]
  let c = 0
  for (; c + 1 < dim; c += 2) {
    even += a[i + c]! * b[j + c]!
    odd += a[i + c + 1]! * b[j + c + 1]!
  }
  return c < dim ? even + odd + a[i + c]! * b[j + c]! : even + odd
}

/** Root mean square of the lengths of rows [rows × dim]; 0 where all are zero. */
export const rmsLength = (rows: Rows, dim: number): number => Math.sqrt((dotAt(rows, 0, rows, 0, rows.length) * dim) / rows.length)
