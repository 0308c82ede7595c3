/**
 * The values of a column in requests beside those it was measured on: codes to compare them by, what they differ by most, and the column with
 * that very difference put into it. Numbers are compared by tenths of the reference; categories and tags by the most frequent ones, and
 * those that the model does not know.
 */
import type { SkewRow } from '../../../contract/verbs/skew.ts'
import type { ColumnValues } from '../../dataset/dataset.ts'
import { quantile } from '../../evaluation/paired.ts'
import type { Random } from '../../training/random.ts'
import { sharesOf } from './shares.ts'

const [TENTHS, NAMED] = [10, 20]
/** Shares by which unknown or missing values must have become more to be what a column differs by. */
export const FEW_UNKNOWN = 0.01
const MANY_MISSING = 0.05

/** Bins 0 and 1 are the missing and the unknown values. */
const [MISSING, UNKNOWN] = [0, 1]

export interface Coded {
  readonly before: Int32Array
  readonly now: Int32Array
  readonly bins: number
}
type Change = Pick<SkewRow, 'skew' | 'unknown' | 'missing' | 'median' | 'size'>

/** Each value of a column, of lists each part of them; vectors by their length. */
export function plainValues(column: ColumnValues): (string | number | null)[] {
  switch (column.storage) {
    case 'number':
      return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value))
    case 'text':
      return [...column.values]
    case 'list':
      return column.values.flatMap((parts) => (parts === null || parts.length === 0 ? [null] : [...new Set(parts)]))
    case 'vector': {
      const { width, values } = column
      const rows = width === 0 ? 0 : values.length / width
      return Array.from({ length: rows }, (_, r) => {
        const length = Math.hypot(...values.subarray(r * width, (r + 1) * width))
        return Number.isNaN(length) ? null : length
      })
    }
  }
}

const numbersOf = (values: readonly (string | number | null)[]): Float64Array =>
  Float64Array.from(values.filter((value) => typeof value === 'number')).sort()

/** @param knows null: a column whose values are not looked up, such as a text, is compared by how long they are */
export function coded(
  before: readonly (string | number | null)[],
  now: readonly (string | number | null)[],
  knows: ((value: string) => boolean) | null,
): Coded {
  const measured = (value: string | number | null): string | number | null =>
    knows === null && typeof value === 'string' ? value.length : value
  const [a, b] = [before.map(measured), now.map(measured)]
  const numbers = numbersOf(a)
  const edges = numbers.length === 0 ? [] : [...new Set(Array.from({ length: TENTHS - 1 }, (_, i) => quantile(numbers, (i + 1) / TENTHS)))]
  const counts = new Map<string, number>()
  for (const value of a) if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1)
  const named = new Map(
    [...counts]
      .sort((x, y) => y[1] - x[1])
      .slice(0, NAMED)
      .map(([value], i) => [value, 3 + i]),
  )
  const codeOf = (value: string | number | null): number => {
    if (value === null) return MISSING
    if (typeof value === 'string') return knows!(value) ? (named.get(value) ?? 2) : UNKNOWN
    const at = edges.findIndex((edge) => value <= edge)
    return 3 + (at < 0 ? edges.length : at)
  }
  return { before: Int32Array.from(a, codeOf), now: Int32Array.from(b, codeOf), bins: 3 + Math.max(edges.length + 1, named.size) }
}

/** What it differs by most, where it differs. */
export function changeOf(
  { before, now, bins }: Coded,
  a: readonly (string | number | null)[],
  b: readonly (string | number | null)[],
  isLookedUp: boolean,
): Change {
  const [was, is] = [sharesOf(before, bins), sharesOf(now, bins)]
  const missing = { before: was[MISSING]!, now: is[MISSING]! }
  const unknown = isLookedUp ? { before: was[UNKNOWN]!, now: is[UNKNOWN]! } : null
  const [x, y] = [numbersOf(a), numbersOf(b)]
  const median = x.length === 0 || y.length === 0 ? null : { before: quantile(x, 0.5), now: quantile(y, 0.5) }
  const known = { unknown, missing, median }
  if (unknown !== null && unknown.now - unknown.before >= FEW_UNKNOWN)
    return { ...known, skew: 'unknown', size: unknown.now - unknown.before }
  if (missing.now - missing.before > MANY_MISSING) return { ...known, skew: 'missing', size: missing.now - missing.before }
  if (median === null) return { ...known, skew: 'distribution', size: null }
  const pairs = [0.1, 0.25, 0.5, 0.75, 0.9].map((share) => [quantile(x, share), quantile(y, share)] as const)
  const shifts = pairs.map(([p, q]) => q - p)
  const spread = pairs.at(-1)![0] - pairs[0]![0]
  const shift = quantile(
    shifts.toSorted((p, q) => p - q),
    0.5,
  )
  const factors = pairs.filter(([p]) => p !== 0).map(([p, q]) => q / p)
  const factor =
    factors.length === 0
      ? 1
      : quantile(
          factors.toSorted((p, q) => p - q),
          0.5,
        )
  const scaledBy = Math.max(...factors.map((each) => Math.abs(Math.log(Math.max(1e-300, each / factor)))))
  const shiftedBy = Math.max(...shifts.map((each) => Math.abs(each - shift))) / Math.max(1e-300, spread)
  if (scaledBy < 0.1 && factor > 0 && Math.abs(Math.log(factor)) > 0.2 && scaledBy <= shiftedBy)
    return { ...known, skew: 'scaled', size: factor }
  if (shiftedBy < 0.1 && Math.abs(shift) > 0.1 * spread) return { ...known, skew: 'shifted', size: shift }
  return { ...known, skew: 'distribution', size: null }
}

