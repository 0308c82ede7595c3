/** What is kept of the pass that learned from train alone: its vectors, its towers where another pass follows, its metrics on validation. */
import type { AsOf } from '../../features/batches.ts'
import type { JobContext, JobFact, TrainJob } from '../../queue/job-types.ts'
import { TRAIN_VECTORS } from '../../model/run-vectors.ts'
import { TRAIN_TOWERS } from '../../model/towers.ts'
import type { VectorModel } from '../../model/scoring.ts'
import { embedItems, embedUsers, type TrainingSetup } from '../../training/loop/setup.ts'
import { asFacts } from './facts.ts'
import { measured } from './measure.ts'
import { writeTowers, writeVectors } from './write.ts'

/** Vectors of everything, users with what was known of them as of a part. */
export async function* vectorsAsOf(
  phase: TrainingSetup,
  asOf: AsOf,
  { signal, threads }: Pick<JobContext, 'signal' | 'threads'>,
): AsyncGenerator<JobFact, VectorModel> {
  const items = yield* asFacts(embedItems(phase, threads), signal)
  const users = yield* asFacts(embedUsers(phase, asOf, threads), signal)
  return { kind: 'vectors', dim: phase.model.dim, users, items, matching: phase.spec.match }
}

/** Writes them, and yields what they reach on the whole validation part. */
export async function* keepTrainModel(
  { runFolder }: Pick<TrainJob, 'runFolder'>,
  phase: TrainingSetup,
  context: Pick<JobContext, 'signal' | 'threads'>,
  fitted?: VectorModel,
): AsyncGenerator<JobFact, void> {
  const { spec, dataset } = phase
  const model = fitted ?? (yield* vectorsAsOf(phase, 'train', context))
  yield* writeVectors(runFolder, dataset, model, TRAIN_VECTORS)
  if (spec.training.finalFit) yield* writeTowers(runFolder, phase, TRAIN_TOWERS)
  yield { kind: 'metrics', ...(yield* measured(spec, dataset, model, context)) }
}
