/** What a job for a cluster takes, as text. */
import { shellWord } from '../../contract/shell-word.ts'
import type { ClusterExportResult } from '../../contract/verbs/cluster.ts'
import { bytes, count, counted, pairs, right, style, table } from '../table.ts'

export function showClusterJob(job: ClusterExportResult): string {
  return [
    pairs([
      ['job', `${style('bold', job.out)}, ${bytes(job.bytes)}: ${job.name} on ${job.dataset}`],
      ['tables', `${bytes(job.tableBytes)} over all shards, with what the optimizer keeps`],
      ['a worker', `${bytes(job.featureBytes)} of features, and its share of ${bytes(job.interactionBytes)} of interactions`],
      ['an epoch', `${counted(job.stepsPerEpoch, 'steps')} of ${count(job.batch)} examples`],
    ]),
    '',
    table(
      [right('workers'), right('rows of tables a step, all'), right('item vectors, each'), right('dense gradients, each')],
      job.traffic.map(({ workers, tables, vectors, dense }) => [count(workers), bytes(tables), bytes(vectors), bytes(dense)]),
    ),
    '',
    `python ${shellWord(`${job.out}/run_job.py`)} --workers 2 --shards 2    (README.md there: torchrun, Ray, KubeRay)`,
    `pylon follow ${shellWord(job.out)}`,
  ].join('\n')
}
