/**
 * Fewer points of a curve with the same picture. Of every column of pixels the least and the greatest value stay, so that no spike is lost
 * (averages and lttb may lose one); what lies outside the window is left out but for the neighbours its lines lead to. Thinned for the
 * window that is shown, a zoom is exact as soon as a column holds two points or less. One pass, O(points in the window).
 */

/** The part of the x axis that is shown; both ends are drawn. */
export interface XRange {
  readonly from: number
  readonly to: number
}

export interface Scale {
  /** null: all of the curve */
  readonly window: XRange | null
  /** columns of pixels the window is drawn on, at least 1 */
  readonly columns: number
  readonly logX: boolean
  readonly logY: boolean
}

export interface XYCurve {
  /** ascending */
  readonly x: ArrayLike<number>
  /** as long as x; NaN is a gap */
  readonly y: ArrayLike<number>
}

/**
 * x and y in turns, as ECharts reads a typed array. Values that an axis cannot show (NaN, or nothing above 0 on a log axis) are gaps: a
 * column of nothing else keeps one of them.
 */
export function thinCurve({ x, y }: XYCurve, { window, columns, logX, logY }: Scale): Float64Array {
  const [first, last] = bounds(x, window, logX)
  if (last < first) return new Float64Array(0)
  const out = new Float64Array(2 * Math.min(last - first + 1, 2 * columns + 4))
  let n = 0
  const keep = (i: number): void => {
    out[n++] = x[i]!
    out[n++] = logY && !(y[i]! > 0) ? NaN : y[i]!
  }
  if (last - first + 1 <= 2 * columns) {
    for (let i = first; i <= last; i++) keep(i)
    return out.subarray(0, n)
  }
  const starts = columnStarts(x[first + 1]!, x[last - 1]!, columns, logX)
  keep(first)
  let i = first + 1
  for (let column = 0; column < columns && i < last; column++) {
    const end = column === columns - 1 ? Infinity : starts(column + 1)
    let least = -1
    let greatest = -1
    const from = i
    for (; i < last && x[i]! < end; i++) {
      const value = y[i]!
      if (!(logY ? value > 0 : value === value)) continue
      if (least < 0 || value < y[least]!) least = i
      if (greatest < 0 || value > y[greatest]!) greatest = i
    }
    if (i === from) continue
    if (least < 0) keep(from)
    else {
      keep(Math.min(least, greatest))
      if (least !== greatest) keep(Math.max(least, greatest))
    }
  }
  keep(last)
  return out.subarray(0, n)
}

/** Indices of the first and last point to draw: those in the window and a neighbour on either side; on a log axis only what is above 0. */
function bounds(x: ArrayLike<number>, window: XRange | null, logX: boolean): [number, number] {
  const start = logX ? firstThat(x, (value) => value > 0) : 0
  if (window === null) return [start, x.length - 1]
  const from = firstThat(x, (value) => value >= window.from) - 1
  const to = firstThat(x, (value) => value > window.to)
  return [Math.max(start, from), Math.min(x.length - 1, to)]
}

/** The first index from which on `is` holds; x.length where it never does. */
function firstThat(x: ArrayLike<number>, is: (value: number) => boolean): number {
  let low = 0
  let high = x.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (is(x[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}

/** The x where column `c` begins. */
function columnStarts(from: number, to: number, columns: number, logX: boolean): (column: number) => number {
  if (!logX) return (column) => from + ((to - from) * column) / columns
  const [a, b] = [Math.log(from), Math.log(to)]
  return (column) => Math.exp(a + ((b - a) * column) / columns)
}
