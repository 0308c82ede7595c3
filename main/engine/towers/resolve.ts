/** Completes a spec for a dataset: `auto` features are chosen, and everything the spec names must be there. */
import { PylonError } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import { nearest } from '../../contract/nearest.ts'
import type { PopularitySpec, RunSpec, TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { resolveFeatures } from '../features/auto.ts'
import { checkFeatures } from '../features/check.ts'

/**
 * A spec that can be trained on the dataset as it is.
 * @throws PylonError bad-input with the config path of what does not fit
 */
export function resolveSpec(spec: RunSpec, manifest: DatasetManifest): RunSpec {
  checkEvents(spec.evaluation.events, manifest, 'evaluation.events')
  if (spec.model !== 'two-tower') {
    checkEvents(spec.events, manifest, 'events')
    if (spec.model === 'most-popular') checkPopularity(spec.popularity, manifest)
    return spec
  }
  const resolved = resolveFeatures(spec, manifest)
  checkFeatures(resolved, manifest)
  checkEvents(spec.training.events, manifest, 'training.events')
  checkCombination(resolved)
  checkStopping(resolved)
  return resolved
}

function checkEvents(events: readonly string[], manifest: DatasetManifest, path: string): void {
  const unknown = events.find((event) => !manifest.events.includes(event))
  if (unknown === undefined) return
  const known =
    manifest.events.length === 0 ? 'This dataset has one unnamed type: leave the list empty.' : `There are ${manifest.events.join(', ')}.`
  throw new PylonError('bad-input', `The dataset has no event type "${unknown}". ${known}`, path)
}

function checkPopularity(popularity: PopularitySpec, manifest: DatasetManifest): void {
  if (popularity.kind === 'recency' && !manifest.hasTime)
    throw new PylonError('bad-input', `Dataset ${manifest.name} has no times. Take popularity.kind global.`, 'popularity.kind')
  if (popularity.kind !== 'market') return
  const columns = manifest.itemColumns.filter(({ storage }) => storage === 'text' || storage === 'number').map(({ name }) => name)
  if (columns.includes(popularity.column)) return
  const there = columns.length === 0 ? 'The dataset has none.' : `${nearest(popularity.column, columns)}There are ${columns.join(', ')}.`
  throw new PylonError('bad-input', `No item column "${popularity.column}" with one value an item. ${there}`, 'popularity.column')
}

function checkCombination(spec: TwoTowerSpec): void {
  if (spec.index.scalar === 'i8' && spec.match.kind !== 'cosine') {
    throw new PylonError('bad-input', 'i8 holds only vectors of unit length. Use f32 or f16, or match.kind cosine.', 'index.scalar')
  }
}

/** Early stopping reads one of the metrics that the evaluation gives. */
function checkStopping(spec: TwoTowerSpec): void {
  const { earlyStopping } = spec.training
  if (earlyStopping === null) return
  const match = /^(recall|ndcg|hit|mrr|map|precision)@(\d+)$/.exec(earlyStopping.metric)
  if (match === null) {
    throw new PylonError(
      'bad-input',
      `"${earlyStopping.metric}" is no metric of a query. Write one like ndcg@20 or recall@10.`,
      'training.earlyStopping.metric',
    )
  }
}
