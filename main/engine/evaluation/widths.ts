/**
 * What the first numbers of vectors retrieve by themselves, at the widths that a run was trained for (`training.matryoshka`): `dim32.recall@20`
 * is recall at 20 by the first 32.
 */
import { formatMetric, parseMetric } from '../../contract/metrics.ts'
import type { Progress } from '../../contract/shapes/progress.ts'
import type { Metrics, Protocol } from '../../contract/shapes/protocol.ts'
import type { RunSpec } from '../../contract/shapes/spec.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { type FittedModel, fittedScorer, type VectorModel } from '../model/scoring.ts'
import { evaluate } from './evaluate.ts'

/** Kinds that are told of each width. */
const KINDS = ['recall', 'ndcg'] as const

/** The widths of a run's spec. */
export const widthsOf = (spec: RunSpec): readonly number[] => (spec.model === 'two-tower' ? spec.training.matryoshka : [])

/** The first `width` numbers of each vector; of several interests, of each of them. A cosine brings them to length 1 when it compares. */
export function atWidth(model: VectorModel, width: number): VectorModel {
  const cut = (vectors: Float32Array): Float32Array => {
    const rows = vectors.length / model.dim
    const first = new Float32Array(rows * width)
    for (let row = 0; row < rows; row++) first.set(vectors.subarray(row * model.dim, row * model.dim + width), row * width)
    return first
  }
  return { ...model, dim: width, users: cut(model.users), items: cut(model.items) }
}

export interface WidthOptions {
  readonly dataset: Dataset
  readonly protocol: Protocol
  readonly k: readonly number[]
  readonly model: FittedModel
  readonly widths: readonly number[]
  readonly threads: number
}

/** By the protocol of the whole vectors. */
export async function* evaluateWidths({ dataset, protocol, k, model, widths, threads }: WidthOptions): AsyncGenerator<Progress, Metrics> {
  const metrics: Record<string, number> = {}
  if (model.kind !== 'vectors') return metrics
  for (const width of widths) {
    const scorer = await fittedScorer(atWidth(model, width), dataset, threads)
    try {
      const found = (yield* evaluate({ dataset, protocol, k, scorer, slices: [] })).metrics
      for (const [name, value] of Object.entries(found)) {
        const parsed = parseMetric(name)!
        if (KINDS.some((kind) => kind === parsed.kind)) metrics[formatMetric({ ...parsed, slice: `dim${width}` })] = value
      }
    } finally {
      await scorer.dispose?.()
    }
  }
  return metrics
}
