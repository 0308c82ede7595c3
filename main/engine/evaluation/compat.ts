/**
 * What it costs that the user tower of one run meets the item index of another, as happens while two versions are swapped: each pairing
 * measured by one protocol on the same users, with paired intervals, as they are and after a rotation of one onto the other.
 */
import { badData } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { CompatCell, CompatResult } from '../../contract/verbs/compat.ts'
import { rotated } from '../ann/procrustes.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { cannotRotate, type PlacedModel, type Rotation, rotationOnto } from '../model/placed.ts'
import { type Scorer, vectorScorer } from '../model/scoring.ts'
import { jaccard, rankBiasedOverlap, shared, spreadOf } from './churn.ts'
import { evaluate, type Evaluation } from './evaluate.ts'
import { QUERY_METRICS } from './metrics.ts'
import { mean } from './moments.ts'
import { bootstrapInterval } from './paired.ts'

export interface CompatOptions {
  readonly dataset: Pick<Dataset, 'manifest' | 'interactions' | 'ids'>
  readonly protocol: Protocol
  /** the run that is served, and the one that takes its place */
  readonly a: PlacedModel
  readonly b: PlacedModel
  /** dense indices; those that one of both does not know are left out */
  readonly users: Int32Array
  readonly k: number
  readonly margin: number
  readonly seed: number
  readonly threads: number
}

type Cells = Pick<CompatResult, 'cells' | 'unmixed' | 'unaligned' | 'users'>
/** Users whose lists changed most. */
const MOST = 10

/** @throws PylonError bad-data where both know none of the users */
export async function* measureCompat(
  options: CompatOptions,
): Stage<Cells & Pick<CompatResult, 'items' | 'churn' | 'advice'> & { readonly rotation: Rotation | null }> {
  const { dataset, a, b, seed, margin } = options
  const users = options.users.filter((user) => a.known.user[user] === 1 && b.known.user[user] === 1)
  if (users.length === 0) throw badData('Both runs know none of the users that are held out: name two trainings of one data set.', 'runs')
  const unmixed =
    a.dim === b.dim
      ? null
      : `User vectors of one have ${Math.max(a.dim, b.dim)} numbers, items of the other ${Math.min(a.dim, b.dim)}: there is no product of both.`
  const unaligned = cannotRotate(b, a)
  const rotation = unaligned === null ? await rotationOnto(b, a) : null
  const turned = rotation === null ? null : await turnedModel(b, rotation)
  const pairings = [
    { users: a, items: a, names: ['a', 'a'], isAligned: false },
    { users: b, items: b, names: ['b', 'b'], isAligned: false },
    ...(unmixed === null ? mixtures(a, b, false) : []),
    ...(turned === null ? [] : mixtures(a, turned, true)),
  ] as const
  const measured: { readonly names: readonly ['a' | 'b', 'a' | 'b']; readonly isAligned: boolean; readonly values: Values }[] = []
  const lists: Evaluation[] = []
  for (const [i, { names, isAligned, ...pair }] of pairings.entries()) {
    yield { stage: 'measure', done: i, total: pairings.length, unit: 'pairings' }
    const evaluation = yield* evaluated({ ...options, users }, pair.users, pair.items)
    measured.push({ names: names as readonly ['a' | 'b', 'a' | 'b'], isAligned, values: valuesOf(evaluation, options.k) })
    if (i < 2) lists.push(evaluation)
  }
  const own = measured[0]!.values
  const cell = ({ names, isAligned, values }: (typeof measured)[number]): CompatCell => {
    const told = (of: keyof Values): CompatCell['recall'] => {
      const differences = values[of].map((value, q) => value - own[of][q]!)
      const { low, high } = bootstrapInterval(differences, { seed })
      return { value: mean(values[of]), difference: mean(differences), low, high }
    }
    return { users: names[0], items: names[1], isAligned, recall: told('recall'), ndcg: told('ndcg') }
  }
  const cells = measured.map(cell)
  const both = a.known.item.reduce((sum, one, item) => sum + one * b.known.item[item]!, 0)
  const ofB = b.known.item.reduce((sum, one) => sum + one, 0)
  return {
    users: users.length,
    items: { both, onlyA: a.foreignItems + (a.known.item.reduce((sum, one) => sum + one, 0) - both), onlyB: ofB - both },
    cells,
    unmixed,
    unaligned,
    churn: await churnOf(dataset, lists[0]!, lists[1]!),
    advice: adviceOf(cells, margin),
    rotation,
  }
}

