/** A training written as a job for a cluster, outside the workspace. */
import { rm } from 'node:fs/promises'
import type { ClusterExportResult } from '../../contract/verbs/cluster.ts'
import { openDataset } from '../dataset/open.ts'
import { type ClusterCosts, trafficOf } from '../export/cluster/costs.ts'
import { writeClusterJob } from '../export/cluster/write-cluster-job.ts'
import { checkExportFolder, settle } from '../export/export-folder.ts'
import { temporaryPathFor } from '../files/atomic.ts'
import { makeFolders } from '../files/error-code.ts'
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
  const part = temporaryPathFor(out)
  try {
    makeFolders(part, 0o777)
    const costs = yield* asFacts(writeClusterJob({ ...rest, spec, dataset, folder: part, threads, temp }), signal)
    await settle(part, out)
    return told(out, rest.name, dataset.manifest.name, costs)
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

function told(out: string, name: string, dataset: string, costs: ClusterCosts): ClusterExportResult {
  const { tableBytes, featureBytes, interactionBytes, stepsPerEpoch, batch } = costs
  return {
    out,
    name,
    dataset,
    bytes: sizeOf(out),
    tableBytes,
    featureBytes,
    interactionBytes,
    stepsPerEpoch,
    batch,
    traffic: WORKERS.map((workers) => ({ workers, ...trafficOf(costs, workers) })),
  }
}
