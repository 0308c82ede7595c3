/** Logarithmic axes whose ticks are round numbers; ECharts puts them at powers of the base, and those of 2 are no numbers to read (0.016, 0.031). */

type Axis = Readonly<Record<string, unknown>>

/** Over less than this factor a logarithmic axis is nearly even, and so are its ticks. */
const NARROW = 4
/** Over more decades than this a decade has one tick. */
const WIDE = 3

/** Ascending, beyond both ends, which an axis may lie a bit outside of. Both are above 0. */
export function logTicks(low: number, high: number): number[] {
  const [from, to] = [low / 2, high * 2]
  if (high / low < NARROW) return evenTicks(from, to, (high - low) / 4 || low / 4)
  const decades = Math.log10(high / low)
  const mantissas = decades > WIDE ? [1] : decades > 1 ? [1, 2, 5] : [1, 1.5, 2, 3, 4, 5, 7]
  const first = Math.floor(Math.log10(from))
  const powers = Array.from({ length: Math.ceil(Math.log10(to)) - first + 1 }, (_, i) => first + i)
  return powers.flatMap((power) => mantissas.map((mantissa) => Number(`${mantissa}e${power}`))).filter((tick) => tick >= from && tick <= to)
}

/** Multiples of a round number near `about`. */
function evenTicks(from: number, to: number, about: number): number[] {
  const power = Math.floor(Math.log10(about))
  const mantissa = about / 10 ** power
  const step = Number(`${mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10}e${power}`)
  const first = Math.ceil(from / step)
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)))
}

/** An axis made logarithmic, for values between `low` and `high`; where none of them is above 0, with the ticks of ECharts. */
export function logAxis(axis: Axis, low: number, high: number): Record<string, unknown> {
  const base = { ...axis, type: 'log' as const, logBase: 2 }
  if (!(low > 0 && high >= low && high < Infinity)) return base
  const customValues = logTicks(low, high)
  return {
    ...base,
    axisTick: { ...(axis['axisTick'] as Axis | undefined), customValues },
    axisLabel: { ...(axis['axisLabel'] as Axis | undefined), customValues },
  }
}

/** The least value above 0 and the greatest of some columns; without callbacks, as they may have a million. */
export function positiveRange(columns: Iterable<ArrayLike<number>>): readonly [low: number, high: number] {
  let [low, high] = [Infinity, 0]
  for (const values of columns)
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!
      if (value > 0 && value < low) low = value
      if (value > high) high = value
    }
  return [low, high]
}