/** Either mixture of two versions. */
const mixtures = (a: PlacedModel, b: PlacedModel, isAligned: boolean) => [
  { users: a, items: b, names: ['a', 'b'], isAligned },
  { users: b, items: a, names: ['b', 'a'], isAligned },
]

/** The vectors of a run, rotated. */
export async function turnedModel(model: PlacedModel, { matrix, from, to }: Rotation): Promise<PlacedModel> {
  const [users, items] = [await rotated(model.users, matrix, from, to), await rotated(model.items, matrix, from, to)]
  return { ...model, dim: to, users, items }
}

/** Users of one model met by the items of another, ranked as these are; items it does not know are never found. */
async function* evaluated(options: CompatOptions, users: PlacedModel, items: PlacedModel): Stage<Evaluation> {
  const { dataset, protocol, k, threads } = options
  const absent = [...items.known.item.keys()].filter((item) => items.known.item[item] === 0)
  const { dim, matching, items: itemVectors } = items
  const all = await vectorScorer({ userVectors: users.users, itemVectors, dim, interests: users.interests, threads, matching })
  const scorer: Scorer = {
    async score(rows, out) {
      await all.score(rows, out)
      const count = dataset.manifest.items
      for (let row = 0; row < rows.length; row++) for (const item of absent) out[row * count + item] = -Infinity
    },
  }
  try {
    return yield* evaluate({ dataset, protocol, k: [k], scorer, users: options.users, slices: [], keepLists: true })
  } finally {
    await all.dispose()
  }
}

/** One entry a user. */
interface Values {
  readonly recall: Float64Array
  readonly ndcg: Float64Array
}

function valuesOf({ heldOut, lists }: Evaluation, k: number): Values {
  const { users, offsets, items } = heldOut
  const { depth, items: ranked } = lists!
  const [recall, ndcg] = [new Float64Array(users.length), new Float64Array(users.length)]
  for (let q = 0; q < users.length; q++) {
    const truth = new Set(items.subarray(offsets[q], offsets[q + 1]))
    const hits = Int32Array.from(
      [...ranked.subarray(q * depth, (q + 1) * depth).entries()].flatMap(([at, item]) => (truth.has(item) ? [at] : [])),
    )
    const query = { hits, found: hits.length, held: truth.size }
    recall[q] = QUERY_METRICS.recall(query, k)
    ndcg[q] = QUERY_METRICS.ndcg(query, k)
  }
  return { recall, ndcg }
}

async function churnOf(dataset: CompatOptions['dataset'], a: Evaluation, b: Evaluation): Promise<CompatResult['churn']> {
  const { users } = a.heldOut
  const { depth } = a.lists!
  const listOf = ({ lists }: Evaluation, q: number): Int32Array =>
    lists!.items.subarray(q * depth, (q + 1) * depth).filter((item) => item >= 0)
  const rows = Array.from(users, (user, q) => {
    const [before, after] = [listOf(a, q), listOf(b, q)]
    return { user, replaced: after.length - shared(before, after), jaccard: jaccard(before, after), rbo: rankBiasedOverlap(before, after) }
  })
  const histogram = Array.from({ length: depth + 1 }, () => 0)
  for (const { replaced } of rows) histogram[replaced]!++
  const ids = await dataset.ids('user')
  return {
    replaced: spreadOf(rows.map(({ replaced }) => replaced)),
    jaccard: spreadOf(rows.map((row) => row.jaccard)),
    rbo: spreadOf(rows.map(({ rbo }) => rbo)),
    histogram,
    most: rows
      .toSorted((x, y) => x.rbo - y.rbo || x.user - y.user)
      .slice(0, MOST)
      .map(({ user, replaced, rbo }) => ({ user: ids[user]!, replaced, rbo })),
  }
}

/** What loses no more than the margin, by the lower ends of its intervals, in both mixtures. */
function adviceOf(cells: readonly CompatCell[], margin: number): CompatResult['advice'] {
  const own = cells[0]!
  const holds = (isAligned: boolean): boolean => {
    const mixed = cells.filter((cell) => cell.users !== cell.items && cell.isAligned === isAligned)
    return (
      mixed.length > 0 &&
      mixed.every(({ recall, ndcg }) => recall.low >= -margin * own.recall.value && ndcg.low >= -margin * own.ndcg.value)
    )
  }
  return holds(false) ? 'mix' : holds(true) ? 'align' : 'together'
}
