/** Pylon's own numbers for the cells of a notebook: its evaluation, its search, its principal axes. */
import { join } from 'node:path'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { EARLIER_PARTS, type Metrics } from '../../../contract/shapes/protocol.ts'
import { createExact } from '../../ann/exact.ts'
import { principalAxes } from '../../ann/pca.ts'
import { normaliseRows } from '../../ann/scale-vectors.ts'
import { topKOf, type Hits } from '../../ann/topk.ts'
import { InteractionSelection } from '../../dataset/interactions.ts'
import { evaluate } from '../../evaluation/evaluate.ts'
import { curvesOverK } from '../../evaluation/ranks.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { readMatrix } from '../../model/run-vectors.ts'
import { fittedScorer } from '../../model/scoring.ts'
import { requireRanking, type ExportSource } from '../source.ts'
import type { NotebookFacts } from './facts.ts'

/** Items of a list that is shown. */
const SHOWN = 10
const LENGTHS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const

export interface Numbers {
  readonly metrics: Metrics
  readonly curve: readonly { readonly k: number; readonly recall: number; readonly ndcg: number }[]
  /** the item that most had met, and those nearest to it by the cosine */
  readonly item: number
  readonly similar: Hits
  /** [items × 2], and the share of the spread on each axis */
  readonly places: Float32Array
  readonly explained: readonly [number, number]
  /** the first user with something to find, what they had met, and what they get */
  readonly userId: string
  readonly met: Int32Array
  readonly recommended: Hits
  readonly wanted: ReadonlySet<number>
}

export async function* numbersOf(source: ExportSource, facts: NotebookFacts, counts: Int32Array): Stage<Numbers> {
  const { runFolder, threads } = source
  const { dataset, protocol, held, cuts } = facts
  const { metric } = requireRanking(source)
  const { data: users } = await readMatrix(join(runFolder, RUN_FILES.userVectors))
  const { data: items, width: dim } = await readMatrix(join(runFolder, RUN_FILES.itemVectors))
  const total = items.length / dim
  const item = counts.reduce((best, count, k) => (count > counts[best]! ? k : best), 0)
  const near = await createExact(items, dim, 'cosine', { threads })
  const scorer = await fittedScorer({ kind: 'vectors', dim, users, items, matching: metric }, dataset, threads)
  try {
    const evaluation = yield* evaluate({ dataset, protocol, k: cuts, scorer, diversity: true, keepRanks: true })
    const lengths = LENGTHS.filter((k) => k <= total)
    const overK = curvesOverK(held, evaluation.ranks!, lengths.at(-1)!)
    const similar = await near.search(items.slice(item * dim, (item + 1) * dim), { k: SHOWN, excluded: () => [item] })
    const { points, explained } = await principalAxes(metric === 'cosine' ? normaliseRows(items, dim) : items, dim)
    const user = held.users[0]!
    const met = new InteractionSelection(dataset.interactions, EARLIER_PARTS[protocol.part]).itemsOf(user).slice()
    const scores = new Float32Array(total)
    await scorer.score(Int32Array.of(user), scores)
    if (protocol.seen === 'masked') for (const each of met) scores[each] = -Infinity
    return {
      metrics: evaluation.metrics,
      curve: lengths.map((k) => ({ k, recall: overK.recall[k - 1]!, ndcg: overK.ndcg[k - 1]! })),
      item,
      similar,
      places: points,
      explained,
      userId: (await dataset.ids('user'))[user]!,
      met,
      recommended: topKOf(scores, SHOWN),
      wanted: new Set(held.items.subarray(held.offsets[0], held.offsets[1])),
    }
  } finally {
    await near.dispose()
    await scorer.dispose?.()
  }
}
