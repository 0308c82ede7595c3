/**
 * Mean and standard deviation of the training part, and the standardised value they give: at most ±10, so that an
 * outlier (often a cold entity far from all that was trained on) does not drown the other inputs.
 */

const LIMIT = 10

/** JSON-safe; `sd` is that of the population, and 1 where the values are constant. */
export type MeanSd = { readonly mean: number; readonly sd: number }

/** Two passes, so that constants have a deviation of 0; null where there is no value or they are too large for doubles. */
export function meanSdOf(values: Float64Array): MeanSd | null {
  if (values.length === 0) return null
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  const sd = Math.sqrt(squares / values.length)
  if (!Number.isFinite(sd)) return null
  return { mean, sd: sd > 1e-12 * Math.abs(mean) ? sd : 1 }
}

export function standardise(value: number, { mean, sd }: MeanSd): number {
  return Math.max(-LIMIT, Math.min(LIMIT, (value - mean) / sd))
}
