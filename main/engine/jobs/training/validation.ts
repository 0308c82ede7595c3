/**
 * What the training job measures of a model between two epochs: its metrics on the validation part where there is one (of users drawn once
 * by the seed, ranked by the code of the final evaluation), most popular's on the same users, and the geometry of its vectors, which tells a
 * collapse (evaluation/geometry.ts). Only the drawn users are embedded.
 */
import { badInput } from '../../../contract/errors.ts'
import { cutsOf, parseValidationMetric } from '../../../contract/metrics.ts'
import type { Metrics } from '../../../contract/shapes/protocol.ts'
import { takeRows } from '../../ann/scale-vectors.ts'
import { blockRows, createTopK } from '../../ann/topk.ts'
import { metricOf } from '../../towers/metric.ts'
import { fittedParts, mostPopularScorer } from '../../evaluation/baselines.ts'
import { evaluateAll } from '../../evaluation/evaluate.ts'
import { geometryOf } from '../../evaluation/geometry.ts'
import { heldOut } from '../../evaluation/held-out.ts'
import { usersOfSlice } from '../../evaluation/slice-queries.ts'
import { protocolOfRun } from '../../protocol/protocol.ts'
import type { EpochVectors } from '../../model/epoch-vectors.ts'
import type { Scorer } from '../../model/scoring.ts'
import { vectorScorer } from '../../model/scoring.ts'
import { drain } from '../../files/drain.ts'
import { embedItems, embedUsers, type TrainingSetup } from '../../training/loop/setup.ts'
import { random, shuffle } from '../../training/random.ts'

/** Users whose geometry is watched, and items of the list that is compared. */
const WATCHED = 500
const TOP = 10

/** Measures the phase's present weights. */
export interface Measures {
  /** metrics of the validation part, and the geometry; null where there is no such part */
  readonly validate: (() => Promise<Metrics>) | null
  /** what most popular reaches on the users of {@link validate}; null where there is no such part */
  readonly popular: (() => Promise<Metrics>) | null
  /** the geometry alone */
  readonly watch: () => Promise<Metrics>
  /** the vectors that were measured last, once; null where they were taken */
  readonly take: () => EpochVectors | null
  /** whose geometry is watched */
  readonly watched: Int32Array
}

/** @param keeps whether the vectors that were measured are held until they are taken */
export function createMeasures(phase: TrainingSetup, threads: number, hasValidation: boolean, keeps = false): Measures {
  const watched = drawUsers(usersWithExamples(phase), WATCHED, phase.spec.training.seed)
  let last: EpochVectors | null = null
  const take = (): EpochVectors | null => {
    const taken = last
    last = null
    return taken
  }
  const measure = async (users: Int32Array, validate: (scorer: Scorer) => Promise<Metrics>): Promise<Metrics> => {
    const [userVectors, items] = [await embedSome(phase, users, threads), await drain(embedItems(phase, threads))]
    const { dim } = phase.model
    if (keeps) last = { items, userRows: watched, users: takeRows(userVectors, watched, userVectors.length / phase.dataset.manifest.users) }
    const scorer = await vectorScorer({
      userVectors,
      itemVectors: items,
      dim,
      threads,
      interests: phase.model.user.interests,
      matching: phase.spec.match,
    })
    try {
      return { ...(await validate(scorer)), ...(await geometry(phase, watched, userVectors, items, scorer)) }
    } finally {
      await scorer.dispose()
    }
  }
  const watch = (): Promise<Metrics> => measure(watched, () => Promise.resolve({}))
  if (!hasValidation) return { watch, validate: null, popular: null, take, watched }

  const { spec, dataset } = phase
  const protocol = protocolOfRun(spec, dataset.manifest, 'validation')
  const slice = parseValidationMetric(spec.training.earlyStopping?.metric ?? 'ndcg@20')?.slice ?? null
  const held = heldOut(dataset, protocol)
  const judged = slice === null ? held.users : usersOfSlice(slice, { dataset, protocol, held })
  if (slice !== null && judged.length === 0)
    throw badInput(
      `Nothing held out in the validation part is of the slice "${slice}". Take another metric, such as ndcg@20.`,
      'training.earlyStopping.metric',
    )
  const users = drawUsers(judged, spec.training.earlyStopping?.maxUsers ?? Infinity, spec.training.seed)
  const both = Int32Array.from(new Set([...users, ...watched])).sort()
  const k = [...new Set([...spec.evaluation.k, ...cutsOf([spec.training.earlyStopping?.metric ?? 'ndcg@20'])])]
  const validate = async (scorer: Scorer): Promise<Metrics> =>
    (await evaluateAll({ dataset, protocol, k, scorer, users, slices: slice === null ? [] : [slice] })).metrics
  let known: Promise<Metrics> | null = null
  const popular = (): Promise<Metrics> => (known ??= validate(mostPopularScorer(dataset, fittedParts(protocol))))
  return { watch, validate: () => measure(both, validate), popular, take, watched }
}

/** Vectors of some users at their places among all, [users × width]; the others' are 0. */
async function embedSome(phase: TrainingSetup, users: Int32Array, threads: number): Promise<Float32Array> {
  const some = await drain(embedUsers(phase, 'train', threads, users))
  const width = users.length === 0 ? phase.model.dim : some.length / users.length
  const all = new Float32Array(phase.dataset.manifest.users * width)
  for (const [row, user] of users.entries()) all.set(some.subarray(row * width, (row + 1) * width), user * width)
  return all
}

/** The geometry of the watched users (of several interests the first) and of all items. */
async function geometry(
  phase: TrainingSetup,
  watched: Int32Array,
  userVectors: Float32Array,
  items: Float32Array,
  scorer: Scorer,
): Promise<Metrics> {
  const { model, positives, spec } = phase
  const { dim } = model
  const width = userVectors.length / phase.dataset.manifest.users
  const count = items.length / dim
  const rows = blockRows(count)
  const buffer = new Float32Array(Math.min(rows, watched.length) * count)
  const select = createTopK(TOP)
  const lists = new Int32Array(watched.length * TOP)
  const users = new Float32Array(watched.length * dim)
  const liked = new Int32Array(watched.length)
  const rng = random(spec.training.seed, 'geometry')
  const { offsets, items: positiveItems } = positives.trainedPositives
  for (let from = 0; from < watched.length; from += rows) {
    const block = watched.subarray(from, from + rows)
    const scores = buffer.subarray(0, block.length * count)
    await scorer.score(block, scores)
    for (let row = 0; row < block.length; row++) select(scores, row * count, count, lists, (from + row) * TOP)
  }
  for (const [row, user] of watched.entries()) {
    users.set(userVectors.subarray(user * width, user * width + dim), row * dim)
    liked[row] = positiveItems[offsets[user]! + rng.below(offsets[user + 1]! - offsets[user]!)]!
  }
  return geometryOf({ dim, users, liked, items, itemCounts: positives.itemCounts, lists, metric: metricOf(spec.match) })
}

function usersWithExamples({ positives }: TrainingSetup): Int32Array {
  const { offsets } = positives.trainedPositives
  return Int32Array.from({ length: offsets.length - 1 }, (_, user) => user).filter((user) => offsets[user + 1]! > offsets[user]!)
}

/** At most `count` of the users, drawn by the seed, in index order. */
export function drawUsers(users: Int32Array, count: number, seed: number): Int32Array {
  if (users.length <= count) return users
  const drawn = users.slice()
  shuffle(drawn, random(seed, 'validation'))
  return drawn.slice(0, count).sort()
}
