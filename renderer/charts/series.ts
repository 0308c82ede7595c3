/** The series of a LineChart, and arithmetic on them: smoothing, the point nearest to the pointer. */

export interface LineSeries {
  /** unique within the chart */
  readonly name: string
  /** ascending */
  readonly x: ArrayLike<number>
  /** as long as x; NaN is a gap */
  readonly y: ArrayLike<number>
  /** default: by position */
  readonly color?: string
  readonly dashed?: boolean
  /** points are marked, for short series */
  readonly points?: boolean
}

/**
 * Exponential moving average, corrected for its start as Adam corrects its moments, so that the first value is the first value.
 * @param weight of what came before, 0 (none) to below 1
 */
export function smooth(values: ArrayLike<number>, weight: number): ArrayLike<number> {
  if (weight <= 0) return values
  const out = Float64Array.from(values)
  let mean = 0
  let mass = 0
  for (let i = 0; i < out.length; i++) {
    const value = out[i]!
    if (!Number.isFinite(value)) continue
    mean = weight * mean + (1 - weight) * value
    mass = weight * mass + (1 - weight)
    out[i] = mean / mass
  }
  return out
}

/** The index of the x nearest to `at`, or -1 where there is none; x ascends. */
export function nearestIndex(x: ArrayLike<number>, at: number): number {
  let low = 0
  let high = x.length - 1
  if (high < 0) return -1
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (x[middle]! <= at) low = middle
    else high = middle
  }
  return Math.abs(x[low]! - at) <= Math.abs(x[high]! - at) ? low : high
}

/** The points of a curve that are known; epochs without an evaluation have none. */
export function definedPoints(x: ArrayLike<number>, y: ArrayLike<number>): { x: number[]; y: number[] } {
  const at = Array.from(y, (value, i) => (Number.isFinite(value) ? i : -1)).filter((i) => i >= 0)
  return { x: at.map((i) => x[i]!), y: at.map((i) => y[i]!) }
}
