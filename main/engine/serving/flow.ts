/**
 * One query asked of a run as it was after its kept epochs, and as it is served: exact search over all items each time, by the rule of
 * ranks that every list has.
 */
import { badInput } from '../../contract/errors.ts'
import type { FlowResult } from '../../contract/verbs/flow.ts'
import { topKOf } from '../ann/topk.ts'
import type { Side } from '../dataset/dataset.ts'
import { readEpoch, recordedEpochs } from '../model/epoch-vectors.ts'
import { Retriever } from '../model/retriever.ts'
import { matchingOf } from '../towers/metric.ts'
import type { Catalogue } from './catalogue.ts'
import { describeEntities } from './entity.ts'
import { ranksOf } from './inspect-retrieval.ts'
import type { OpenModel } from './open-model.ts'
import { retrieve } from './query.ts'

export interface FlowQuery {
  readonly side: Side
  readonly id: string
  readonly k: number
  readonly includeSeen: boolean
  /** at most so many epochs of a run */
  readonly epochs: number
}

/** Scores of all items at one time of one run; -Infinity where an item is no candidate. */
export interface FlowColumn {
  /** null: as the run is served */
  readonly epoch: number | null
  readonly isBest: boolean
  readonly candidates: Float32Array
}

export interface RunFlow {
  readonly columns: readonly FlowColumn[]
  /** why no epoch was asked; null where some were, or none was wanted */
  readonly without: Pick<FlowResult['without'][number], 'why' | 'known'> | null
}

/** Users that are told of where the one asked for is not known to the epochs. */
const TOLD = 3

/**
 * Columns of one run. Each holds a score of every item.
 * @param best its best epoch
 * @throws PylonError not-found, bad-input, bad-data where a file of an epoch is not what was written
 */
export async function flowOf(model: OpenModel, asked: FlowQuery, best: number | null, threads: number): Promise<RunFlow> {
  const { side, id, k, includeSeen } = asked
  const { candidates, excluded } = await retrieve(model, {
    side,
    id,
    features: undefined,
    k,
    includeSeen,
    ann: false,
    index: null,
    without: [],
  })
  const served: FlowColumn = { epoch: null, isBest: false, candidates }
  if (asked.epochs === 0) return { columns: [served], without: null }
  const epochs = evenly(recordedEpochs(model.folders.fileRecords), asked.epochs, best)
  if (epochs.length === 0) return { columns: [served], without: { why: 'none', known: [] } }
  const index = await model.indexOf(side, id)
  const columns: FlowColumn[] = []
  for (const epoch of epochs) {
    const { items, userRows, users } = await readEpoch(model.folders, epoch, model.catalogue.size('item'), model.dim)
    const row = side === 'item' ? index : userRows.indexOf(index)
    if (row === -1) {
      const ids = await model.dataset.ids('user')
      return { columns: [served], without: { why: 'user', known: Array.from(userRows.subarray(0, TOLD), (user) => ids[user]!) } }
    }
    const width = side === 'item' ? model.dim : users.length / userRows.length
    const query = (side === 'item' ? items : users).subarray(row * width, (row + 1) * width)
    const retriever = new Retriever(items, model.dim, matchingOf(model.spec), threads)
    try {
      const scores = await retriever.scores(query, side === 'item' ? 'cosine' : 'model')
      for (const item of excluded) scores[item] = -Infinity
      columns.push({ epoch, isBest: epoch === best, candidates: scores })
    } finally {
      await retriever.dispose()
    }
  }
  return { columns: [...columns, served], without: null }
}

/** So many of the epochs, the first and the last among them; the best takes the place of the nearest. */
export function evenly(epochs: readonly number[], most: number, best: number | null): number[] {
  if (epochs.length <= most) return [...epochs]
  const last = epochs.length - 1
  const chosen = Array.from({ length: most }, (_, i) => epochs[most === 1 ? last : Math.round((i * last) / (most - 1))]!)
  if (best === null || !epochs.includes(best) || chosen.includes(best)) return chosen
  const nearest = chosen.reduce((near, epoch) => (Math.abs(epoch - best) < Math.abs(near - best) ? epoch : near))
  return chosen.map((epoch) => (epoch === nearest ? best : epoch))
}

/** The lists of all columns as the ranks of every item that is in any; those of the last list first, by rank. */
export async function rankFlow(catalogue: Catalogue, columns: readonly FlowColumn[], k: number): Promise<FlowResult['items']> {
  const lists = columns.map(({ candidates }) => topKOf(candidates, k).keys)
  const items = [...new Set(lists.toReversed().flatMap((keys) => [...keys]))]
  const ranks = columns.map(({ candidates }) => ranksOf(candidates, items))
  const described = await describeEntities(catalogue, 'item', items)
  return described.map(({ id, title, popularity }, i) => ({
    item: id,
    title,
    popularity,
    ranks: ranks.map((of) => of[i]!),
    scores: columns.map(({ candidates }) => (Number.isFinite(candidates[items[i]!]) ? candidates[items[i]!]! : null)),
  }))
}

/** @throws PylonError bad-input where not exactly one of the two is asked for */
export function sideOf({ user, item }: { readonly user?: string | undefined; readonly item?: string | undefined }): {
  side: Side
  id: string
} {
  if ((user === undefined) === (item === undefined))
    throw badInput('Give either a known item or a known user: --item ID or --user ID.', 'item')
  return user === undefined ? { side: 'item', id: item! } : { side: 'user', id: user }
}
