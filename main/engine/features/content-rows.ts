/**
 * The rows of a history of contents: what the item tower reads of each item, side by side, so that the mean of a user's items says what
 * they are like (where they are, what they cost). Waves of a place have a mean that tells one neighbourhood from another, as a kernel
 * mean embedding does (Smola et al. 2007). Nothing is learned, so an item that nobody has met counts as much as any.
 */
import { hashPair } from './hash-pair.ts'
import type { EncodedSide, FrozenEncoders } from './encoded.ts'
import type { HistoryState } from './kinds/history.ts'
import { rowLookup } from './vocabulary.ts'

/** Tables of more rows than this (words, cells of a grid) are no small set of values: they are left out, as ids are. */
const MAX_VALUES = 64
/** What a category counts: as much as a standardised number of two deviations. */
const CATEGORY = 2

/**
 * Fills the fixed tables of the user's histories, in place; row 0 stays 0.
 * @param items encoded by the same encoders, in the order of `ids`
 */
export function fillContentRows(
  encoders: FrozenEncoders,
  { items, ids }: { readonly items: EncodedSide; readonly ids: readonly string[] },
  tables: ReadonlyMap<string, { readonly values: Float32Array; readonly dim: number }>,
): void {
  const byWidth = new Map<number, Float32Array>()
  for (const { table, feature, fixed } of encoders.userLayout.contextBags) {
    if (fixed !== true) continue
    const { values, dim } = tables.get(table)!
    const { vocabulary } = encoders.user.find((frozen) => frozen.feature.name === feature)!.state as HistoryState
    const rowOf = rowLookup(vocabulary!)
    const rows = byWidth.get(dim) ?? contentRows(encoders, items, dim)
    byWidth.set(dim, rows)
    values.fill(0)
    for (const [i, id] of ids.entries()) values.set(rows.subarray(i * dim, (i + 1) * dim), rowOf(id) * dim)
  }
}

/**
 * [items × dim]: the dense columns, then a column a value of each small set, shares of an item's values. Fewer columns than `dim` are
 * followed by zeros; more are projected by random signs, which keeps inner products but for 1/√dim (Achlioptas 2003).
 */
export function contentRows(
  { tables, item: features }: FrozenEncoders,
  { count, denseWidth, dense, bags }: EncodedSide,
  dim: number,
): Float32Array {
  const sizes = new Map(tables.map(({ name, rows }) => [name, rows]))
  const ids = features.flatMap(({ feature }) => (feature.kind === 'id' ? [feature.name] : []))
  const sets = bags.filter(({ table, feature }) => !ids.includes(feature) && sizes.get(table)! <= MAX_VALUES)
  const width = denseWidth + sets.reduce((sum, { table }) => sum + sizes.get(table)!, 0)
  const out = new Float32Array(count * dim)
  const row = new Float32Array(width)
  for (let item = 0; item < count; item++) {
    row.fill(0)
    row.set(dense.subarray(item * denseWidth, (item + 1) * denseWidth))
    let column = denseWidth
    for (const { table, offsets, indices } of sets) {
      const [from, to] = [offsets[item]!, offsets[item + 1]!]
      for (let j = from; j < to; j++) row[column + indices[j]!]! += CATEGORY / (to - from)
      column += sizes.get(table)!
    }
    const at = item * dim
    if (width <= dim) out.set(row, at)
    else
      for (const [c, value] of row.entries())
        if (value !== 0) for (let k = 0; k < dim; k++) out[at + k]! += ((hashPair(c, k) & 1) === 0 ? value : -value) / Math.sqrt(dim)
  }
  return out
}
