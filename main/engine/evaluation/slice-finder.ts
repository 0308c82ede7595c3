/**
 * Slices of a pair of runs that explain their difference: users by their columns and history, and by the columns and popularity of what is
 * held out for them. Each slice's mean difference stands against that of all other users. Users of one held-out item share its vector's
 * luck, so that variances are summed by item first (cluster-robust: Liang & Zeger 1986; Cameron & Miller 2015), and t has as many degrees of
 * freedom as the smaller side has items, less one. Corrected over all slices that were looked at (Benjamini & Hochberg 1995).
 */
import type { FoundSlice, SliceTest } from '../../contract/verbs/slices.ts'
import type { ColumnKind } from '../../contract/shapes/dataset.ts'
import { EARLIER_PARTS, type Protocol } from '../../contract/shapes/protocol.ts'
import type { ColumnValues, Dataset, Side } from '../dataset/dataset.ts'
import type { Paired } from './difference.ts'
import { itemCounts, userCounts } from './held-out.ts'
import { quantile } from './paired.ts'
import { falseDiscoveryRates } from './correction.ts'
import { studentQuantile, studentTail } from './student.ts'

/** Users that a slice has at least, in it and outside, and items that are held out for them. */
const MIN_USERS = 20
const MIN_ITEMS = 5
/** Values of a column that are looked at, the most frequent first. */
const MAX_VALUES = 50
/** Parts that numbers are cut into, of as many entities each. */
const PARTS = 4

/** A slice by the entities it holds. */
interface Slice {
  readonly side: Side
  readonly column: string
  readonly test: SliceTest
  readonly holds: (entity: number) => boolean
}

/** All slices of a dataset that are looked at, before it is known whom they hold. */
export async function slicesOf(dataset: Dataset, protocol: Protocol): Promise<Slice[]> {
  const parts = EARLIER_PARTS[protocol.part]
  const slices: Slice[] = []
  for (const side of ['user', 'item'] as const) {
    const counts = side === 'user' ? userCounts(dataset, parts) : itemCounts(dataset, parts)
    const name = side === 'user' ? 'history' : 'popularity'
    slices.push(...numberSlices(side, name, Float64Array.from(counts)))
    const { userColumns, itemColumns } = dataset.manifest
    for (const { name: column, kind } of side === 'user' ? userColumns : itemColumns)
      slices.push(...columnSlices(side, column, kind, await dataset.column(side, column)))
  }
  return slices
}

/** Slices of prose, and of vectors, say nothing. */
function columnSlices(side: Side, column: string, kind: ColumnKind, values: ColumnValues): Slice[] {
  if (kind === 'text' || values.storage === 'vector') return []
  if (values.storage === 'number') return numberSlices(side, column, values.values, kind === 'time' ? 'time' : 'range')
  const cells = values.storage === 'text' ? values.values.map((value) => (value === null ? null : [value])) : values.values
  const counts = new Map<string, number>()
  for (const cell of cells) for (const value of new Set(cell)) counts.set(value, (counts.get(value) ?? 0) + 1)
  const common = [...counts].sort(([a, many], [b, others]) => others - many || (a < b ? -1 : 1)).slice(0, MAX_VALUES)
  return [
    ...common.map(([value]): Slice => ({ side, column, test: { kind: 'value', value }, holds: (e) => cells[e]?.includes(value) === true })),
    { side, column, test: { kind: 'missing' }, holds: (e) => cells[e] === null },
  ]
}

/** Fewer values than parts are a slice each; NaN is missing. */
function numberSlices(side: Side, column: string, values: Float64Array, kind: 'range' | 'time' = 'range'): Slice[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort()
  const distinct = [...new Set(sorted)]
  const starts = distinct.length <= PARTS ? distinct : [...new Set(Array.from({ length: PARTS }, (_, i) => quantile(sorted, i / PARTS)))]
  return [
    ...starts.map((from, i): Slice => {
      const below = starts[i + 1] ?? Infinity
      const last = sorted.findLast((value) => value < below) ?? from
      return { side, column, test: { kind, from, to: last }, holds: (e) => values[e]! >= from && values[e]! < below }
    }),
    { side, column, test: { kind: 'missing' }, holds: (e) => Number.isNaN(values[e]) },
  ]
}

