/**
 * Measures a run on the validation part with the popularity of items as one more dimension of their vectors, by λ: with the vectors that
 * learned from train alone, so that a λ may be chosen by it. At λ 0 they are the run's own, and what is measured is equal to the bit.
 */
import { badInput } from '../../contract/errors.ts'
import type { DialResult } from '../../contract/verbs/dial.ts'
import { evaluate } from '../evaluation/evaluate.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { type FittedModel, fittedScorer } from '../model/scoring.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { DialJob, JobContext, JobFact } from '../queue/job-types.ts'
import { OpenModel } from '../serving/open-model.ts'
import { blended, partOf, popularityPart } from './training/blend-parts.ts'
import { asFacts } from './training/facts.ts'
import { drawUsers } from './training/validation.ts'

/** What the trade is between. */
const TRADE = ['ndcg@20', 'coverage@20'] as const

/** The users measured are drawn once and alike for every run. */
const SEED = 1

export async function* dialJob(job: DialJob, { threads, signal }: JobContext): AsyncGenerator<JobFact, DialResult> {
  const { spec, ask } = job
  const model = await OpenModel.open(job, threads)
  try {
    const { dataset, fitted } = model
    const { manifest } = dataset
    if (fitted.kind !== 'vectors') throw badInput(`A run of ${spec.model} has no vectors that popularity could be added to.`, 'run')
    if (manifest.parts.validation === 0)
      throw badInput(`Dataset ${manifest.name} has no validation part to measure λ on: import it with another split.`, 'run')
    const vectors = yield* asFacts(model.vectorsBefore('validation'), signal)
    const part = await partOf(spec, vectors, threads)
    const popularity = await popularityPart(dataset, ['train'], threads)
    const protocol = protocolOfRun(spec, manifest, 'validation')
    const users = drawUsers(heldOut(dataset, protocol).users, ask.users, SEED)
    const lambdas = [...new Set([0, ...ask.lambdas])].sort((a, b) => a - b)
    const points: { lambda: number; metrics: DialResult['points'][number]['metrics'] }[] = []
    for (const [i, lambda] of lambdas.entries()) {
      yield { kind: 'progress', progress: { stage: 'measure', done: i, total: lambdas.length, unit: 'values', note: `λ ${lambda}` } }
      const dialled: FittedModel =
        lambda === 0
          ? { ...fitted, users: vectors.user, items: vectors.item }
          : blended([{ part, weight: 1 }], [{ part: popularity, weight: lambda }])
      const scorer = await fittedScorer(dialled, dataset, threads)
      try {
        const k = [...new Set([...spec.evaluation.k, 20])]
        const options = { dataset, protocol, k, scorer, users, slices: ['cold', 'head', 'tail'] as const, diversity: true }
        points.push({ lambda, metrics: (yield* asFacts(evaluate(options), signal)).metrics })
      } finally {
        await scorer.dispose?.()
      }
    }
    return { run: job.run, protocol, users: users.length, points: points.map((point) => ({ ...point, isPareto: isPareto(point, points) })) }
  } finally {
    await model.dispose()
  }
}

type Point = Pick<DialResult['points'][number], 'metrics'>

/** Whether no other point is at least as good in both and better in one. */
export function isPareto({ metrics }: Point, points: readonly Point[]): boolean {
  const over =
    (other: Point, least: (a: number, b: number) => boolean): ((name: string) => boolean) =>
    (name) =>
      least(other.metrics[name] ?? 0, metrics[name] ?? 0)
  return !points.some((other) => TRADE.every(over(other, (a, b) => a >= b)) && TRADE.some(over(other, (a, b) => a > b)))
}
