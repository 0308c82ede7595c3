/** The series of a LineChart, and arithmetic on them: smoothing, the point nearest to the pointer. */

export interface LineSeries {
  /** unique within the chart */
  readonly name: string
  /** ascending */
  readonly x: ArrayLike<number>
  /** as long as x; NaN is a gap */
  readonly y: ArrayLike<number>
  /** the index from which it begins anew, as the final fit of a run does */
  readonly anew?: number
  /** what the seeds behind it lie between, as long as x */
  readonly band?: { readonly low: ArrayLike<number>; readonly high: ArrayLike<number> }
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

/** The points of a curve that are known; epochs without an evaluation have none, nor has one that lies nowhere. */
export function definedPoints(x: ArrayLike<number>, y: ArrayLike<number>): { x: number[]; y: number[] } {
  const at = Array.from(y, (value, i) => (Number.isFinite(value) && Number.isFinite(x[i]) ? i : -1)).filter((i) => i >= 0)
  return { x: at.map((i) => x[i]!), y: at.map((i) => y[i]!) }
}

export interface SeedsCurve {
  readonly x: Float64Array
  /** the mean */
  readonly y: Float64Array
  readonly band: { readonly low: Float64Array; readonly high: Float64Array }
}

/**
 * Curves of several seeds as their mean and what they lie between, over every x of any of them that all reach; a curve is read between its
 * points along a straight line, and what is no number is passed over.
 */
export function gatherSeeds(curves: readonly { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> }[]): SeedsCurve {
  const known = curves.map(({ x, y }) => definedPoints(x, y)).filter(({ x }) => x.length > 0)
  const [from, to] = [Math.max(...known.map(({ x }) => x[0]!)), Math.min(...known.map(({ x }) => x.at(-1)!))]
  const places = [...new Set(known.flatMap(({ x }) => x))].filter((at) => at >= from && at <= to).sort((a, b) => a - b)
  const values = known.map((curve) => places.map((at) => valueAt(curve, at)))
  const over = (of: (column: readonly number[]) => number): Float64Array =>
    Float64Array.from(places, (_, i) => of(values.map((column) => column[i]!)))
  return {
    x: Float64Array.from(places),
    y: over((column) => column.reduce((sum, value) => sum + value, 0) / column.length),
    band: { low: over((column) => Math.min(...column)), high: over((column) => Math.max(...column)) },
  }
}

/** A curve between its points; before its first and after its last as they are. */
export function valueAt({ x, y }: { readonly x: ArrayLike<number>; readonly y: ArrayLike<number> }, at: number): number {
  let [low, high] = [0, x.length - 1]
  if (high < 0) return NaN
  if (at <= x[low]!) return y[low]!
  if (at >= x[high]!) return y[high]!
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (x[middle]! <= at) low = middle
    else high = middle
  }
  return y[low]! + ((y[high]! - y[low]!) * (at - x[low]!)) / (x[high]! - x[low]!)
}
