/** Finished runs whose held-out items are ranked, once a run, for what compares them user by user. */
import { badInput, conflict } from '../../contract/errors.ts'
import { isSeeded } from '../../contract/shapes/spec.ts'
import type { EngineContext } from '../engine-context.ts'
import { ranksFile } from '../evaluation/ranks.ts'
import type { RankedFamily, RankedRun, RunToRank } from '../queue/job-types.ts'
import { runLocation } from '../run-location.ts'
import type { RunRow } from '../store/runs.ts'

/** A measured run as a job ranks it. */
export function runToRank({ store }: EngineContext, row: RunRow): RunToRank {
  return { ...runLocation(store, row), protocol: row.protocol! }
}

/** Runs of one family. */
export function familyToRank(context: EngineContext, rows: readonly RunRow[]): RankedFamily {
  return { runs: rows.map((row) => runToRank(context, row)), isRandom: isSeeded(rows[0]!.spec) }
}

/** Remembers the files that a job made, of the runs that are still there. */
export function keepRanked({ store: { results, runs }, announce }: EngineContext, ranked: readonly RankedRun[]): void {
  for (const { run, artefact } of ranked) {
    const isGone = runs.nameOf(run) === null // another process deleted it
    if (isGone || results.artefact(run, artefact.path)?.sha256 === artefact.sha256) continue
    results.addArtefact(run, artefact)
    announce('runs.changed', { run })
  }
}

/** Two runs whose queries can be paired. @throws PylonError where they are one run, or their protocols differ */
export function pairOf(context: EngineContext, asked: readonly string[]): [RunRow, RunRow] {
  const [a, b] = asked.map((run) => measuredRun(context, run)) as [RunRow, RunRow]
  if (a.id === b.id) throw badInput(`Both are run ${a.id}: give two.`, 'runs')
  if (a.protocol !== b.protocol) {
    throw conflict(
      differInFitAlone(a, b)
        ? `Of runs ${a.id} and ${b.id} one was fitted on train alone, the other on train + validation: their numbers do not compare. Train the former again with --set training.finalFit=true.`
        : `Run ${a.id} was measured by protocol ${a.protocol}, run ${b.id} by ${b.protocol}: their numbers do not compare. Train one of them with the dataset and the evaluation of the other.`,
      'runs',
    )
  }
  return [a, b]
}

/** Whether one of two runs of different protocols would have the other's if it had been fitted again on all that comes before the test part. */
function differInFitAlone(a: RunRow, b: RunRow): boolean {
  const isAlone = [a, b].map(({ spec }) => 'training' in spec && !spec.training.finalFit)
  return a.dataset === b.dataset && isAlone[0] !== isAlone[1] && JSON.stringify(a.spec.evaluation) === JSON.stringify(b.spec.evaluation)
}

/** @throws PylonError conflict where the run is not finished, or there was nothing to measure it on */
export function measuredRun({ store }: EngineContext, run: string): RunRow {
  const row = store.runs.resolveFinished(run)
  if (row.protocol !== null && store.datasets.get(row.dataset).parts.test > 0) return row
  throw conflict(`Run ${row.id} has no test metrics: its dataset ${row.dataset} has no test part.`, 'runs')
}

export function hasRanks({ store }: EngineContext, { id, protocol }: RunRow): boolean {
  return protocol !== null && store.results.artefact(id, ranksFile(protocol)) !== null
}
