/**
 * How many of a batch's negatives are items that their users would like. Held-out positives are what the model has not learned from, as
 * those unknown ones are: where the candidates of a user are ranked by score, held-out positives crowd at the top, and the candidates there
 * can be no fewer than the unknown positives among them. The proportion of a mixture by the top of its ROC curve (Scott, 2015; Elkan and
 * Noto, 2008): min over t of t / P(t), P(t) the share of held-out positives within the top t of their users' candidates.
 */
import { random } from '../../training/random.ts'
import { quantile } from '../paired.ts'

/** Where held-out positives stand among their users' candidates. */
export interface Standing {
  /** whose they are */
  readonly users: Int32Array
  /** of each held-out positive, the share of its user's candidates that score higher, in (0, 1) */
  readonly places: Float64Array
}

export interface Estimate {
  readonly share: number
  /** 95 %, by drawing users anew */
  readonly low: number
  readonly high: number
}

const RESAMPLES = 200
/** fewer held-out positives say nothing */
const LEAST = 30

/**
 * The place of a score among others: ties are broken by chance, so that candidates drawn as the others are would stand anywhere alike.
 * @param rng of {@link random}
 */
export function placeAmong(score: number, others: Float32Array, uniform: () => number): number {
  let [higher, equal] = [0, 0]
  for (const other of others) {
    if (other > score) higher++
    else if (other === score) equal++
  }
  return (higher + uniform() * (equal + 1)) / (others.length + 1)
}

/** null where there are too few held-out positives. @param seed of the resamples */
export function estimateShare({ users, places }: Standing, seed: number): Estimate | null {
  if (places.length < LEAST) return null
  const share = proportion(places)
  const of = [...Map.groupBy(users.keys(), (i) => users[i]!).values()]
  const rng = random(seed, 'false negatives')
  const again = Array.from({ length: RESAMPLES }, () =>
    proportion(Float64Array.from(of.flatMap(() => of[rng.below(of.length)]!.map((i) => places[i]!)))),
  ).sort((a, b) => a - b)
  return { share, low: Math.min(share, quantile(again, 0.025)), high: Math.max(share, quantile(again, 0.975)) }
}

/** min t / P(t) over the t that hold at least half of the held-out positives: nearer the top there are too few to divide by. */
function proportion(places: Float64Array): number {
  const sorted = places.toSorted()
  const n = sorted.length
  let least = 1
  for (let i = Math.ceil(n / 2); i <= n; i++) least = Math.min(least, sorted[i - 1]! / (i / n))
  return least
}