/** What stands for a value that no model has met. */
const NEVER_MET = '\u{10FFFD}'

/**
 * The reference column with the difference put into it: numbers go to the same quantile of those in the log; categories and tags that became
 * rarer become, at random, those that became more frequent; as many are missing as in the log.
 */
export function altered(
  column: ColumnValues,
  now: readonly (string | number | null)[],
  knows: ((value: string) => boolean) | null,
  rng: Random,
): ColumnValues {
  const before = plainValues(column)
  const missingOf = (values: readonly unknown[]): number => values.filter((value) => value === null).length / Math.max(1, values.length)
  const more = Math.max(0, missingOf(now) - missingOf(before)) / Math.max(1e-12, 1 - missingOf(before))
  const goes = (): boolean => more > 0 && rng.uniform() < more
  if (column.storage === 'number') {
    const [x, y] = [numbersOf(before), numbersOf(now)]
    const mapped = quantileMap(x, y)
    return { ...column, values: column.values.map((value) => (Number.isNaN(value) || goes() ? NaN : mapped(value))) }
  }
  if (column.storage === 'vector') {
    const { width } = column
    const [x, y] = [numbersOf(before), numbersOf(now)]
    const factor = x.length === 0 || y.length === 0 ? 1 : quantile(y, 0.5) / quantile(x, 0.5)
    const values = column.values.map((value) => value * factor)
    for (let r = 0; r < values.length / Math.max(1, width); r++) if (goes()) values.fill(NaN, r * width, (r + 1) * width)
    return { ...column, values }
  }
  const exchange = knows === null ? (value: string): string => value : exchanged(before, now, knows, rng)
  if (column.storage === 'text')
    return { ...column, values: column.values.map((value) => (value === null || goes() ? null : exchange(value))) }
  return { ...column, values: column.values.map((parts) => (parts === null || goes() ? null : parts.map(exchange))) }
}

/** Values of the sorted x to those of the sorted y at the same place; ends go on by the same step. */
function quantileMap(x: Float64Array, y: Float64Array): (value: number) => number {
  if (x.length === 0 || y.length === 0) return (value) => value
  return (value) => {
    let [low, high] = [0, x.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (x[middle]! < value) low = middle + 1
      else high = middle
    }
    let end = low
    while (end < x.length && x[end] === value) end++
    return quantile(y, Math.min(1, (low + Math.max(low, end - 1)) / 2 / Math.max(1, x.length - 1))) // ties: their middle
  }
}

/** The exchange of values that makes the shares of `before` those of `now` with the fewest values changed. */
function exchanged(
  before: readonly (string | number | null)[],
  now: readonly (string | number | null)[],
  knows: (value: string) => boolean,
  rng: Random,
): (value: string) => string {
  const counted = (values: readonly (string | number | null)[]): Map<string, number> => {
    const present = values.filter((value) => value !== null)
    const shares = new Map<string, number>()
    for (const value of present) {
      const name = knows(String(value)) ? String(value) : NEVER_MET
      shares.set(name, (shares.get(name) ?? 0) + 1 / present.length)
    }
    return shares
  }
  const [was, is] = [counted(before), counted(now)]
  const gains = [...is].map(([value, share]) => [value, Math.max(0, share - (was.get(value) ?? 0))] as const).filter(([, gain]) => gain > 0)
  const total = gains.reduce((sum, [, gain]) => sum + gain, 0)
  return (value) => {
    const own = was.get(value) ?? 0
    const excess = own === 0 ? 0 : Math.max(0, own - (is.get(value) ?? 0)) / own
    if (total === 0 || rng.uniform() >= excess) return value
    let at = rng.uniform() * total
    for (const [gained, gain] of gains) if ((at -= gain) < 0) return gained
    return gains.at(-1)![0]
  }
}
