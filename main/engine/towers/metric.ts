/**
 * How the items of a run are ranked: by a metric that every search and every vector store knows, or by a function of the user's own, which
 * a metric stands in for wherever vectors are searched. Searches, indexes, exports and checks of a spec read it here.
 */
import type { MatchSpec, RunSpec, TowerSpec, VectorMetric } from '../../contract/shapes/spec.ts'

/** A match by a function that no index serves. */
export type FunctionMatch = MatchSpec & { readonly kind: 'expression' | 'module' }
/** A metric, or a whole match, whose function is then what scores. */
export type Matching = VectorMetric | MatchSpec

/** The metric that vectors are searched by: the match's own, or the nearest one that the spec names for a function. */
export function metricOf(matching: Matching): VectorMetric {
  const match = typeof matching === 'string' ? { kind: matching } : matching
  switch (match.kind) {
    case 'cosine':
    case 'dot':
    case 'euclidean':
      return match.kind
    case 'expression':
    case 'module':
      return match.retrieve
    default:
      return match satisfies never
  }
}

/** Whether a function scores and not the metric that vectors are searched by. */
export function isFunction(matching: Matching): matching is FunctionMatch {
  return typeof matching !== 'string' && metricOf(matching) !== matching.kind
}

/** What ranks a run's vectors; those of baselines are multiplied. */
export function matchingOf(spec: RunSpec): Matching {
  return spec.model === 'two-tower' ? spec.match : 'dot'
}

/** Whether a user has several vectors, of which an item is scored by the nearest: no metric, and no sum of scores, ranks so by itself. */
export function hasInterests({ features }: Pick<TowerSpec, 'features'>): boolean {
  return features !== 'auto' && features.some((feature) => feature.kind === 'history' && feature.encoder.kind === 'interests')
}
