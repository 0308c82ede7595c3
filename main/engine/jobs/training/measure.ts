/** What a fitted model reaches on a held-out part, by the protocol of its run. */
import type { Metrics, Protocol } from '../../../contract/shapes/protocol.ts'
import type { RunSpec } from '../../../contract/shapes/spec.ts'
import type { Dataset } from '../../dataset/dataset.ts'
import { evaluate } from '../../evaluation/evaluate.ts'
import { type FittedModel, fittedScorer } from '../../model/scoring.ts'
import { protocolOfRun } from '../../protocol/protocol.ts'
import type { JobContext, JobFact } from '../../queue/job-types.ts'
import { heldOut } from '../../evaluation/held-out.ts'
import { drawUsers } from './validation.ts'
import { asFacts } from './facts.ts'

/** Users whose lists a trial of settings is measured by, at most. */
const TRIAL_USERS = 3000

/** Validation users drawn once, the same for every trial of every run. */
export const trialUsers = (spec: RunSpec, dataset: Dataset): Int32Array =>
  drawUsers(heldOut(dataset, protocolOfRun(spec, dataset.manifest, 'validation')).users, TRIAL_USERS, 1)

/**
 * @param part one of which the model has learned nothing
 * @param users whose lists are measured; default: all that have something held out
 */
export async function* measured(
  part: Protocol['part'],
  spec: RunSpec,
  dataset: Dataset,
  model: FittedModel,
  { threads, signal }: Pick<JobContext, 'threads' | 'signal'>,
  users?: Int32Array,
): AsyncGenerator<JobFact, Metrics> {
  const protocol = protocolOfRun(spec, dataset.manifest, part)
  const scorer = await fittedScorer(model, dataset, threads)
  try {
    // 20 is what epochs are chosen by
    const k = [...new Set([...spec.evaluation.k, 20])]
    return (yield* asFacts(evaluate({ dataset, protocol, k, scorer, ...(users === undefined ? {} : { users, slices: [] }) }), signal))
      .metrics
  } finally {
    await scorer.dispose?.()
  }
}
