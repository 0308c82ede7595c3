/** A corner of a batch's matrix of scores, small enough to be looked at: its first rows, and the first candidates of each kind. */
import type { NegativesResult } from '../../../contract/verbs/negatives.ts'
import type { TrainingSetup } from '../../training/loop/setup.ts'
import type { Batch } from './batch.ts'
import { KIND, type Look } from './look.ts'

const ROWS = 32
/** candidates of a kind */
const COLUMNS = { batch: 32, drawn: 16, own: 8 } as const

/** Own candidates are of each row: their columns have the items of the first row, and the scores of each. */
export async function heatOf(
  { dataset, positives: { itemCounts } }: TrainingSetup,
  batch: Batch,
  look: Look,
  titleOf: (item: number) => string | null,
): Promise<NegativesResult['heat']> {
  const rows = Math.min(ROWS, batch.rows)
  const columns = batch.plan.blocks.flatMap(({ kind, count, from }, block) => {
    const of = (source: keyof typeof COLUMNS, first: number, n: number) =>
      Array.from({ length: Math.max(0, Math.min(COLUMNS[source], n)) }, (_, c) => ({ block, column: first + c, source }))
    if (kind === 'rows') return of('own', 0, count)
    const inBatch = Math.max(0, Math.min(count, batch.whole - from))
    return [...of('batch', 0, inBatch), ...of('drawn', inBatch, count - inBatch)]
  })
  const [users, items] = [await dataset.ids('user'), await dataset.ids('item')]
  const size = rows * columns.length
  const heat = { scores: new Float32Array(size), gradients: new Float32Array(size), kinds: new Uint8Array(size) }
  for (let row = 0; row < rows; row++) {
    for (const [c, { block, column }] of columns.entries()) {
      const { kind, count, from } = batch.plan.blocks[block]!
      const [at, to] = [row * count + column, row * columns.length + c]
      const bias = batch.ports.blocks[block]!.bias.take(batch.feeds)[kind === 'shared' ? column : at]!
      const isOwn = kind === 'shared' && from + column === row
      heat.scores[to] = batch.scores[block]![at]! / batch.temperature + bias
      heat.gradients[to] = isOwn ? look.gradients.positives[row]! : look.gradients.blocks[block]![at]!
      heat.kinds[to] = isOwn ? KIND.positive : look.kinds[block]![at]!
    }
  }
  const name = (item: number): string => titleOf(item) ?? items[item]!
  return {
    rows: Array.from({ length: rows }, (_, row) => ({ user: users[batch.users[row]!]!, item: name(batch.positives[row]!) })),
    columns: columns.map(({ block, column, source }) => {
      const item = batch.candidates[block]![column]!
      return { item: name(item), popularity: itemCounts[item]!, source }
    }),
    ...heat,
  }
}
