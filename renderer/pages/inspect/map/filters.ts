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

const escaped = (column: string): string =>
  encodeURIComponent(column).replaceAll(/[!~,]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)

/** Filters as a text for the address: `city!0.3` leaves out two values of a category, `price~10~99` are two ends, `price~10~99!` without what is missing. */
export const filtersText = (filters: readonly Filter[]): string =>
  filters
    .map((filter) =>
      filter.kind === 'category'
        ? `${escaped(filter.column)}!${[...filter.off].toSorted((a, b) => a - b).join('.')}`
        : `${escaped(filter.column)}~${filter.low}~${filter.high}${filter.missing ? '' : '!'}`,
    )
    .join(',')

const CATEGORY = /^([^!~]*)!((?:\d{1,3}(?:\.\d{1,3})*)?)$/
const NUMBER = /^([^!~]*)~([^!~]+)~([^!~]+)(!?)$/

/** The filters of a text that anybody may have typed; what is none is left out, and a column has one. */
export function textFilters(text: string): Filter[] {
  const known = new Map<string, Filter>()
  for (const part of text.split(',')) {
    const filter = partFilter(part)
    if (filter !== null && !known.has(filter.column)) known.set(filter.column, filter)
  }
  return [...known.values()]
}

function partFilter(part: string): Filter | null {
  const [category, number] = [CATEGORY.exec(part), NUMBER.exec(part)]
  try {
    const column = decodeURIComponent((category ?? number)?.[1] ?? '')
    if (category !== null) {
      const off = category[2] === '' ? [] : category[2]!.split('.').map(Number)
      return off.every((code) => code <= 255) ? { column, kind: 'category', off: new Set(off) } : null
    }
    if (number === null) return null
    const [low, high] = [Number(number[2]), Number(number[3])]
    return Number.isFinite(low) && Number.isFinite(high) ? { column, kind: 'number', low, high, missing: number[4] === '' } : null
  } catch {
    return null // no column's name
  }
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
