/** Compares the finals of a search by the ranks that their trials left. */
import { openDataset } from '../dataset/open.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { loadRanks, metricAt, ranksFile } from '../evaluation/ranks.ts'
import { runFile } from '../model/run-files.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { Jobs, JobFact } from '../queue/job-types.ts'
import { verdictOf } from '../search/verdict.ts'

// eslint-disable-next-line require-yield -- it is done before there is progress to tell
export async function* finalsJob({ finals, metric }: Jobs['finals']['input']): AsyncGenerator<JobFact, Jobs['finals']['result']> {
  const { datasetFolder, datasetRecord, spec } = finals[0]!.places[0]!
  const dataset = await openDataset(datasetFolder, datasetRecord)
  const protocol = protocolOfRun(spec, dataset.manifest, 'validation')
  const held = heldOut(dataset, protocol)
  const read = await Promise.all(
    finals.map(async ({ trial, places }) => ({
      trial,
      runs: places.map(({ run }) => run),
      ranks: await Promise.all(places.map(async (place) => loadRanks(await runFile(place, ranksFile(protocol.hash)), held))),
    })),
  )
  return verdictOf(held, read, metricAt(metric))
}
