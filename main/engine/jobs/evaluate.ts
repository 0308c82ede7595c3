/** Evaluates a finished run: its stored vectors on the test part, or those of the pass that learned from train alone on the validation part. */
import type { Metrics, Protocol } from '../../contract/shapes/protocol.ts'
import { badInput } from '../../contract/errors.ts'
import type { EvaluateResult } from '../../contract/verbs.ts'
import { compareAnn, sampleRows } from '../ann/compare.ts'
import { createExact } from '../ann/exact.ts'
import { annBlocks } from '../model/blocks.ts'
import { fittedParts, mostPopularScorer } from '../evaluation/baselines.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import { evaluateWidths, widthsOf } from '../evaluation/widths.ts'
import { fittedScorer } from '../model/scoring.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { fittedOn, protocolOfRun } from '../protocol/protocol.ts'
import { OpenModel } from '../serving/open-model.ts'
import { asFacts } from './training/facts.ts'
import type { EvaluateJob, JobContext, JobFact } from '../queue/job-types.ts'

/** Queries whose latency and recall are measured one by one. */
const ANN_QUERIES = 2000

export async function* evaluateJob(job: EvaluateJob, { threads, signal }: JobContext): AsyncGenerator<JobFact, EvaluateResult> {
  const { spec, split: part } = job
  if (part === 'validation' && (spec.model === 'item-knn' || spec.model === 'ease')) {
    const text = 'What this run keeps was fitted on the validation part too: its log has what it reached there before. Evaluate it on test.'
    throw badInput(text, 'split')
  }
  const model = await OpenModel.open(job, threads)
  const { dataset } = model
  try {
    if (part === 'validation' && job.ann && fittedOn(spec, dataset.manifest) !== 'train')
      throw badInput('The index holds vectors that were fitted on the validation part too: measure it on test, or leave out --ann.', 'ann')
    const protocol = protocolOfRun(spec, dataset.manifest, part)
    const { k } = job
    const popular = yield* asFacts(
      evaluate({ dataset, protocol, k, scorer: mostPopularScorer(dataset, fittedParts(protocol)), diversity: true }),
      signal,
    )
    const { fitted } = model
    const vectors = fitted.kind === 'item-item' ? null : yield* asFacts(model.vectorsBefore(part), signal)
    const measured = fitted.kind === 'item-item' ? fitted : { ...fitted, users: vectors!.user, items: vectors!.item }
    const scorer = await fittedScorer(measured, dataset, threads)
    const exact = yield* asFacts(evaluate({ dataset, protocol, k, scorer, diversity: true }), signal)
    await scorer.dispose?.()
    const byWidth = yield* asFacts(evaluateWidths({ dataset, protocol, k, model: measured, widths: widthsOf(spec), threads }), signal)
    const ann = job.ann ? { ann: yield* searchIndex(job, model, vectors?.user ?? model.vectors.user, protocol, { threads, signal }) } : {}
    return { run: job.run, metrics: { ...exact.metrics, ...byWidth }, protocol, users: exact.users, baseline: popular.metrics, ...ann }
  } finally {
    await model.dispose()
  }
}

/** The same evaluation through the index, beside its recall against exact search and its latency. */
async function* searchIndex(
  job: EvaluateJob,
  model: OpenModel,
  userVectors: Float32Array,
  exactProtocol: Protocol,
  { threads, signal }: Pick<JobContext, 'threads' | 'signal'>,
): AsyncGenerator<JobFact, NonNullable<EvaluateResult['ann']>> {
  const { dataset, dim } = model
  const index = await model.index()
  const users = heldOut(dataset, exactProtocol).users
  const width = dim * model.interests
  const queries = new Float32Array(users.length * width)
  for (const [row, user] of users.entries()) queries.set(userVectors.subarray(user * width, (user + 1) * width), row * width)
  const k = Math.max(...job.k)
  const exact = await createExact(model.vectors.item, dim, model.metric, { threads })
  const compare = compareAnn(index, exact, sampleRows(queries, dim, ANN_QUERIES), k)
  const { recallVsExact, p50Ms, p99Ms } = yield* asFacts(compare, signal)
  await exact.dispose()
  const protocol = protocolOfRun(job.spec, dataset.manifest, job.split, 'ann')
  const { metrics } = yield* asFacts(
    evaluate({ dataset, protocol, k: job.k, scorer: annBlocks(index, userVectors, model.interests), diversity: true }),
    signal,
  )
  yield metricsFact(protocol, metrics)
  return { k, recallVsExact, p50Ms, p99Ms, metrics }
}

function metricsFact(protocol: Protocol, metrics: Metrics): JobFact {
  return { kind: 'metrics', protocol, metrics }
}
