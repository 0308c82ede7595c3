/** Whether ids keep one value of a column, where chance would give them several. */

/** Values whose shares are counted; what the others would agree by chance is next to nothing. */
export const VALUES = 50

/** What the rows of one side's ids say. */
export interface Agreement {
  readonly ids: number
  /** ids with several rows that have a value */
  readonly several: number
  /** of these: with more than one value */
  readonly differing: number
  /** as many would differ were the values dealt out by chance */
  readonly byChance: number
}

/** Ids that may keep several values: a name that was corrected, a price that changed. */
export const MOST_DIFFERING = 0.01
/** Fewer ids than these with several rows must agree without exception. */
const ENOUGH = 20

/** Whether ids of a side keep one value each, and not because there is next to no other. @param isNamed its name says that it is theirs, so that few rows do */
export function describes({ ids, several, differing, byChance }: Agreement, isNamed: boolean): boolean {
  if (isNamed && differing === 0 && byChance >= 1) return true
  const isEnough = several >= ENOUGH ? differing <= MOST_DIFFERING * several : differing === 0 && several * 2 >= ids
  return isEnough && byChance >= 3 && differing <= 0.1 * byChance
}

/** The same of rows in memory: what column `of` says of the ids in `by`. Cells stand row by row; empty ones are no value. */
export function agreementOf(
  by: { readonly cells: readonly (string | null)[] },
  of: { readonly cells: readonly (string | null)[] },
): Agreement {
  const seen = new Map<string, Map<string, number>>()
  const shares = new Map<string, number>()
  let present = 0
  for (const [k, id] of by.cells.entries()) {
    const value = of.cells[k] ?? ''
    if (id === null || value.trim() === '') continue
    const known = seen.get(id) ?? new Map<string, number>()
    seen.set(id, known.set(value, (known.get(value) ?? 0) + 1))
    shares.set(value, (shares.get(value) ?? 0) + 1)
    present++
  }
  const top = [...shares.values()].toSorted((a, b) => b - a).slice(0, VALUES)
  let [several, differing, byChance] = [0, 0, 0]
  for (const values of seen.values()) {
    const rows = [...values.values()].reduce((sum, n) => sum + n, 0)
    if (rows < 2) continue
    several++
    if (values.size > 1) differing++
    byChance += 1 - top.reduce((sum, n) => sum + (n / present) ** rows, 0)
  }
  return { ids: seen.size, several, differing, byChance }
}
