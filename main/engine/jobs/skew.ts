/** Compares the requests of a server with the held-out queries of its run. */
import { badInput } from '../../contract/errors.ts'
import type { SkewResult } from '../../contract/verbs/skew.ts'
import { openDataset } from '../dataset/open.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { metricAt } from '../evaluation/ranks.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { JobContext, JobFact, SkewJob } from '../queue/job-types.ts'
import { readRequests } from '../serving/skew/log.ts'
import { measureSkew } from '../serving/skew/measure.ts'
import { openTowers } from './ledger.ts'
import { asFacts } from './training/facts.ts'
import { drawUsers } from './training/validation.ts'

export async function* skewJob({ ask, spec, ...place }: SkewJob, { threads, signal }: JobContext): AsyncGenerator<JobFact, SkewResult> {
  if (spec.model !== 'two-tower') throw badInput(`A run of ${spec.model} reads no features: skew is of a two-tower.`, 'run')
  const metric = metricAt(ask.metric)
  const requests = await readRequests(ask.log)
  const dataset = await openDataset(place.datasetFolder, place.datasetRecord)
  const protocol = protocolOfRun(spec, dataset.manifest, 'validation')
  const users = drawUsers(heldOut(dataset, protocol).users, ask.users, ask.seed)
  if (users.length === 0)
    throw badInput(`Dataset ${dataset.manifest.name} has no validation part to measure on: import it with another split.`, 'run')
  const towers = await openTowers(place, spec, 'validation', threads)
  try {
    const options = { dataset, protocol, towers, matching: spec.match, users, metric, seed: ask.seed, threads }
    return { run: place.run, metric: ask.metric, protocol, ...(yield* asFacts(measureSkew(options, requests), signal)) }
  } finally {
    await towers.dispose()
  }
}
