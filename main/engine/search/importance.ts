/**
 * How much each field mattered for being among the best tenth of the trials: PED-ANOVA (Watanabe et al. 2023, arXiv:2304.10255), for fields
 * that are there only sometimes Conditional PED-ANOVA (arXiv:2601.20800), with the estimators of Optuna 5 on a grid of 50 points.
 */
import type { Dimension, Space } from '../../contract/shapes/search.ts'
import { choiceKernels, cutNormals, type Kernels, Mixture } from './parzen.ts'
import { type Params, toNumber } from './space.ts'

/** A complete trial; higher values are better. */
export interface Measured {
  readonly params: Params
  readonly value: number
}

const TARGET = 0.1
const POINTS = 50
const FEWEST = 2

/** Shares of the fields, 1 in all, by path; all alike where nothing can be told. Only complete trials of finite value count. */
export function importanceOf(space: Space, trials: readonly Measured[]): Record<string, number> {
  const paths = Object.keys(space).filter((path) => trials.some(({ params }) => Object.hasOwn(params, path)))
  const raw = divergences(
    space,
    paths,
    trials.filter(({ value }) => Number.isFinite(value)),
  )
  const sum = Object.values(raw).reduce((total, value) => total + value, 0)
  return Object.fromEntries(paths.map((path) => [path, sum === 0 ? 1 / paths.length : raw[path]! / sum]))
}

function divergences(space: Space, paths: readonly string[], trials: readonly Measured[]): Record<string, number> {
  const none = Object.fromEntries(paths.map((path) => [path, 0]))
  if (trials.length < 2) return none
  const cut = trials.map(({ value }) => value).sort((a, b) => b - a)[Math.ceil(TARGET * trials.length) - 1]!
  const best = trials.filter(({ value }) => value >= cut)
  const share = best.length / trials.length
  for (const path of paths) {
    const dimension = space[path]!
    const has = ({ params }: Measured): boolean => Object.hasOwn(params, path) && !Number.isNaN(toNumber(dimension, params[path]))
    const [region, target] = [trials.filter(has), best.filter(has)]
    if (region.length < FEWEST || target.length === 0 || isSingle(dimension)) continue
    const [inTarget, inRegion] = [target.length / best.length, region.length / trials.length]
    none[path] = (share ** 2 * inTarget ** 2 * divergence(dimension, path, target, region)) / inRegion
  }
  return none
}

const isSingle = (dimension: Dimension): boolean =>
  dimension.kind === 'range' ? dimension.low === dimension.high : dimension.values.length === 1

/** Pearson's divergence of where the best are from where all are. */
function divergence(dimension: Dimension, path: string, target: readonly Measured[], region: readonly Measured[]): number {
  const density = (trials: readonly Measured[]): number[] => {
    const counts = countsOn(
      dimension,
      trials.map(({ params }) => toNumber(dimension, params[path])),
    )
    const mixture = gridMixture(dimension, counts)
    return counts.map((_, x) => Math.exp(mixture.logPdf([x])) + 1e-12)
  }
  const [top, all] = [density(target), density(region)]
  return all.reduce((sum, value, i) => sum + value * (top[i]! / value - 1) ** 2, 0)
}

/** How many values lie nearest to each point of the grid; halfway counts for the lower. */
function countsOn(dimension: Dimension, values: readonly number[]): number[] {
  const points = pointsOf(dimension)
  const counts = new Array<number>(points).fill(0)
  for (const value of values) counts[dimension.kind === 'choice' ? value : placeOf(dimension, value, points)]!++
  return counts
}

function pointsOf(dimension: Dimension): number {
  if (dimension.kind === 'choice') return dimension.values.length
  const { low, high, log, integer } = dimension
  if (!integer) return POINTS
  return Math.min(POINTS, log ? Math.ceil(Math.log(high - low + 1) / Math.log(2)) + 1 : Math.round(high - low) + 1)
}

function placeOf({ low, high, log }: Dimension & { kind: 'range' }, value: number, points: number): number {
  const scale = (x: number): number => (log ? Math.log(x) : x)
  const step = (scale(high) - scale(low)) / (points - 1)
  return Math.min(points - 1, Math.max(0, Math.ceil((scale(value) - scale(low)) / step - 0.5)))
}

/** One kernel each point that occurs, weighed by how often, and one for the prior. */
function gridMixture(dimension: Dimension, counts: readonly number[]): Mixture {
  const seen = counts.flatMap((count, x) => (count > 0 ? [x] : []))
  const weights = seen.map((x) => counts[x]!)
  return new Mixture(
    [...weights, 1],
    [dimension.kind === 'choice' ? choiceKernels(seen, counts.length) : scottKernels(seen, weights, counts.length)],
  )
}

/** Normal kernels of one bandwidth by Scott's rule on whole numbers 0 … points − 1. */
function scottKernels(seen: readonly number[], weights: readonly number[], points: number): Kernels {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const mean = seen.reduce((sum, x, i) => sum + x * weights[i]!, 0) / total
  const spread = Math.sqrt(seen.reduce((sum, x, i) => sum + (x - mean) ** 2 * weights[i]!, 0) / Math.max(1, total - 1))
  let sum = 0
  const upTo = weights.map((weight) => (sum += weight))
  const first = upTo.findIndex((each) => each >= Math.floor(total / 4))
  const third = upTo.findIndex((each) => each > Math.floor((total * 3) / 4))
  const quartiles = seen[third < 0 ? seen.length - 1 : third]! - seen[first]!
  const width = Math.max(1.059 * Math.min(quartiles / 1.34, spread) * total ** -0.2, 0.5 / 1.64)
  return cutNormals({
    means: [...seen, (points - 1) / 2],
    deviations: [...seen.map(() => width), points],
    from: -0.5,
    to: points - 0.5,
    cell: (x) => [x - 0.5, x + 0.5],
    scale: (x) => x,
    value: Math.round,
  })
}
