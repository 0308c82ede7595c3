/**
 * A run as a Jupyter notebook beside what it reads. The notebook computes metrics, neighbours and charts by NumPy; its outputs are already
 * there, from Pylon's own evaluation and search, so that the two can be compared.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { csvCell } from '../../../contract/csv.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { EARLIER_PARTS } from '../../../contract/shapes/protocol.ts'
import { InteractionSelection } from '../../dataset/interactions.ts'
import { itemCounts, type HeldOut } from '../../evaluation/held-out.ts'
import { writeFileAtomic } from '../../files/atomic.ts'
import { writeNpy } from '../../files/npy.ts'
import { describeProtocol } from '../../protocol/protocol.ts'
import { linesOf, writePieces } from '../lines.ts'
import { requireRanking, type ExportSource } from '../source.ts'
import type { StoreItems } from '../stores/items.ts'
import { epochLines } from '../tracking.ts'
import { notebookOf } from './cells.ts'
import { cellOf, factsOf } from './facts.ts'
import { numbersOf } from './numbers.ts'
import { outputsOf } from './outputs.ts'

const ASSETS = join(import.meta.dirname, '..', 'assets', 'notebook')

/** `run.ipynb`, and what it reads beside the vectors: pairs of users and items, counts, items' metadata, epochs, most popular. */
export async function* writeNotebook(source: ExportSource): Stage {
  const { folder, run } = source
  const facts = await factsOf(source)
  const { dataset, protocol, held, items, shown, cuts, curves } = facts
  yield { stage: 'write data', done: 0, total: 2, unit: 'parts' }
  await writeFileAtomic(join(folder, 'requirements.txt'), await readFile(join(ASSETS, 'requirements.txt')))
  const earlier = new InteractionSelection(dataset.interactions, EARLIER_PARTS[protocol.part])
  const { user, item } = dataset.interactions
  const positions = earlier.positions()
  await writePairs(join(folder, 'seen.npy'), user, item, positions)
  await writePairs(join(folder, 'held_out.npy'), usersOf(held), held.items)
  const counts = itemCounts(dataset, EARLIER_PARTS[protocol.part])
  await writeNpy(join(folder, 'item_counts.npy'), 'int32', [counts.length], counts as Int32Array<ArrayBuffer>)
  await writePieces(join(folder, 'items.csv'), linesOf(itemLines(items)))
  await writeFileAtomic(join(folder, 'most_popular.json'), `${JSON.stringify(run.baseline)}\n`)
  if (run.epochsLog.length > 0) await writePieces(join(folder, 'epochs.csv'), linesOf(epochLines(run)))
  yield { stage: 'evaluate', done: 1, total: 2, unit: 'parts' }
  const numbers = yield* numbersOf(source, facts, counts)
  const script = await readFile(join(ASSETS, 'run.py'), 'utf8')
  const words = {
    title: escapeMarkdown(run.name),
    what: `Run \`${run.run}\` of Pylon ${source.pylon}: ${run.model === 'two-tower' ? 'a two-tower model' : run.model} on the dataset ${escapeMarkdown(run.dataset)}, made on ${run.createdAt.slice(0, 10)}.${standIn(source)}`,
    protocol: escapeMarkdown(describeProtocol(protocol)),
    masked: protocol.seen === 'masked' ? ' What a user had met before is left out.' : '',
    cuts: JSON.stringify(cuts),
    curves: JSON.stringify(curves),
    item: JSON.stringify(items.ids[numbers.item]),
    user: JSON.stringify(numbers.userId),
    shown: JSON.stringify(shown.map(({ name }) => name)),
  }
  await writeFileAtomic(
    join(folder, 'run.ipynb'),
    `${JSON.stringify(notebookOf(script, words, outputsOf(facts, numbers, { metric: requireRanking(source).metric, before: positions.length })), null, 1)}\n`,
  )
}

const standIn = (source: ExportSource): string => {
  const { standIn: by, metric } = requireRanking(source)
  return by === null
    ? ''
    : ` **It ranks by a function of its own, for which ${metric} stands in here**: the numbers below are of that, and differ from the run's.`
}

/** The user of each held-out item. */
function usersOf({ users, offsets, items }: HeldOut): Int32Array {
  const of = new Int32Array(items.length)
  for (const [u, user] of users.entries()) of.fill(user, offsets[u], offsets[u + 1])
  return of
}

/** Rows of a user and an item [n, 2]. @param chosen positions in both; default: all */
async function writePairs(path: string, user: Int32Array, item: Int32Array, chosen?: Int32Array): Promise<void> {
  const count = (chosen ?? item).length
  const pairs = new Int32Array(2 * count)
  for (let i = 0; i < count; i++) {
    const p = chosen?.[i] ?? i
    pairs[2 * i] = user[p]!
    pairs[2 * i + 1] = item[p]!
  }
  await writeNpy(path, 'int32', [count, 2], pairs)
}

function* itemLines({ ids, columns }: StoreItems): Generator<string> {
  yield ['item', ...columns.map(({ name }) => name)].map(csvCell).join(',')
  for (const [k, id] of ids.entries()) yield [id, ...columns.map((column) => cellOf(column, k))].map(csvCell).join(',')
}

const escapeMarkdown = (text: string): string => text.replaceAll(/[\\`*_<>[\]#|$~]/g, (sign) => `\\${sign}`)
