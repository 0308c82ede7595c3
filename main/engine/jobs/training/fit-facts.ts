/** What a fit tells of its loop: steps and epochs as facts, a collapse as a warning, and whether a trial goes on. */
import type { EpochRow } from '../../../contract/shapes/run.ts'
import { collapseOf, ranksWell } from '../../evaluation/geometry.ts'
import type { JobFact } from '../../queue/job-types.ts'
import type { TrainingEvent } from '../../training/loop/run.ts'
import type { TrainingSetup } from '../../training/loop/setup.ts'
import type { Gate } from '../../search/stopping.ts'
import type { Measures } from './validation.ts'

/** Epochs and steps that a phase’s own are counted on from. */
export interface Before {
  readonly epochs: number
  readonly steps: number
}

/** Whether a trial goes on past the epochs it has behind it. */
export function passes({ gates, metric }: { readonly gates: readonly Gate[]; readonly metric: string }, log: readonly EpochRow[]): boolean {
  const gate = gates.find(({ epoch }) => epoch === log.length)
  if (gate === undefined) return true
  return gate.atLeast !== null && Math.max(...log.map(({ validation }) => validation[metric] ?? -Infinity)) >= gate.atLeast
}

/** What is wrong with the model after an epoch; null where nothing is, or its lists are good all the same. */
export async function collapse(
  { spec, state }: TrainingSetup,
  { validation: of }: EpochRow,
  { popular }: Measures,
): Promise<string | null> {
  const before = state.counters.log.at(-2)?.validation ?? null
  const alarm = collapseOf(of, before)
  if (alarm === null || popular === null) return alarm
  const metric = spec.training.earlyStopping?.metric ?? 'ndcg@20'
  return ranksWell(metric, { of, before, popular: await popular() }) ? null : alarm
}

/** Epochs and steps of a final fit are counted on from those before it. */
export function* factsOf(event: TrainingEvent, before: Before, { epochs, stage }: { epochs: number; stage: string }): Generator<JobFact> {
  if (event.kind === 'epoch') {
    yield { kind: 'epoch', row: { ...event.row, epoch: event.row.epoch + before.epochs } }
    return
  }
  const rows = event.losses.map((row) => ({ ...row, step: row.step + before.steps, epoch: row.epoch + before.epochs }))
  if (rows.length > 0) yield { kind: 'steps', rows }
  const epoch = Math.min(epochs, Math.floor((event.examplesDone / event.examplesTotal) * epochs) + 1)
  yield {
    kind: 'progress',
    progress: { stage, done: event.examplesDone, total: event.examplesTotal, unit: 'examples', note: `epoch ${epoch}/${epochs}` },
  }
}

export function warning(text: string): JobFact {
  return { kind: 'message', level: 'warning', text }
}
