/** Where a run and its dataset lie, with what the workspace knows them by: what every job and every question is given of a run. */
import type { Artefact } from '../contract/shapes/artefact.ts'
import type { EventListener } from '../contract/rpc.ts'
import type { JobName, Jobs, RunLocation } from './queue/job-types.ts'
import type { JobOutcome } from './queue/job-outcome.ts'
import type { JobOrder, Queue } from './queue/queue.ts'
import type { RunRow } from './store/runs.ts'
import type { Store } from './store/store.ts'

/** Its records are those of the moment they are looked at; a copy that is sent to a job has those of that moment. */
export function runLocation({ workspace, results, datasets }: Store, { id, dataset, spec }: RunRow): RunLocation {
  return {
    run: id,
    runFolder: workspace.run(id),
    get fileRecords() {
      return results.artefacts(id)
    },
    datasetFolder: workspace.dataset(dataset),
    datasetRecord: datasets.get(dataset),
    spec,
  }
}

/** Records a file of a run, so that it is known again when it is read. */
export function recordFile({ results }: Store, run: string, file: Artefact): void {
  results.addArtefact(run, file)
}

/** Puts the records back that a job which ended by itself has not replaced: it wrote nothing. One that was killed may have. */
type RecallRecords = (outcome: { readonly state: JobOutcome<JobName>['state'] }) => void

/**
 * Forgets the records of files that are about to be written anew: a crash between their writing and their recording would leave files that
 * are refused as damaged. Until they are recorded again they are read as they are.
 */
export function forgetRecords({ results }: Store, run: string, files: readonly string[]): RecallRecords {
  const records = files.flatMap((file) => results.artefact(run, file) ?? [])
  for (const { path } of records) results.removeArtefact(run, path)
  return (outcome) => {
    if (outcome.state !== 'failed' && outcome.state !== 'cancelled') return
    for (const file of records) if (results.artefact(run, file.path) === null) results.addArtefact(run, file)
  }
}

/** Queues a job that writes files of a run anew: they are forgotten when it begins, and recorded again as it tells of them. */
export function addRewriting<J extends JobName>(
  { store, queue, announce }: { readonly store: Store; readonly queue: Queue; readonly announce: EventListener },
  row: RunRow,
  files: readonly string[],
  { input, ...order }: Pick<JobOrder<J>, 'job' | 'threads' | 'settle'> & { readonly input: (place: RunLocation) => Jobs[J]['input'] },
): { job: string } {
  let recall: RecallRecords | null = null
  return queue.add({
    ...order,
    run: row.id,
    input: () => {
      recall = forgetRecords(store, row.id, files)
      return input(runLocation(store, row))
    },
    onFact: (fact) => {
      if (fact.kind === 'artefact') recordFile(store, row.id, fact.artefact)
    },
    ended: (outcome) => {
      recall?.(outcome)
      announce('runs.changed', { run: row.id })
    },
  })
}