/**
 * The slices whose users differ from all others, the surest first.
 * @returns how many were looked at, and those found at the false discovery rate
 */
export function findSlices(paired: Paired, slices: readonly Slice[], fdr: number): { looked: number; found: FoundSlice[] } {
  const { held, valuesA, valuesB } = paired
  const differences = valuesB.map((value, q) => value - valuesA[q]!)
  const total = differences.reduce((sum, value) => sum + value, 0)
  const seen = new Set<string>()
  const tested = slices.flatMap((slice) => {
    const members = Uint8Array.from(held.users, (user, q) => Number(slice.side === 'user' ? slice.holds(user) : holdsAny(paired, q, slice)))
    const key = members.join('')
    const contrast = seen.has(key) ? null : contrastOf(differences, members, paired.item)
    if (contrast === null) return []
    seen.add(key)
    const mean = (values: Float64Array): number => values.reduce((sum, value, q) => sum + members[q]! * value, 0) / contrast.users
    const { side, column, test } = slice
    const difference = mean(differences)
    return [
      {
        side,
        column,
        test,
        ...contrast,
        meanA: mean(valuesA),
        meanB: mean(valuesB),
        difference,
        share: total === 0 ? null : (difference * contrast.users) / total,
      },
    ]
  })
  const rates = falseDiscoveryRates(tested.map(({ p }) => p))
  return {
    looked: tested.length,
    found: tested
      .map((each, i) => ({ ...each, adjusted: rates[i]! }))
      .filter(({ adjusted }) => adjusted <= fdr)
      .sort((a, b) => Math.abs(b.t) - Math.abs(a.t)),
  }
}

function holdsAny({ held }: Paired, q: number, { holds }: Slice): boolean {
  for (let i = held.offsets[q]!; i < held.offsets[q + 1]!; i++) if (holds(held.items[i]!)) return true
  return false
}

type Contrast = Pick<FoundSlice, 'users' | 'rest' | 'excess' | 'low' | 'high' | 't' | 'p'>

/** The mean of the members less that of the others, with errors by cluster; null where too few stand on either side. */
export function contrastOf(values: Float64Array, members: Uint8Array, clusters: Int32Array): Contrast | null {
  const [counts, sums] = [
    [0, 0],
    [0, 0],
  ]
  for (const [q, value] of values.entries()) {
    counts[members[q]!]!++
    sums[members[q]!]! += value
  }
  const [others, users] = [counts[0]!, counts[1]!]
  if (Math.min(users, others) < MIN_USERS) return null
  const [rest, mean] = [sums[0]! / others, sums[1]! / users]
  const ofCluster = new Map<number, number>()
  const known = [new Set<number>(), new Set<number>()]
  for (const [q, value] of values.entries()) {
    const cluster = clusters[q]!
    const part = members[q] === 1 ? (value - mean) / users : -(value - rest) / others
    ofCluster.set(cluster, (ofCluster.get(cluster) ?? 0) + part)
    known[members[q]!]!.add(cluster)
  }
  const least = Math.min(known[0]!.size, known[1]!.size)
  if (least < MIN_ITEMS) return null
  const variance = (least / (least - 1)) * Iterator.from(ofCluster.values()).reduce((sum, each) => sum + each * each, 0)
  const [excess, error] = [mean - rest, Math.sqrt(variance)]
  if (error === 0) return { users, rest, excess, low: excess, high: excess, t: 0, p: 1 }
  const width = studentQuantile(0.975, least - 1) * error
  const t = excess / error
  return { users, rest, excess, low: excess - width, high: excess + width, t, p: 2 * studentTail(Math.abs(t), least - 1) }
}
