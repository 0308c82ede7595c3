/**
 * Re-ranking of a retriever's own lists: the second stage is trained on its top N against the held-out items of the validation part, and
 * measured on the test part beside the order it was given. Recall@N is the retriever's and stays; what changes is who stands first.
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { Metrics, Protocol } from '../../../contract/shapes/protocol.ts'
import type { Dataset, Side } from '../../dataset/dataset.ts'
import { evaluate, type Evaluation } from '../evaluate.ts'
import { EARLIER_PARTS } from '../../../contract/shapes/protocol.ts'
import type { BlockRetriever } from '../../model/blocks.ts'
import { vectorScorer } from '../../model/scoring.ts'
import type { Matching } from '../../towers/metric.ts'
import { type CrossFeatures, crossFeatures } from './cross.ts'
import { type RankerOptions, type RankingLists, trainRanker } from './ranker.ts'

export interface RerankOptions extends RankerOptions {
  readonly dataset: Dataset
  readonly matching: Matching
  readonly dim: number
  /** the retriever on the part that is learned from, and on the one that is measured: of neither has it learned anything */
  readonly stages: Readonly<Record<Protocol['part'], RetrieverStage>>
  readonly top: number
}

/** A retriever's vectors, of users [users × interests·dim] as of the beginning of a part and of items [items × dim], and the protocol. */
export interface RetrieverStage {
  readonly protocol: Protocol
  readonly vectors: Readonly<Record<Side, Float32Array>>
}

export interface Reranked {
  readonly protocol: Protocol
  readonly features: readonly string[]
  /** users of the validation part whose lists hold something to learn from, and evaluated users of the test part */
  readonly trainedOn: number
  readonly users: number
  readonly retrieved: Metrics
  readonly reranked: Metrics
}

export async function* rerank(options: RerankOptions): AsyncGenerator<Progress, Reranked> {
  const past = yield* retrieve(options, 'validation')
  const lists = listsOf(past.evaluation, past.cross, options.top)
  const ranker = yield* trainRanker(lists, options)
  try {
    const now = yield* retrieve(options, 'test')
    const { top, dataset } = options
    const width = now.cross.names.length
    const { heldOut, lists: found } = now.evaluation
    const rowOfUser = new Map([...heldOut.users].map((user, row) => [user, row]))
    const features = new Float32Array(top * width)
    const reordered: BlockRetriever = {
      blockSize: 256,
      async retrieve({ users, depth, lists: out }) {
        out.fill(-1)
        for (const [row, user] of users.entries()) {
          const at = rowOfUser.get(user)! * top
          const candidates = found!.items.subarray(at, at + top).filter((item) => item >= 0)
          now.cross.fill(user, candidates, features)
          const scores = await ranker.score(features, candidates.length)
          const order = [...candidates.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b)
          for (let i = 0; i < Math.min(depth, order.length); i++) out[row * depth + i] = candidates[order[i]!]!
        }
      },
    }
    const second = yield* evaluate({ dataset, protocol: now.evaluation.protocol, k: cutOffs(top), scorer: reordered, slices: [] })
    return {
      protocol: now.evaluation.protocol,
      features: now.cross.names,
      trainedOn: trainable(lists),
      users: second.users,
      retrieved: now.evaluation.metrics,
      reranked: second.metrics,
    }
  } finally {
    await ranker.dispose()
  }
}

const cutOffs = (top: number): number[] => [...new Set([Math.min(10, top), top])]

/** The retriever's own lists of the users with something held out, and their cross features. */
async function* retrieve(
  { dataset, matching, dim, stages, top, threads }: RerankOptions,
  part: Protocol['part'],
): AsyncGenerator<Progress, { evaluation: Evaluation; cross: CrossFeatures }> {
  const { protocol, vectors } = stages[part]
  const { user: users, item: items } = vectors
  const interests = users.length / (dim * dataset.manifest.users)
  const scorer = await vectorScorer({ userVectors: users, itemVectors: items, dim, interests, threads, matching })
  try {
    const evaluation = yield* evaluate({ dataset, protocol, k: cutOffs(top), scorer, slices: [], keepLists: true })
    return { evaluation, cross: await crossFeatures({ dataset, parts: EARLIER_PARTS[part], users, items, dim }) }
  } finally {
    await scorer.dispose()
  }
}

function listsOf({ heldOut, lists }: Evaluation, cross: CrossFeatures, top: number): RankingLists {
  const users = heldOut.users.length
  const width = cross.names.length
  const features = new Float32Array(users * top * width)
  const [labels, present] = [new Float32Array(users * top), new Float32Array(users * top)]
  const depth = lists!.depth
  for (const [row, user] of heldOut.users.entries()) {
    const candidates = lists!.items.subarray(row * depth, (row + 1) * depth)
    cross.fill(user, candidates, features.subarray(row * top * width))
    const wanted = new Set(heldOut.items.subarray(heldOut.offsets[row], heldOut.offsets[row + 1]))
    for (const [i, item] of candidates.entries()) {
      present[row * top + i] = Number(item >= 0)
      labels[row * top + i] = Number(wanted.has(item))
    }
  }
  return { users, top, width, features, labels, present }
}

function trainable({ users, top, labels }: RankingLists): number {
  let count = 0
  for (let user = 0; user < users; user++) if (labels.subarray(user * top, (user + 1) * top).includes(1)) count++
  return count
}
