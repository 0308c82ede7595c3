/**
 * A question of the page or the command line to an open model, answered: every item's score, the best of them, and what
 * an index finds. Lists, inspections and ranks are read off it, so that they cannot differ.
 */
import { badInput } from '../../contract/errors.ts'
import { isIndexed, type VectorMetric } from '../../contract/shapes/spec.ts'
import { topKOf, type Hits } from '../ann/topk.ts'
import { beforeTest } from '../dataset/interactions.ts'
import type { Side } from '../dataset/dataset.ts'
import { interactedItems } from '../model/scoring.ts'
import { scoreHistory } from '../model/item-item.ts'
import { isFunction, matchingOf } from '../towers/metric.ts'
import { readsHistory } from './ablated-history.ts'
import type { OpenModel } from './open-model.ts'

export interface RetrievalQuery {
  /** user: items for a user; item: items like an item */
  readonly side: Side
  /** a known id, or a typed-in row as JSON text; exactly one of the two */
  readonly id: string | undefined
  readonly features: string | undefined
  readonly k: number
  /** retrieve also what a known user has seen before the test part */
  readonly includeSeen: boolean
  readonly ann: boolean
  /** of the run; null: its own */
  readonly index: string | null
  /** positions of the user's history that are left out; a tower that reads none answers as ever */
  readonly without: readonly number[]
}

export interface RetrievalResult {
  /** index of a known entity; null: it was typed in */
  readonly entityIndex: number | null
  readonly metric: VectorMetric | 'weights'
  /** of all items, as the model scores */
  readonly scores: Float32Array
  /** the same, -Infinity where an item is not retrieved */
  readonly candidates: Float32Array
  /** items that are not retrieved */
  readonly excluded: ReadonlySet<number>
  readonly exact: Hits
  /** null: no index was asked */
  readonly near: Hits | null
  /** what of a typed-in entity the model does not know */
  readonly warnings: readonly string[]
}

/**
 * Asks. A known user is asked as of the end of train and validation, as in the evaluation on test; the item itself is not like itself.
 * @throws PylonError not-found, bad-input
 */
export async function retrieve(model: OpenModel, asked: RetrievalQuery): Promise<RetrievalResult> {
  const { side, id, features, k } = asked
  if ((id === undefined) === (features === undefined)) throw badInput(`Give either a known ${side} or features.`, side)
  checkAsked(model, asked)
  const entityIndex = id === undefined ? null : await model.indexOf(side, id)
  const typed = features === undefined ? null : parseRow(features)
  const excludedItems =
    entityIndex === null
      ? []
      : side === 'item'
        ? [entityIndex]
        : asked.includeSeen
          ? []
          : beforeTest(model.dataset.interactions).distinctItemsOf(entityIndex)
  const excluded = new Set(excludedItems)
  const { fitted } = model
  const [similarity, metric] = side === 'item' ? (['cosine', 'cosine'] as const) : (['model', model.metric] as const)
  const vector = fitted.kind === 'item-item' ? null : await vectorOf(model, asked, entityIndex ?? typed!)
  const scores = vector === null ? byWeights(model, entityIndex!) : await model.retriever.scores(vector, similarity)
  const candidates = scores.slice()
  for (const item of excluded) candidates[item] = -Infinity
  const exact = topKOf(candidates, k)
  const warnings = typed === null ? [] : await model.unknown(side, typed)
  const ranked = {
    entityIndex,
    metric: vector === null ? ('weights' as const) : metric,
    scores,
    candidates,
    excluded,
    exact,
    warnings,
  }
  if (!asked.ann || vector === null) return { ...ranked, near: null }
  const by = similarity === 'model' && isFunction(matchingOf(model.spec)) ? 'rescored' : 'ann'
  const index = await model.index(asked.index ?? undefined)
  return { ...ranked, near: await model.retriever.search(vector, { k, exclude: excluded, by, index, similarity }) }
}

/** @throws PylonError bad-input where the model cannot be asked so */
function checkAsked({ spec, metric }: OpenModel, { side, id, ann, without }: RetrievalQuery): void {
  const byWeights = spec.model === 'item-knn' || spec.model === 'ease'
  if (side === 'item' && (byWeights || spec.model === 'most-popular'))
    throw badInput(`A run of ${spec.model} has no item vectors to compare. Ask a run of a two-tower or ials.`, 'run')
  if (ann && !isIndexed(spec)) throw badInput(`A run of ${spec.model} has no ANN index; leave out --ann.`, 'ann')
  if (byWeights && (id === undefined || without.length > 0))
    throw badInput(`A run of ${spec.model} ranks by known history alone: ask it for a known user.`, 'features')
  if (ann && side === 'item' && metric !== 'cosine')
    throw badInput(`The index of a model that matches by ${metric} does not rank by cosine: search exactly.`, 'ann')
}

/** @param who the index of a known entity, or a typed-in row */
async function vectorOf(
  model: OpenModel,
  { side, without }: RetrievalQuery,
  who: number | Readonly<Record<string, unknown>>,
): Promise<Float32Array> {
  if (typeof who !== 'number') return model.embed(side, who)
  if (side === 'item' || without.length === 0 || !(await hasHistory(model))) return model.vectorOf(side, who)
  return (await model.embedWithout(who, [new Set(without)]))[0]!
}

/** Scores of all items by what a known user has interacted with. */
function byWeights({ fitted, dataset }: OpenModel, user: number): Float32Array {
  if (fitted.kind === 'vectors') throw new Error('It has vectors.')
  const scores = new Float32Array(fitted.weights.items)
  scoreHistory(fitted.weights, interactedItems(fitted, dataset)(user), scores)
  return scores
}

/** Whether the user tower reads a history. */
export const hasHistory = async (model: OpenModel): Promise<boolean> => isIndexed(model.spec) && (await model.encoders()).some(readsHistory)

/** A typed-in entity. @throws PylonError bad-input */
export function parseRow(text: string): Record<string, unknown> {
  let row: unknown
  try {
    row = JSON.parse(text)
  } catch (error) {
    throw badInput(`It is not JSON: ${(error as Error).message}. Write e.g. '{"age": 31}'.`, '--features', {
      cause: error,
    })
  }
  if (typeof row !== 'object' || row === null || Array.isArray(row))
    throw badInput('It must be a JSON object, column names to values.', '--features')
  return row as Record<string, unknown>
}
