/**
 * A Parzen estimator over several fields at once: a mixture with one kernel an observation and one for the prior, each a product over the
 * fields: normal distributions cut off at the ends of a range, categorical ones over the values of a choice. Bandwidths and weights are
 * Optuna's (Watanabe 2023, arXiv:2304.11127).
 */
import type { Random } from '../training/random.ts'
import { logNormalMass, logNormalPdf, truncatedQuantile } from './normal.ts'

/** How one field varies; an observation of a choice is the place of its value. */
export type Field =
  | { readonly kind: 'range'; readonly low: number; readonly high: number; readonly log: boolean; readonly integer: boolean }
  | { readonly kind: 'choice'; readonly count: number }

/** Kernels of one field, one each of the mixture. */
export interface Kernels {
  readonly logPdf: (x: number) => Float64Array
  readonly draw: (kernel: number, random: Random) => number
}

/** A mixture of products of kernels. */
export class Mixture {
  readonly #weights: Float64Array
  readonly #fields: readonly Kernels[]

  /** @param weights of the kernels; they need not add up to 1 */
  constructor(weights: readonly number[], fields: readonly Kernels[]) {
    const sum = weights.reduce((total, weight) => total + weight, 0)
    this.#weights = Float64Array.from(weights, (weight) => weight / sum)
    this.#fields = fields
  }

  /** log of the density (of a choice and a whole number: the probability) at a point, one value a field. */
  logPdf(point: readonly number[]): number {
    const log = this.#weights.map(Math.log)
    for (const [i, field] of this.#fields.entries()) for (const [kernel, value] of field.logPdf(point[i]!).entries()) log[kernel]! += value
    const most = log.reduce((a, b) => Math.max(a, b), -Infinity)
    if (most === -Infinity) return most
    return most + Math.log(log.reduce((sum, value) => sum + Math.exp(value - most), 0))
  }

  draw(random: Random): number[] {
    const kernel = drawIndex(this.#weights, random)
    return this.#fields.map((field) => field.draw(kernel, random))
  }
}

/** The estimator of some observations, oldest first: [observations][fields]. */
export function parzenEstimator(observations: readonly (readonly number[])[], fields: readonly Field[]): Mixture {
  return new Mixture(
    [...ageWeights(observations.length), 1],
    fields.map((field, i) => {
      const seen = observations.map((observation) => observation[i]!)
      return field.kind === 'choice' ? choiceKernels(seen, field.count) : rangeKernels(seen, field)
    }),
  )
}

/** The newest 25 observations count fully, older ones less. */
function ageWeights(count: number): number[] {
  const old = Math.max(0, count - 25)
  return Array.from({ length: count }, (_, i) => (i >= old ? 1 : old === 1 ? 1 / count : 1 / count + (i * (1 - 1 / count)) / (old - 1)))
}

/** Each observation makes its value likelier, the others stay possible; the last kernel is the prior. */
export function choiceKernels(seen: readonly number[], count: number): Kernels {
  const kernels = seen.length + 1
  const other = seen.length === 0 ? 1 / count : 1 / kernels / (1 + count / kernels)
  const own = (1 + 1 / kernels) / (1 + count / kernels)
  const shares = [...seen.map((value) => Float64Array.from({ length: count }, (_, i) => (i === value ? own : other)))]
  shares.push(new Float64Array(count).fill(1 / count))
  const logs = shares.map((share) => share.map(Math.log))
  return {
    logPdf: (x) => Float64Array.from(logs, (log) => log[x]!),
    draw: (kernel, random) => drawIndex(shares[kernel]!, random),
  }
}

function rangeKernels(seen: readonly number[], { low, high, log, integer }: Field & { kind: 'range' }): Kernels {
  const half = integer ? 0.5 : 0
  const scale = (x: number): number => (log ? Math.log(x) : x)
  const [from, to] = [scale(low - half), scale(high + half)]
  const means = seen.map(scale)
  return cutNormals({
    means: [...means, 0.5 * (from + to)],
    deviations: [...bandwidths(means, from, to), to - from],
    from,
    to,
    cell: integer ? (x) => [scale(x - half), scale(x + half)] : null,
    scale,
    value: (x) => {
      const back = log ? Math.exp(x) : x
      return Math.min(high, Math.max(low, integer ? Math.round(back) : back))
    },
  })
}

/** Normal kernels between two ends. */
export function cutNormals({
  means,
  deviations,
  from,
  to,
  cell,
  scale,
  value,
}: {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
  readonly from: number
  readonly to: number
  /** ends of what counts as one value, where values are whole; null: a density */
  readonly cell: ((x: number) => readonly [number, number]) | null
  /** from a value to where it lies between the ends, and back */
  readonly scale: (x: number) => number
  readonly value: (x: number) => number
}): Kernels {
  const total = means.map((mean, i) => logNormalMass((from - mean) / deviations[i]!, (to - mean) / deviations[i]!))
  return {
    logPdf: (x) => {
      const [left, right] = cell?.(x) ?? [0, 0]
      const at = scale(x)
      return Float64Array.from(means, (mean, i) => {
        const sd = deviations[i]!
        if (cell !== null) return logNormalMass((left - mean) / sd, (right - mean) / sd) - total[i]!
        return at < from || at > to ? -Infinity : logNormalPdf((at - mean) / sd) - total[i]! - Math.log(sd)
      })
    },
    draw: (kernel, random) => {
      const [mean, sd] = [means[kernel]!, deviations[kernel]!]
      return value(truncatedQuantile(random.uniform(), (from - mean) / sd, (to - mean) / sd) * sd + mean)
    },
  }
}

/** The larger distance to a neighbour, the ends of the range left out where there are two observations, within bounds ("magic clip"). */
function bandwidths(means: readonly number[], from: number, to: number): number[] {
  const order = means.map((_, i) => i).sort((a, b) => means[a]! - means[b]!)
  const at = [from, ...order.map((i) => means[i]!), to]
  const least = (to - from) / Math.min(100, 2 + means.length)
  const found = new Array<number>(means.length)
  for (const [place, i] of order.entries()) {
    const [below, above] = [at[place + 1]! - at[place]!, at[place + 2]! - at[place + 1]!]
    const width =
      means.length < 2 ? Math.max(below, above) : place === 0 ? above : place === means.length - 1 ? below : Math.max(below, above)
    found[i] = Math.min(to - from, Math.max(least, width))
  }
  return found
}

/** An index with the probability of its weight; the weights add up to 1. */
function drawIndex(weights: Float64Array, random: Random): number {
  let left = random.uniform()
  for (let i = 0; i < weights.length - 1; i++) {
    left -= weights[i]!
    if (left < 0) return i
  }
  return weights.length - 1
}
