/** Which runs may become one: of one dataset and one protocol, with one vector a user, and with vectors of train alone to choose by. */
import { badInput, conflict } from '../../contract/errors.ts'
import type { BlendSpec, RunSpec } from '../../contract/shapes/spec.ts'
import { fittedOn, protocolOfRun } from '../protocol/protocol.ts'
import { TRAIN_VECTORS } from '../model/run-vectors.ts'
import type { Store } from '../store/store.ts'
import type { RunRow } from '../store/runs.ts'
import { hasInterests, isFunction, matchingOf } from '../towers/metric.ts'

/**
 * The spec with its runs by their ids, and what they are fitted on.
 * @throws PylonError bad-input naming the run that does not fit; conflict where one has not finished
 */
export function settledBlend(spec: BlendSpec, store: Store, dataset: string): BlendSpec {
  const rows = spec.runs.map((run) => store.runs.resolveFinished(run))
  const runs = rows.map(({ id }) => id)
  const twice = runs.find((id, i) => runs.indexOf(id) < i)
  if (twice !== undefined) throw badInput(`Run ${twice} is named twice.`, 'runs')
  if (runs.length === 1 && (spec.popularity ?? 0) === 0)
    throw badInput(
      `A blend is of two runs at least, or of one and the popularity of its items (--popularity, not 0: at 0 it is run ${runs[0]} itself).`,
      spec.popularity === 0 ? 'popularity' : 'runs',
    )
  if (spec.weights !== null && spec.weights.length !== runs.length)
    throw badInput(`There are ${runs.length} runs and ${spec.weights.length} weights: give one of each run, in their order.`, 'weights')
  if (spec.weights?.every((weight) => weight === 0) === true) throw badInput('All weights are 0: give at least one run a share.', 'weights')
  const manifest = store.datasets.get(dataset)
  for (const row of rows) {
    if (row.dataset !== dataset)
      throw badInput(`Run ${row.id} is of dataset ${row.dataset}, not ${dataset}: blend runs of one dataset.`, 'runs')
    checkVectors(row)
  }
  const protocols = new Set(rows.map(({ protocol }) => protocol))
  if (protocols.size > 1)
    throw badInput(
      `These runs were not measured alike (pylon compare ${runs.join(' ')} says how they differ): blend runs of one protocol.`,
      'runs',
    )
  if (rows[0]!.protocol !== protocolOfRun(rows[0]!.spec, manifest, 'test').hash)
    throw conflict(`Dataset ${dataset} was replaced since these runs were trained on it: train them again.`, 'runs')
  if (manifest.parts.validation > 0 && spec.weights === null && runs.length > 1)
    for (const { id } of rows)
      if (!TRAIN_VECTORS.every((file) => store.results.artefact(id, file) !== null))
        throw conflict(`Run ${id} keeps no vectors of train alone, which weights are chosen by: train it again, or give --weights.`)
  return {
    ...spec,
    runs,
    evaluation: rows[0]!.spec.evaluation,
    finalFit: rows.every((row) => fittedOn(row.spec, manifest) === 'train+validation'),
  }
}

/** @throws PylonError bad-input where a run's scores are no inner products of one vector a user */
export function checkVectors({ id, spec }: RunRow): void {
  const why = whyNot(spec)
  if (why !== null) throw badInput(`Run ${id} ${why}.`, 'runs')
}

function whyNot(spec: RunSpec): string | null {
  if (spec.model === 'item-knn' || spec.model === 'ease')
    return `is of ${spec.model}, which has item-item weights and no vectors: take two-tower or iALS runs`
  if (spec.model === 'blend') return 'is a blend itself: take its runs instead'
  if (isFunction(matchingOf(spec)))
    return 'matches by a function, whose scores are no inner product: take runs that match by dot, cosine or euclidean'
  return spec.model === 'two-tower' && hasInterests(spec.user)
    ? 'has several vectors of each user, whose best counts: that is no inner product'
    : null
}
