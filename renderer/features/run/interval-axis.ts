/** The axis that the bars of intervals share: it has 0 on it, and some room at its ends. */
export function intervalAxis(intervals: readonly { readonly low: number; readonly high: number }[]): { from: number; to: number } {
  const [low, high] = [Math.min(0, ...intervals.map((each) => each.low)), Math.max(0, ...intervals.map((each) => each.high))]
  const room = (high - low) * 0.05
  return { from: low - room, to: high + room }
}
