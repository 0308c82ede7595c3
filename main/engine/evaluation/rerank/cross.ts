/**
 * Cross features of a user and a candidate: what two towers cannot compute, since neither sees the other side before their product. All is
 * known before the held-out part: popularity and histories are of the earlier parts alone.
 */
import type { Part } from '../../../contract/shapes/dataset.ts'
import { normaliseRows } from '../../ann/scale-vectors.ts'
import { dotAt } from '../../compute/dot.ts'
import { InteractionSelection } from '../../dataset/interactions.ts'
import type { ColumnValues, Dataset } from '../../dataset/dataset.ts'
import { itemCounts } from '../held-out.ts'

/** The vectors that retrieved, and as of when. */
export interface CrossInput {
  readonly dataset: Dataset
  /** parts before the held-out one */
  readonly parts: readonly Part[]
  /** [users × interests·dim] and [items × dim] */
  readonly users: Float32Array
  readonly items: Float32Array
  readonly dim: number
}

export interface CrossFeatures {
  readonly names: readonly string[]
  /** features of a user's ranked candidates (−1: none), into out[row · width ..], a row a candidate */
  fill(user: number, candidates: Int32Array, out: Float32Array): void
}

/** Most recent items of a history that are compared, and columns of each kind. */
const RECENT = 30
const COLUMNS = 6

export async function crossFeatures({ dataset, parts, users, items, dim }: CrossInput): Promise<CrossFeatures> {
  const popularity = itemCounts(dataset, parts)
  const unit = normaliseRows(items, dim)
  const unitUsers = normaliseRows(users, dim)
  const interests = users.length / (dim * dataset.manifest.users)
  const historyOf = recentItems(dataset, parts)
  const groups = await groupsOf(dataset)
  const scales = await scalesOf(dataset)
  const names = [
    ...['log rank', 'user · item', 'log popularity', 'nearest of history', 'mean of history', 'last of history', 'log history'],
    ...groups.map(({ name }) => `share of history with its ${name}`),
    ...scales.map(({ name }) => `distance from history in ${name}`),
  ]

  return {
    names,
    fill(user, candidates, out) {
      const history = historyOf(user)
      for (const [row, item] of candidates.entries()) {
        if (item < 0) continue
        let at = row * names.length
        let best = -Infinity
        for (let n = 0; n < interests; n++) best = Math.max(best, dotAt(unitUsers, (user * interests + n) * dim, unit, item * dim, dim))
        let [nearest, sum] = [0, 0]
        for (const [k, other] of history.entries()) {
          const cosine = dotAt(unit, other * dim, unit, item * dim, dim)
          nearest = k === 0 ? cosine : Math.max(nearest, cosine)
          sum += cosine
        }
        out[at++] = Math.log(row + 1)
        out[at++] = best
        out[at++] = Math.log1p(popularity[item]!)
        out[at++] = nearest
        out[at++] = history.length === 0 ? 0 : sum / history.length
        out[at++] = history.length === 0 ? 0 : dotAt(unit, history[0]! * dim, unit, item * dim, dim)
        out[at++] = Math.log1p(history.length)
        for (const { of } of groups) {
          let same = 0
          if (of[item] !== -1) for (const other of history) if (of[other] === of[item]) same++
          out[at++] = history.length === 0 ? 0 : same / history.length
        }
        for (const { of } of scales) out[at++] = distance(of, history, item)
      }
    },
  }
}

/** |z(item) − mean z of the history|; 0 where either is missing. */
function distance(z: Float32Array, history: readonly number[], item: number): number {
  let [sum, count] = [0, 0]
  for (const other of history) {
    if (Number.isNaN(z[other])) continue
    sum += z[other]!
    count++
  }
  return count === 0 || Number.isNaN(z[item]) ? 0 : Math.abs(z[item]! - sum / count)
}

/** The distinct items of a user in some parts, most recent first. */
function recentItems({ interactions }: Dataset, parts: readonly Part[]): (user: number) => number[] {
  const earlier = new InteractionSelection(interactions, parts)
  return (user) => [...new Set(earlier.itemsOf(user).reverse())].slice(0, RECENT)
}

/** Item columns of one category each, as numbers by first occurrence; −1: missing. */
async function groupsOf(dataset: Dataset): Promise<{ name: string; of: Int32Array }[]> {
  const columns = dataset.manifest.itemColumns.filter(({ kind, distinct }) => kind === 'category' && distinct > 1).slice(0, COLUMNS)
  return Promise.all(
    columns.map(async ({ name }) => {
      const values = await dataset.column('item', name)
      const numbers = new Map<string, number>()
      const of = Int32Array.from({ length: dataset.manifest.items }, (_, item) => {
        const text = textAt(values, item)
        if (text === null) return -1
        if (!numbers.has(text)) numbers.set(text, numbers.size)
        return numbers.get(text)!
      })
      return { name, of }
    }),
  )
}

function textAt(values: ColumnValues, item: number): string | null {
  if (values.storage === 'text') return values.values[item] || null
  const value = values.storage === 'number' ? values.values[item]! : NaN
  return Number.isNaN(value) ? null : String(value)
}

/** Item columns of numbers (prices, places), standardised; NaN: missing. */
async function scalesOf(dataset: Dataset): Promise<{ name: string; of: Float32Array }[]> {
  const kinds = ['number', 'latitude', 'longitude']
  const columns = dataset.manifest.itemColumns.filter(({ kind, storage }) => kinds.includes(kind) && storage === 'number').slice(0, COLUMNS)
  return Promise.all(
    columns.map(async ({ name }) => {
      const column = await dataset.column('item', name)
      const values = column.storage === 'number' ? column.values : new Float64Array(dataset.manifest.items).fill(NaN)
      const present = values.filter((value) => !Number.isNaN(value))
      const mean = present.reduce((a, b) => a + b, 0) / Math.max(1, present.length)
      const sd = Math.sqrt(present.reduce((a, b) => a + (b - mean) ** 2, 0) / Math.max(1, present.length)) || 1
      return { name, of: Float32Array.from(values, (value) => (value - mean) / sd) }
    }),
  )
}
