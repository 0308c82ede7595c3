/** p-values corrected for their number. */

/** So that the chance that any is wrong stays below the level: step by step from the smallest (Holm 1979). */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const adjusted = new Array<number>(values.length)
  let least = 0
  for (const [rank, i] of order.entries()) adjusted[i] = least = Math.max(least, Math.min(1, values[i]! * (values.length - rank)))
  return adjusted
}

/**
 * p-values with the false discovery rate that calling them and all smaller ones findings would have (Benjamini & Hochberg 1995). `of`: of how
 * many tests they are the smallest.
 */
export function falseDiscoveryRates(values: readonly number[], of = values.length): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!)
  const adjusted = new Array<number>(values.length)
  let most = 1
  for (const [place, i] of order.entries()) adjusted[i] = most = Math.min(most, (values[i]! * of) / (values.length - place))
  return adjusted
}
