/**
 * EASE (Steck 2019, eq. 8): P = (XᵀX + λI)⁻¹, B_ij = −P_ij / P_jj off the diagonal. Only the smaller side is inverted: where there are
 * fewer users than items, P = (I − Xᵀ(XXᵀ + λI)⁻¹X) / λ (Woodbury), whose columns follow from the users' inverse one at a time. So the
 * memory is min(users, items)² × 4 bytes, and the item-item weights are kept sparse. Dropping the smallest costs little but not
 * nothing: of Gowalla's 40,981 weights an item, the 1,000 largest give a recall@20 .003 below all of them.
 */
import { PylonError } from '../../../contract/errors.ts'
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { EaseSpec, Settled } from '../../../contract/shapes/spec.ts'
import { createTopK } from '../../ann/topk.ts'
import { invert, matrixRow, type SymmetricMatrix, symmetricMatrix } from '../../compute/inverse.ts'
import { type ItemItem, ItemItemBuilder } from '../../model/item-item.ts'
import { rowOf, type CsrRows } from '../../dataset/interactions.ts'
import type { InteractionMatrix } from '../../dataset/interaction-matrix.ts'

export type InverseOptions = Pick<Settled<EaseSpec>, 'lambda'> & { readonly threads: number; readonly block?: number }
export type EaseOptions = InverseOptions & Pick<EaseSpec, 'keep' | 'memoryGb'>

/** Columns per yield. */
const BLOCK = 128

/** @throws PylonError bad-input where more memory is needed than `memoryGb` */
export async function* fitEase(matrix: InteractionMatrix, options: EaseOptions): AsyncGenerator<Progress, ItemItem> {
  const { items, users } = matrix
  const keep = Math.min(options.keep ?? items, items)
  checkEaseMemory(Math.min(users, items), items * keep, options.memoryGb)
  const columnOf = yield* easeColumns(matrix, options)
  const builder = new ItemItemBuilder(items, keep)
  const column = new Float32Array(items)
  const all = Int32Array.from({ length: items }, (_, source) => source)
  const largest = largestOf(items, keep)
  for (let item = 0; item < items; item++) {
    if (item % BLOCK === 0) yield { stage: 'item weights', done: item, total: items, unit: 'items' }
    columnOf(item, column)
    if (keep === items) {
      builder.add(item, all, column)
      continue
    }
    const sources = largest(column, item)
    builder.add(
      item,
      sources,
      Float32Array.from(sources, (source) => column[source]!),
    )
  }
  yield { stage: 'item weights', done: items, total: items, unit: 'items' }
  return builder.build(new Float32Array(items))
}

/** The `keep` indices of largest magnitude in a column, without the item's own, rising. */
function largestOf(items: number, keep: number): (column: Float32Array, item: number) => Int32Array {
  const select = createTopK(keep)
  const [magnitudes, kept] = [new Float32Array(items), new Int32Array(keep)]
  return (column, item) => {
    for (let other = 0; other < items; other++) magnitudes[other] = Math.abs(column[other]!)
    magnitudes[item] = -Infinity
    return kept.slice(0, select(magnitudes, 0, items, kept, 0)).sort()
  }
}

/** Writes what item j's score gets from each item, column j of B, into `out`. */
export type WeightsOf = (j: number, out: Float32Array) => void

/** All the weights, column by column; one costs a pass over the interactions where the users' side was inverted. */
export async function* easeColumns(matrix: InteractionMatrix, options: InverseOptions): AsyncGenerator<Progress, WeightsOf> {
  const columnOf = yield* matrix.users < matrix.items ? throughUsers(matrix, options) : throughItems(matrix, options)
  return (j, out) => {
    columnOf(j, out)
    const scale = -1 / out[j]!
    for (let i = 0; i < out.length; i++) out[i] = scale * out[i]!
    out[j] = 0
  }
}

/** Writes column j of P (up to a factor common to all its entries) into `out`. */
type ColumnOf = (j: number, out: Float32Array) => void

async function* throughItems(
  { byUser, byItem, items }: InteractionMatrix,
  { lambda, threads, block }: InverseOptions,
): AsyncGenerator<Progress, ColumnOf> {
  const p = gram(byItem, byUser, items, lambda, block)
  yield* invert(p, threads)
  return (j, out) => out.set(matrixRow(p, j).subarray(0, items))
}

async function* throughUsers(
  { byUser, byItem, users, items }: InteractionMatrix,
  { lambda, threads, block }: InverseOptions,
): AsyncGenerator<Progress, ColumnOf> {
  const a = gram(byUser, byItem, users, lambda, block)
  yield* invert(a, threads)
  const sum = new Float32Array(a.padded)
  return (j, out) => {
    sum.fill(0)
    for (const user of rowOf(byItem, j)) addTo(sum, matrixRow(a, user))
    for (let i = 0; i < items; i++) {
      let total = 0
      for (let n = byItem.offsets[i]!, end = byItem.offsets[i + 1]!; n < end; n++) total += sum[byItem.indices[n]!]!
      out[i] = (i === j ? 1 : 0) - total
    }
  }
}

/** The lower triangle of X·Xᵀ + λI over rows r, from the rows and their transpose, whose indices rise. */
function gram(rows: CsrRows, columns: CsrRows, n: number, lambda: number, block?: number): SymmetricMatrix {
  const matrix = symmetricMatrix(n, block)
  const { offsets, indices } = columns
  for (let r = 0; r < n; r++) {
    const row = matrixRow(matrix, r)
    for (const column of rowOf(rows, r)) {
      for (let i = offsets[column]!, end = offsets[column + 1]!; i < end && indices[i]! <= r; i++) row[indices[i]!]!++
    }
    row[r]! += lambda
  }
  return matrix
}

function addTo(sum: Float32Array, row: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += row[i]!
}

/**
 * @param side of the matrix to invert @param weights that are kept; 0: none, there is nothing to keep fewer of
 * @throws PylonError bad-input where it needs more than so many gigabytes
 */
export function checkEaseMemory(side: number, weights: number, limitGb: number): void {
  const needed = (4 * side * side + 16 * weights) / 1e9
  if (needed <= limitGb) return
  const remedy = weights === 0 ? 'Raise it, or leave EASE out' : 'Raise it, set a smaller keep, or use item-knn'
  throw new PylonError(
    'bad-input',
    `EASE needs about ${needed.toFixed(1)} GB here (${side.toLocaleString('en')}² numbers to invert), more than memoryGb ${limitGb}. ${remedy}.`,
    'memoryGb',
  )
}
