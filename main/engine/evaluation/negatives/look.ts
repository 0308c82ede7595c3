/** What one batch learns from, told: where the gradient of its scores goes by rank and popularity, what is kept out, what is wrongly pushed. */
import type { Stage } from '../../../contract/shapes/progress.ts'
import type { NegativesResult } from '../../../contract/verbs/negatives.ts'
import { takeRows } from '../../ann/scale-vectors.ts'
import { compileProgram } from '../../compute/executor.ts'
import { gradientOf, mergeByName } from '../../compute/port.ts'
import type { TrainingSetup } from '../../training/loop/setup.ts'
import { random } from '../../training/random.ts'
import { LOSS } from '../../training/step/program.ts'
import type { HeldOut } from '../held-out.ts'
import { type Batch, pairScores } from './batch.ts'
import { estimateShare, placeAmong } from './false-negatives.ts'
import { scoreGradientProgram, scorePorts } from './score-gradient.ts'

export type Look = Omit<NegativesResult, 'run' | 'mix' | 'trial' | 'heat'> & {
  /** size of the gradient of each score, [rows × count] of each block, and [rows] of the positives */
  readonly gradients: { readonly positives: Float32Array; readonly blocks: readonly Float32Array[] }
  /** of each pair of each block: whether it is kept out, or a negative that validation shows to be liked */
  readonly kinds: readonly Uint8Array[]
}

export const KIND = { negative: 0, positive: 1, masked: 2, liked: 3 } as const

/** Upper ends of the ranks of candidates within their row. */
const RANKS = [1, 5, 20, 100, 500, null] as const

/** @param held the validation part's */
export async function* lookAt(phase: TrainingSetup, batch: Batch, held: HeldOut, threads: number): Stage<Look> {
  const { spec, positives } = phase
  const { rows, plan } = batch
  yield { stage: 'gradient', done: 0, total: 1, unit: 'batches' }
  const { loss, gradients } = await gradientsOf(spec.loss, batch, threads)
  const liked = likedBy(held)
  const kinds = kindsOf(batch, liked)
  const { accidental, known } = keptOut(batch, kinds)

  const counts = positives.itemCounts
  const popular = popularityEnds(counts)
  const byRank = RANKS.map((to, i) => ({ from: i === 0 ? 1 : RANKS[i - 1]! + 1, to, pairs: 0, share: 0 }))
  const byPopularity = popular.map((to, i) => ({ from: i === 0 ? 0 : popular[i - 1]! + 1, to, pairs: 0, share: 0, correction: 0 }))
  let [negatives, total, likedPairs, likedGradient] = [0, 0, 0, 0]
  for (let row = 0; row < rows; row++) {
    const pairs = openPairs(batch, kinds, row)
    // by what the loss sees
    pairs.sort((a, b) => b.logit - a.logit)
    for (const [rank, { block, at, item, bias }] of pairs.entries()) {
      const size = gradients.blocks[block]![at]!
      const [r, p] = [
        byRank.find(({ to }) => to === null || rank + 1 <= to)!,
        byPopularity.find(({ to }) => to === null || counts[item]! <= to)!,
      ]
      for (const each of [r, p]) Object.assign(each, { pairs: each.pairs + 1, share: each.share + size })
      p.correction += bias
      negatives++
      total += size
      if (kinds[block]![at] !== KIND.liked) continue
      likedPairs++
      likedGradient += size
    }
  }
  const part = (size: number): number => (total === 0 ? 0 : size / total)
  const standing = await standingOf(phase, batch, kinds, held, threads)
  const pulled = gradients.positives.reduce((sum, each) => sum + each, 0)
  return {
    rows,
    batch: batch.whole,
    candidates: plan.blocks.reduce((sum, { count }) => sum + count, 0),
    loss,
    masked: { accidental, known },
    negatives,
    pull: { positives: pulled, negatives: total },
    byRank: byRank.map((each) => ({ ...each, share: part(each.share) })),
    byPopularity: byPopularity.map((each) => ({
      ...each,
      share: part(each.share),
      correction: each.pairs === 0 ? 0 : each.correction / each.pairs,
    })),
    falseNegatives: {
      known: likedPairs,
      knownShare: negatives === 0 ? 0 : likedPairs / negatives,
      gradientShare: part(likedGradient),
      users: new Set(standing.users).size,
      held: standing.places.length,
      estimate: estimateShare(standing, spec.training.seed),
    },
    gradients,
    kinds,
  }
}

/** The loss of a batch and the size of its gradient of each score: [rows] of positives, and of each block [rows × count]. */
export async function gradientsOf(
  loss: TrainingSetup['spec']['loss'],
  {
    plan,
    ports,
    feeds,
    positiveScores,
    scores,
    temperature,
  }: Pick<Batch, 'plan' | 'ports' | 'feeds' | 'positiveScores' | 'scores' | 'temperature'>,
  threads: number,
): Promise<{ loss: number; gradients: Look['gradients'] }> {
  const given = scorePorts(plan)
  const program = await compileProgram(scoreGradientProgram(loss, plan, ports, temperature), { threads })
  try {
    const fetches = await program.run(
      mergeByName([feeds, given.positive.feed(positiveScores), ...given.blocks.map((each, k) => each.feed(scores[k]!))]),
    )
    const size = (gradient: Float32Array): Float32Array => gradient.map(Math.abs)
    return {
      loss: LOSS.take(fetches)[0]!,
      gradients: {
        positives: size(gradientOf(given.positive).take(fetches)),
        blocks: given.blocks.map((each) => size(gradientOf(each).take(fetches))),
      },
    }
  } finally {
    await program.dispose()
  }
}

