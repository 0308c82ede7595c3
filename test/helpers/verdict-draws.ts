/** Experiments drawn from a population whose truth is known, for what a verdict says of them. */
import type { Comparison, Side } from '../../main/engine/evaluation/crossed.ts'
import { random } from '../../main/engine/training/random.ts'

/** Standard deviations of what varies; users' values are skewed, and their differences have heavy tails, as those of metrics. */
export interface Population {
  /** of the users' true differences */
  readonly users: number
  /** of the seeds of each side */
  readonly seeds: number
  /** of a user under a seed */
  readonly rest: number
}

export const POPULATIONS: readonly (Population & { readonly name: string })[] = [
  { name: 'users alone', users: 1, seeds: 0, rest: 0.1 },
  { name: 'users and what seeds do to each', users: 0.5, seeds: 0, rest: 1 },
  { name: 'users and seeds alike', users: 1, seeds: 0.05, rest: 0.5 },
  { name: 'seeds above all', users: 0.2, seeds: 0.1, rest: 0.3 },
]

export interface Size {
  /** users */
  readonly n: number
  /** seeds of each side */
  readonly seeds: number
}

/** Draws experiments one after the other; the same seed, the same ones. */
export function experiments(seed: number): (...asked: Parameters<ReturnType<typeof models>>) => [Side, Side] {
  const draw = models(seed)
  return (...asked) => draw(...asked).sides
}

/** The same, with what the very models that were drawn differ by, over all users: of single runs a verdict speaks of that. */
export function models(seed: number) {
  const rng = random(seed, 'bootstrap')
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - rng.uniform())) * Math.cos(2 * Math.PI * rng.uniform())
  /** of variance 1: a Laplace distribution */
  const heavy = (): number => {
    const u = rng.uniform() - 0.5
    return (-Math.sign(u) * Math.log(1 - 2 * Math.abs(u))) / Math.SQRT2
  }
  /** B is better than A by `difference` */
  return (
    { users, seeds, rest }: Population,
    { n, seeds: count }: Size,
    difference: number,
  ): { sides: [Side, Side]; difference: number } => {
    const base = Float64Array.from({ length: n }, () => Math.exp(normal()))
    const better = Float64Array.from({ length: n }, () => difference + users * heavy())
    const side = (isBetter: boolean): { side: Side; luck: number } => {
      let luck = 0
      const drawn = Array.from({ length: count }, () => {
        const all = seeds * normal()
        luck += all / count
        return base.map((value, u) => value + (isBetter ? better[u]! : 0) + all + rest * normal())
      })
      return { side: { isRandom: true, seeds: drawn }, luck }
    }
    const [a, b] = [side(false), side(true)]
    return { sides: [a.side, b.side], difference: difference + b.luck - a.luck }
  }
}

/** What such an experiment would say of its spread if it knew the truth; of single runs what a user does under a seed is the user's. */
export function trueSpread({ users, seeds, rest }: Population, { n, seeds: count }: Size): Pick<Comparison, 'spread' | 'ofRecipes'> {
  if (count === 1) {
    const side = { isRandom: false, count, seeds: 0, rest: 0 }
    return { ofRecipes: false, spread: { n, users: users ** 2 + 2 * rest ** 2, sides: [side, side] } }
  }
  const side = { isRandom: true, count, seeds: seeds ** 2 + rest ** 2 / n, rest: rest ** 2 }
  return { ofRecipes: true, spread: { n, users: users ** 2, sides: [side, side] } }
}

/** The share of `rounds` experiments of which something is true. */
export function shareOf(rounds: number, isTrue: (round: number) => boolean): number {
  let times = 0
  for (let round = 0; round < rounds; round++) if (isTrue(round)) times++
  return times / rounds
}
