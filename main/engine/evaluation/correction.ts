/** p-values corrected for their number, so that the chance that any is wrong stays below the level: step by step from the smallest (Holm 1979). */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!)
  const adjusted = new Array<number>(values.length)
  let least = 0
  for (const [rank, i] of order.entries()) adjusted[i] = least = Math.max(least, Math.min(1, values[i]! * (values.length - rank)))
  return adjusted
}