/** What validation holds out for a user. */
function likedBy({ users, offsets, items }: HeldOut): (user: number) => ReadonlySet<number> {
  const of = new Map(Array.from(users, (user, q) => [user, new Set(items.subarray(offsets[q], offsets[q + 1]))]))
  const nothing = new Set<number>()
  return (user) => of.get(user) ?? nothing
}

function kindsOf({ rows, plan, ports, feeds, users, candidates }: Batch, liked: (user: number) => ReadonlySet<number>): Uint8Array[] {
  return plan.blocks.map(({ kind, count }, k) => {
    const kinds = new Uint8Array(rows * count)
    for (let row = 0; row < rows; row++) {
      const likes = liked(users[row]!)
      if (likes.size > 0)
        for (let c = 0; c < count; c++)
          if (likes.has(candidates[k]![kind === 'shared' ? c : row * count + c]!)) kinds[row * count + c] = KIND.liked
    }
    const pairs = ports.blocks[k]!.masked.take(feeds)
    for (let p = 0; p < pairs.length; p += 2) kinds[pairs[p]! * count + pairs[p + 1]!] = KIND.masked
    return kinds
  })
}

/** Pairs that are kept out, the row's own place in the batch aside. */
function keptOut({ rows, plan, positives, candidates }: Batch, kinds: readonly Uint8Array[]): { accidental: number; known: number } {
  let [accidental, known] = [0, 0]
  for (const [k, { kind, count, from }] of plan.blocks.entries()) {
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < count; c++) {
        if (kinds[k]![row * count + c] !== KIND.masked) continue
        if (kind === 'shared' && from + c === row) continue
        if (candidates[k]![kind === 'shared' ? c : row * count + c] === positives[row]) accidental++
        else known++
      }
    }
  }
  return { accidental, known }
}

interface Pair {
  readonly block: number
  readonly at: number
  readonly item: number
  readonly bias: number
  readonly logit: number
}

/** The negatives of a row. */
function openPairs({ plan, ports, feeds, scores, candidates, temperature }: Batch, kinds: readonly Uint8Array[], row: number): Pair[] {
  return plan.blocks.flatMap(({ kind, count }, block) => {
    const biases = ports.blocks[block]!.bias.take(feeds)
    return Array.from({ length: count }, (_, c): Pair => {
      const [at, own] = [row * count + c, kind === 'shared' ? c : row * count + c]
      const bias = biases[own]!
      return { block, at, item: candidates[block]![own]!, bias, logit: scores[block]![at]! / temperature + bias }
    }).filter(({ at }) => kinds[block]![at] !== KIND.masked)
  })
}

/** Where the held-out positives of the batch's users stand among their candidates; a user counts once. */
async function standingOf(
  { model, spec }: TrainingSetup,
  batch: Batch,
  kinds: readonly Uint8Array[],
  held: HeldOut,
  threads: number,
): Promise<{ users: Int32Array; places: Float64Array }> {
  const liked = likedBy(held)
  const rowOf = new Map<number, number>()
  for (const [row, user] of batch.users.entries()) if (liked(user).size > 0 && !rowOf.has(user)) rowOf.set(user, row)
  if (rowOf.size === 0) return { users: new Int32Array(), places: new Float64Array() }
  const rows = Int32Array.from(rowOf.values())
  const items = Int32Array.from(new Set(Array.from(rowOf.keys(), (user) => [...liked(user)]).flat()))
  const columnOf = new Map(Array.from(items, (item, c) => [item, c]))
  const scores = await pairScores(
    batch.match,
    model.dim,
    takeRows(batch.vectors, rows, model.dim),
    takeRows(batch.items, items, model.dim),
    'shared',
    threads,
  )
  const rng = random(spec.training.seed, 'false negatives', 1)
  const [users, places]: [number[], number[]] = [[], []]
  for (const [at, [user, row]] of [...rowOf].entries()) {
    const others = Float32Array.from(
      batch.plan.blocks.flatMap(({ count }, k) =>
        Array.from({ length: count }, (_, c) => row * count + c)
          .filter((i) => kinds[k]![i] !== KIND.masked)
          .map((i) => batch.scores[k]![i]!),
      ),
    )
    for (const item of liked(user)) {
      users.push(user)
      places.push(placeAmong(scores[at * items.length + columnOf.get(item)!]!, others, () => rng.uniform()))
    }
  }
  return { users: Int32Array.from(users), places: Float64Array.from(places) }
}

/** Cold, then quarters of the interactions: few items hold the last. */
function popularityEnds(counts: Int32Array): (number | null)[] {
  const sorted = counts.toSorted()
  const total = sorted.reduce((sum, each) => sum + each, 0)
  const ends: number[] = [0]
  let [sum, quarter] = [0, 1]
  for (const count of sorted) {
    sum += count
    if (sum < (quarter * total) / 4 || count === 0) continue
    if (count > ends.at(-1)!) ends.push(count)
    while (sum >= (quarter * total) / 4) quarter++
    if (quarter > 3) break
  }
  return [...ends, null]
}
