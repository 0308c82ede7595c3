/** The colour of a difference of two runs: it has one only where a test, corrected over its table, tells it from none. */
const SURE = 0.05

export function changeOf({ difference, adjusted }: { difference: number; adjusted: number }): 'up' | 'down' | '' {
  if (adjusted >= SURE) return ''
  return difference > 0 ? 'up' : 'down'
}
