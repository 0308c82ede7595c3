/**
 * The multivariate tree-structured Parzen estimator with constant liar, as Optuna 5 has it: the trials are split into the best tenth and
 * the others, both become densities l and g, and of some draws from l the one of the highest log l(x) − log g(x) is tried next.
 * Trials under way count as bad, so that they are not drawn again; so do failed ones, which Optuna leaves out.
 * Bergstra et al. 2011; Falkner et al. 2018 (multivariate); Watanabe 2023, arXiv:2304.11127.
 */
import type { Space } from '../../contract/shapes/search.ts'
import type { Random } from '../training/random.ts'
import { parzenEstimator, type Mixture } from './parzen.ts'
import { fieldOf, fromNumber, type Group, groupsOf, isThere, type Params, toNumber } from './space.ts'

/** A trial as the sampler sees it; trials are in the order of their numbers. */
export interface Observed {
  readonly params: Params
  readonly state: 'complete' | 'paused' | 'running' | 'failed'
  /** higher is better; null where there is none */
  readonly value: number | null
  readonly epochs: number
}

export interface TpeDraw {
  readonly params: Params
  /** summed over the groups */
  readonly acquisition: number
}

/** The next values by what is known of the space. */
export function drawByTpe(
  space: Space,
  trials: readonly Observed[],
  { candidates, random }: { readonly candidates: number; readonly random: Random },
): TpeDraw {
  const split = splitTrials(trials)
  const params: Record<string, unknown> = {}
  let acquisition = 0
  for (const group of groupsOf(space)) {
    if (!isThere(group, params)) continue
    const { good, acquire } = densities(space, group, split)
    let best: { point: number[]; value: number } | null = null
    for (let i = 0; i < candidates; i++) {
      const point = good.draw(random)
      const value = acquire(point)
      if (best === null || value > best.value) best = { point, value }
    }
    for (const [i, path] of group.paths.entries()) params[path] = fromNumber(space[path]!, best!.point[i]!)
    acquisition += best!.value
  }
  return { params, acquisition }
}

/** What a group's next values are drawn from and judged by; a point has one number a path of the group. */
export function densities(
  space: Space,
  group: Group,
  { good, others }: Split,
): { readonly good: Mixture; readonly acquire: (point: readonly number[]) => number } {
  const dimensions = group.paths.map((path) => space[path]!)
  const estimator = (trials: readonly Observed[]): Mixture =>
    parzenEstimator(
      trials
        .filter(({ params }) => group.paths.every((path) => Object.hasOwn(params, path)))
        .map(({ params }) => group.paths.map((path, i) => toNumber(dimensions[i]!, params[path])))
        .filter((point) => !point.some(Number.isNaN)),
      dimensions.map(fieldOf),
    )
  const [l, g] = [estimator(good), estimator(others)]
  return { good: l, acquire: (point) => l.logPdf(point) - g.logPdf(point) }
}

export interface Split {
  readonly good: readonly Observed[]
  readonly others: readonly Observed[]
}

/** A tenth of what is known, 25 at most, is good: complete trials by value, then paused ones, those that came further first. */
export function splitTrials(trials: readonly Observed[]): Split {
  const known = trials.filter(({ state }) => state === 'complete' || state === 'paused')
  const worth = ({ value }: Observed): number => value ?? -Infinity
  const ranked = known.toSorted((a, b) =>
    a.state !== b.state
      ? a.state === 'complete'
        ? -1
        : 1
      : (a.state === 'paused' ? b.epochs - a.epochs : 0) || compare(worth(b), worth(a)),
  )
  const good = new Set(ranked.slice(0, Math.min(Math.ceil(0.1 * known.length), 25)))
  return { good: trials.filter((trial) => good.has(trial)), others: trials.filter((trial) => !good.has(trial)) }
}

/** Two infinities are equal, which their difference is not. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0)
