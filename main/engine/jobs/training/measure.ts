/** What a fitted model that has learned nothing from the validation part reaches there, by the protocol of its run. */
import type { Metrics, Protocol } from '../../../contract/shapes/protocol.ts'
import type { RunSpec } from '../../../contract/shapes/spec.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { evaluate } from '../../evaluation/evaluate.ts'
import { heldOut } from '../../evaluation/held-out.ts'
import { type FittedModel, fittedScorer } from '../../model/scoring.ts'
import { protocolOfRun } from '../../protocol/protocol.ts'
import type { JobContext, JobFact } from '../../queue/job-types.ts'
import { asFacts } from './facts.ts'
import { drawUsers } from './validation.ts'

/** What settings, and the epochs of baselines, are chosen by. */
export const CHOSEN_BY = 'ndcg@20'

/** Users whose lists a trial of settings is measured by, at most. */
const TRIAL_USERS = 3000

export interface Measured {
  readonly protocol: Protocol
  readonly metrics: Metrics
}

/** @param users whose lists are measured; default: all that have something held out */
export async function* measured(
  spec: RunSpec,
  dataset: Dataset,
  model: FittedModel,
  { threads, signal }: Pick<JobContext, 'threads' | 'signal'>,
  users?: Int32Array,
): AsyncGenerator<JobFact, Measured> {
  const protocol = protocolOfRun(spec, dataset.manifest, 'validation')
  const scorer = await fittedScorer(model, dataset, threads)
  try {
    // @20 is what CHOSEN_BY needs
    const k = [...new Set([...spec.evaluation.k, 20])]
    const some = users === undefined ? {} : { users, slices: [] }
    const { metrics } = yield* asFacts(evaluate({ dataset, protocol, k, scorer, ...some }), signal)
    return { protocol, metrics }
  } finally {
    await scorer.dispose?.()
  }
}

/** Users that have something held out in the validation part of a run's protocol. */
export const judgedUsers = (spec: RunSpec, dataset: Dataset): Int32Array =>
  heldOut(dataset, protocolOfRun(spec, dataset.manifest, 'validation')).users

/** Measures trials of settings, each by {@link CHOSEN_BY} on the same validation users, which are drawn once and alike for every run. */
export function trialMeter(
  spec: RunSpec,
  dataset: Dataset,
  context: Pick<JobContext, 'threads' | 'signal'>,
): (model: FittedModel) => AsyncGenerator<JobFact, number> {
  const users = drawUsers(judgedUsers(spec, dataset), TRIAL_USERS, 1)
  return async function* (model) {
    return (yield* measured(spec, dataset, model, context, users)).metrics[CHOSEN_BY] ?? 0
  }
}
