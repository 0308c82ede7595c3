/**
 * Filters by columns of the items, all of which an item passes that is shown; the counts of each column are of the items that pass all other
 * filters, so that what a further choice would leave is seen before it is made.
 */
import type { Colouring } from './colours.ts'

export type Filter =
  | { readonly column: string; readonly kind: 'category'; readonly off: ReadonlySet<number> }
  /** both ends are in; whether items without a value pass */
  | { readonly column: string; readonly kind: 'number'; readonly low: number; readonly high: number; readonly missing: boolean }

/** One that lets everything pass. */
export function openFilter(column: string, colouring: Colouring): Filter {
  return colouring.kind === 'category'
    ? { column, kind: 'category', off: new Set() }
    : { column, kind: 'number', low: colouring.minimum, high: colouring.maximum, missing: true }
}

/**
 * [items]: 1 where an item passes; null where nothing is filtered out by any.
 * @param valuesOf of each filter's column; a filter whose values are not there yet is passed over
 */
export function passing(filters: readonly Filter[], valuesOf: (column: string) => Colouring | undefined, items: number): Uint8Array | null {
  const effective = filters.filter((filter) => isEffective(filter, valuesOf(filter.column)))
  if (effective.length === 0) return null
  const shown = new Uint8Array(items).fill(1)
  for (const filter of effective) {
    const { values } = valuesOf(filter.column)!
    if (filter.kind === 'category') for (let i = 0; i < items; i++) if (filter.off.has(values[i]!)) shown[i] = 0
    if (filter.kind === 'category') continue
    const { low, high, missing } = filter
    for (let i = 0; i < items; i++) {
      const value = values[i]!
      if (Number.isNaN(value) ? !missing : value < low || value > high) shown[i] = 0
    }
  }
  return shown
}

function isEffective(filter: Filter, colouring: Colouring | undefined): boolean {
  if (colouring === undefined) return false
  if (filter.kind === 'category') return filter.off.size > 0
  return colouring.kind === 'number' && (filter.low > colouring.minimum || filter.high < colouring.maximum || !filter.missing)
}

/** How many of the shown items have each code. */
export function codeCounts(values: ArrayLike<number>, shown: Uint8Array | null): Int32Array {
  const counts = new Int32Array(256)
  for (let i = 0; i < values.length; i++) if (shown === null || shown[i] === 1) counts[values[i]!]!++
  return counts
}

/** Where a value stands between two ends, 0 to 1, where `long` by its logarithm; and the value that stands there. */
export interface Scale {
  readonly share: (value: number) => number
  readonly value: (share: number) => number
}
export function scaleOf(minimum: number, maximum: number, long: boolean): Scale {
  const place = (value: number): number => (long ? Math.log1p(value) : value)
  const [low, high] = [place(minimum), place(maximum)]
  const share = (value: number): number => (high > low ? (place(value) - low) / (high - low) : 0)
  const value = (at: number): number => {
    if (at <= 0) return minimum
    if (at >= 1) return maximum
    return long ? Math.expm1(low + at * (high - low)) : low + at * (high - low)
  }
  return { share, value }
}

/** How many of the shown items stand in each of some bins of equal width on a scale. */
export function binCounts(values: ArrayLike<number>, { share }: Scale, bins: number, shown: Uint8Array | null): Int32Array {
  const counts = new Int32Array(bins)
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isNaN(value) && (shown === null || shown[i] === 1)) counts[Math.min(bins - 1, Math.floor(bins * share(value)))]!++
  }
  return counts
}
