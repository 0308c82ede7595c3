/**
 * What a trained model loses when a column says nothing: its values are put at other entities, at random, the towers embed anew, and the
 * lists are measured again (permutation importance: Breiman 2001, § 10; Fisher, Rudin & Dominici 2019). The model stays as it is, so that a
 * column is worth little here where another says the same.
 */
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { Protocol } from '../../../contract/shapes/protocol.ts'
import { type AsOf, createBatcher } from '../../features/batches.ts'
import { readColumns } from '../../features/columns.ts'
import { encodeSide } from '../../features/encode.ts'
import type { EncodedSide } from '../../features/encoded.ts'
import type { Inputs } from '../../features/inputs.ts'
import { kindOf } from '../../features/kinds.ts'
import { drain } from '../../files/drain.ts'
import type { Dataset, Side } from '../../dataset/dataset.ts'
import { fittedScorer, type Scorer } from '../../model/scoring.ts'
import type { RunTowers } from '../../model/towers.ts'
import type { Matching } from '../../towers/metric.ts'
import { type Random, random, shuffle } from '../../training/random.ts'
import { heldOut, type HeldOut } from '../held-out.ts'
import { rankHeldOut } from '../ranks.ts'
import { bytesOf, columnsOf, mixed, permuted, placesOf, type ReadColumn } from './columns.ts'

export interface PermutationOptions {
  readonly dataset: Dataset
  readonly protocol: Protocol
  readonly towers: RunTowers
  readonly matching: Matching
  /** whose lists are made */
  readonly users: Int32Array
  readonly repeats: number
  readonly seed: number
  readonly threads: number
}

/** Ranks of what is held out, by the model as it is and with the values of a column at other entities. */
export interface Permutations {
  readonly held: HeldOut
  readonly ranks: Int32Array
  readonly columns: readonly {
    readonly column: ReadColumn
    /** one a repeat */
    readonly ranks: readonly Int32Array[]
    readonly bytes: number
    readonly milliseconds: number | null
  }[]
}

/** Costs for each column and repeat one embedding of a side and one evaluation of the users. */
export async function* permuteColumns(options: PermutationOptions): Stage<Permutations> {
  const { dataset, protocol, towers, users, repeats, seed } = options
  const { encoders } = towers
  const encoded = { user: await encodeSide(encoders, 'user', dataset), item: await encodeSide(encoders, 'item', dataset) }
  const batcher = await createBatcher(encoders, dataset, { parts: [], eventCodes: null, seed })
  const asOf: AsOf = protocol.part === 'validation' ? 'train' : 'train+validation'
  const asked: Requests = (block) => batcher.queryContext(block, asOf)
  const item = await embedSide(options, 'item', encoded.item, asked)
  const vectors = { user: await embedSide(options, 'user', encoded.user, asked), item }
  const ranks = await rankByVectors(options, vectors)
  const columns = columnsOf({
    user: encoders.user.map(({ feature }) => feature),
    item: encoders.item.map(({ feature }) => feature),
  })
  const found: Permutations['columns'][number][] = []
  for (const [c, column] of columns.entries()) {
    const { side } = column
    const [own, context] = [placesOf(encoders, column, 'own'), placesOf(encoders, column, 'context')]
    const isOfRequest = context.dense.length + context.bags.length > 0
    const made: Int32Array[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      const done = c * repeats + repeat
      yield { stage: 'permute columns', done, total: columns.length * repeats, unit: 'permutations', note: column.name }
      const order = await orderOf(options, side, random(seed, 'permutation', done))
      const requests: Requests = isOfRequest
        ? (block) => mixed(asked(block), asked(block.map((user) => order[user]!)), context, encoders.userLayout.contextDenseWidth)
        : asked
      const changed = await embedSide(options, side, permuted(encoded[side], own, order), requests)
      made.push(await rankByVectors(options, { ...vectors, [side]: changed }))
    }
    const milliseconds = isOfRequest ? null : await millisecondsOf(options, column)
    found.push({ column, ranks: made, bytes: bytesOf(encoders, encoded, column), milliseconds })
  }
  return { held: heldOut(dataset, protocol, users), ranks, columns: found }
}

/** The context of some users' requests, a row each. */
export type Requests = (block: Int32Array) => Inputs

/** Whose values an entity has: items change places with all items, users with those that are evaluated. */
async function orderOf({ dataset, users }: PermutationOptions, side: Side, rng: Random): Promise<Int32Array> {
  const order = Int32Array.from({ length: (await dataset.ids(side)).length }, (_, e) => e)
  const drawn = side === 'item' ? order.slice() : users.slice()
  shuffle(drawn, rng)
  if (side === 'item') return drawn
  for (const [i, user] of users.entries()) order[user] = drawn[i]!
  return order
}

/** Vectors of a side by place: all items, the evaluated users (those of others are 0). */
export async function embedSide(
  { towers, users, dataset }: Pick<PermutationOptions, 'towers' | 'users' | 'dataset'>,
  side: Side,
  encoded: EncodedSide,
  requests: Requests,
): Promise<Float32Array> {
  const embedder = await towers.embedder(side)
  if (side === 'item') {
    const all = Int32Array.from({ length: encoded.count }, (_, i) => i)
    return drain(embedder.embed(encoded, all, () => null))
  }
  const some = await drain(embedder.embed(encoded, users, requests))
  const width = some.length / users.length
  const vectors = new Float32Array(dataset.manifest.users * width)
  for (const [row, user] of users.entries()) vectors.set(some.subarray(row * width, (row + 1) * width), user * width)
  return vectors
}

/**
 * Ranks of what is held out, by vectors of all users and items.
 * @param without 1 at items that are not to be found
 */
export async function rankByVectors(
  options: Pick<PermutationOptions, 'dataset' | 'protocol' | 'towers' | 'matching' | 'users' | 'threads'>,
  vectors: Readonly<Record<Side, Float32Array>>,
  without?: Uint8Array,
): Promise<Int32Array> {
  const { dataset, protocol, towers, matching, users, threads } = options
  const { dim } = towers.model
  const scorer = await fittedScorer({ kind: 'vectors', dim, users: vectors.user, items: vectors.item, matching }, dataset, threads)
  try {
    return await drain(rankHeldOut({ dataset, protocol, scorer: without === undefined ? scorer : masking(scorer, without), users }))
  } finally {
    await scorer.dispose?.()
  }
}

function masking(scorer: Scorer, without: Uint8Array): Scorer {
  return {
    score: async (users, out) => {
      await scorer.score(users, out)
      for (let i = 0; i < users.length * without.length; i++) if (without[i % without.length] === 1) out[i] = -Infinity
    },
  }
}

/** To read and encode a column of all entities. */
async function millisecondsOf({ dataset, towers: { encoders } }: PermutationOptions, { side, features }: ReadColumn): Promise<number> {
  const ids = await dataset.ids(side)
  const started = performance.now()
  for (const [i, { feature, state }] of encoders[side].entries()) {
    if (!features.some(({ name }) => name === feature.name)) continue
    const entities = { side, place: `${side}.features[${i}]`, count: ids.length, ids }
    kindOf(feature).encode(feature, state, await readColumns(feature, entities, dataset, state), entities)
  }
  return performance.now() - started
}
