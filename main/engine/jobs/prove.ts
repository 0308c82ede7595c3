/**
 * The evaluator held to published figures: models without chance in them are fitted on the published split by the settings that were
 * published, measured as any run is, and compared to four digits. An evaluator that masks, ranks, cuts or averages otherwise fails here.
 */
import { Cancelled } from '../../contract/errors.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import type { ProofOf, ProofResult } from '../../contract/verbs/published.ts'
import { interactionMatrix } from '../dataset/interaction-matrix.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { openDataset } from '../dataset/open.ts'
import { checkEaseMemory } from '../evaluation/baselines/ease.ts'
import { easeLists } from '../evaluation/baselines/ease-lists.ts'
import { mostPopularScorer } from '../evaluation/baselines.ts'
import { evaluate, type EvaluateOptions } from '../evaluation/evaluate.ts'
import { fittedOn, makeProtocol } from '../protocol/protocol.ts'
import type { JobContext, JobFact, ProofJob } from '../queue/job-types.ts'
import { asFacts, changed } from './training/facts.ts'

export async function* proveJob(job: ProofJob, context: JobContext): AsyncGenerator<JobFact, ProofResult> {
  const { ask, split, proofs } = job
  const dataset = await openDataset(job.datasetFolder, job.datasetRecord)
  const { manifest } = dataset
  const fit = fittedOn({ model: 'ease' }, manifest)
  const protocol = makeProtocol({ manifest, part: 'test', fittedOn: fit, seen: 'masked', events: [], search: 'exact' })
  const checks: ProofResult['checks'] = []
  for (const proof of proofs) {
    if (context.signal.aborted) throw new Cancelled()
    const started = performance.now()
    const scorer = yield* told(proof, scorerOf(proof, dataset, ask.memoryGb, context))
    const { metrics } = yield* told(proof, asFacts(evaluate({ dataset, protocol, k: [20], scorer, slices: [] }), context.signal))
    const figures = Object.entries(proof.metrics).map(([metric, published]) => {
      const found = metrics[metric] ?? Number.NaN
      return { metric, published, found, isEqual: toFourDigits(found) === toFourDigits(published) }
    })
    const seconds = (performance.now() - started) / 1000
    checks.push({ model: proof.model, settings: settingsOf(proof), source: proof.source, seconds, figures })
  }
  const isProved = checks.every(({ figures }) => figures.every(({ isEqual }) => isEqual))
  return { dataset: manifest.name, split, protocol, checks, isProved }
}

const toFourDigits = (value: number): string => value.toFixed(4)

const settingsOf = ({ model, lambda }: ProofOf): string =>
  model === 'ease' ? `λ ${lambda}, every weight` : 'all before the test part, ties by item order'

/** What retrieves, learned from all that comes before the test part. */
async function* scorerOf(
  { model, lambda }: ProofOf,
  dataset: Dataset,
  memoryGb: number,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, EvaluateOptions['scorer']> {
  const { users, items } = dataset.manifest
  if (model === 'most-popular') return mostPopularScorer(dataset, EARLIER_PARTS.test)
  checkEaseMemory(Math.min(users, items), 0, memoryGb)
  return yield* asFacts(easeLists(interactionMatrix(dataset, EARLIER_PARTS.test, []), { lambda, threads }), signal)
}

/** Progress, told which model it is of. */
function told<R>({ model }: ProofOf, stage: AsyncGenerator<JobFact, R>): AsyncGenerator<JobFact, R> {
  return changed(stage, (fact) => (fact.kind === 'progress' ? { ...fact, progress: { ...fact.progress, note: model } } : fact))
}
