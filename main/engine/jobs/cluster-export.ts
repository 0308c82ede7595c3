/** A training written as a job for a cluster, outside the workspace. */
import { mkdir } from 'node:fs/promises'
import { openDataset } from '../dataset/open.ts'
import { trafficOf } from '../export/cluster/costs.ts'
import { writeClusterJob } from '../export/cluster/write-cluster-job.ts'
import { checkExportFolder } from '../export/export-folder.ts'
import { sizeOf } from '../files/size.ts'
import type { JobContext, JobFact, Jobs } from '../queue/job-types.ts'
import { asFacts } from './training/facts.ts'

/** How many workers the costs are told for. */
const WORKERS = [2, 8, 64]

export async function* clusterExportJob(
  { spec, datasetFolder, datasetRecord, guarded, out: asked, ...rest }: Jobs['cluster-export']['input'],
  { threads, signal, temp }: JobContext,
): AsyncGenerator<JobFact, Jobs['cluster-export']['result']> {
  const out = await checkExportFolder(asked, guarded)
  const dataset = await openDataset(datasetFolder, datasetRecord)
  await mkdir(out, { recursive: true })
  const costs = yield* asFacts(writeClusterJob({ ...rest, spec, dataset, folder: out, threads, temp }), signal)
  const { tableBytes, featureBytes, interactionBytes, stepsPerEpoch, batch } = costs
  return {
    out,
    name: rest.name,
    dataset: dataset.manifest.name,
    bytes: sizeOf(out),
    tableBytes,
    featureBytes,
    interactionBytes,
    stepsPerEpoch,
    batch,
    traffic: WORKERS.map((workers) => ({ workers, ...trafficOf(costs, workers) })),
  }
}
