/**
 * Fits a baseline: on train alone to measure it on the validation part (what a choice of its settings goes by), then on all that
 * comes before the test part, as most-popular does; what is kept is the latter.
 */
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { Metrics } from '../../../contract/shapes/protocol.ts'
import type { BaselineSpec, EaseSpec, IalsSpec, ItemKnnSpec } from '../../../contract/shapes/spec.ts'
import { fitEase } from '../../evaluation/baselines/ease.ts'
import { ialsEpoch, ialsLoss, initialFactors, type Factors } from '../../evaluation/baselines/ials.ts'
import { fitItemKnn } from '../../evaluation/baselines/item-knn.ts'
import { type InteractionMatrix, interactionMatrix } from '../../evaluation/baselines/matrix.ts'
import { popularityVectors } from '../../evaluation/baselines/popularity.ts'
import type { FittedModel } from '../../model/scoring.ts'
import { protocolOfRun } from '../../protocol/protocol.ts'
import { EARLIER_PARTS } from '../../../contract/shapes/protocol.ts'
import type { Dataset } from '../../dataset/types.ts'
import { TRAIN_VECTORS } from '../../model/vectors.ts'
import type { JobContext, JobFact, TrainJob } from '../../queue/job-types.ts'
import { asFacts } from './facts.ts'
import { measured } from './measure.ts'
import { writeVectors } from './write.ts'

export interface FittedBaseline {
  readonly model: FittedModel
  readonly epochs: number
  readonly bestEpoch: number
  /** of fitting alone */
  readonly seconds: number
  readonly examples: number
}

/** What a fit on some parts is given. */
interface Fit {
  readonly dataset: Dataset
  readonly parts: readonly Part[]
  readonly context: JobContext
  /** epochs, for models that have them; null: the spec's */
  readonly epochs: number | null
  /** called after each epoch with what there is by then */
  readonly after: ((epoch: number, model: FittedModel, loss: number) => AsyncGenerator<JobFact, void>) | null
}

/** Drains to the fitted model. */
export async function* fitBaseline(
  { runFolder }: Pick<TrainJob, 'runFolder'>,
  spec: BaselineSpec,
  dataset: Dataset,
  context: JobContext,
): AsyncGenerator<JobFact, FittedBaseline> {
  const started = performance.now()
  const { manifest } = dataset
  let best: { epoch: number; value: number; model: FittedModel | null; validation: Metrics } = {
    epoch: 1,
    value: -Infinity,
    model: null,
    validation: {},
  }
  let epochs = 0
  if (manifest.parts.validation > 0) {
    const after: Fit['after'] = async function* (epoch, model, loss) {
      const validation = yield* measured('validation', spec, dataset, model, context)
      epochs = epoch
      const value = validation['ndcg@20'] ?? 0
      if (value > best.value) best = { epoch, value, model, validation }
      const seconds = (performance.now() - started) / 1000
      const row = { epoch, loss, examplesPerSecond: (epoch * manifest.parts.train) / seconds, learningRate: 0, validation }
      yield { kind: 'epoch', row }
    }
    yield* fit(spec, { dataset, parts: EARLIER_PARTS.validation, context, epochs: null, after })
    yield { kind: 'metrics', protocol: protocolOfRun(spec, manifest, 'validation'), metrics: best.validation }
    if (best.model?.kind === 'vectors') yield* writeVectors(runFolder, dataset, best.model, TRAIN_VECTORS)
  }
  const chosen = epochs === 0 ? null : best.epoch
  const model = yield* fit(spec, { dataset, parts: EARLIER_PARTS.test, context, epochs: chosen, after: null })
  const seconds = (performance.now() - started) / 1000
  if (spec.model !== 'ials') return { model, epochs: 0, bestEpoch: 0, seconds, examples: 0 } // counted or solved, not trained
  const rounds = chosen ?? spec.epochs
  return { model, epochs: epochs + rounds, bestEpoch: rounds, seconds, examples: (epochs + rounds) * manifest.parts.train }
}

async function* fit(spec: BaselineSpec, given: Fit): AsyncGenerator<JobFact, FittedModel> {
  const { dataset, parts, context } = given
  if (spec.model === 'most-popular') {
    yield {
      kind: 'progress',
      progress: { stage: 'count interactions', done: 0, total: dataset.manifest.interactions, unit: 'interactions' },
    }
    const model = {
      kind: 'vectors' as const,
      matching: 'dot' as const,
      ...(await popularityVectors(dataset, spec.popularity, parts, spec.events)),
    }
    if (given.after !== null) yield* given.after(1, model, 0)
    return model
  }
  const matrix = interactionMatrix(dataset, parts, spec.events)
  if (spec.model === 'ials') return yield* fitIals(spec, matrix, given)
  const model = {
    kind: 'item-item' as const,
    weights: yield* asFacts(itemItem(spec, matrix, context.threads), context.signal),
    parts,
    events: spec.events,
  }
  if (given.after !== null) yield* given.after(1, model, 0)
  return model
}

function itemItem(spec: ItemKnnSpec | EaseSpec, matrix: InteractionMatrix, threads: number): ReturnType<typeof fitItemKnn> {
  return spec.model === 'item-knn' ? fitItemKnn(matrix, spec) : fitEase(matrix, { ...spec, threads })
}

async function* fitIals(spec: IalsSpec, matrix: InteractionMatrix, { context, epochs, after }: Fit): AsyncGenerator<JobFact, FittedModel> {
  const factors = initialFactors(matrix, spec)
  const total = epochs ?? spec.epochs
  for (let epoch = 1; epoch <= total; epoch++) {
    const stage = ialsEpoch(matrix, factors, spec)
    for await (const fact of asFacts(noted(stage, `epoch ${epoch}/${total}`), context.signal)) yield fact
    if (after !== null) yield* after(epoch, vectorsOf(factors, spec), ialsLoss(matrix, factors, spec))
  }
  return vectorsOf(factors, spec)
}

const vectorsOf = ({ users, items }: Factors, { dim }: IalsSpec): FittedModel => ({
  kind: 'vectors',
  matching: 'dot',
  dim,
  users: Float32Array.from(users),
  items: Float32Array.from(items),
})

async function* noted<P extends { readonly note?: string }>(stage: AsyncGenerator<P, void>, note: string): AsyncGenerator<P, void> {
  for await (const progress of stage) yield { ...progress, note }
}
