/** Means and variances of samples. */

/** 0 of none. */
export function mean(values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i]!
  return values.length === 0 ? 0 : sum / values.length
}

/** Over n − 1; 0 of fewer than two. */
export function variance(values: ArrayLike<number>): number {
  if (values.length < 2) return 0
  const middle = mean(values)
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! - middle) ** 2
  return sum / (values.length - 1)
}
