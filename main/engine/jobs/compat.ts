/** Measures two trainings of one model mixed with each other, on the dataset of the second and by its protocol. */
import { badInput } from '../../contract/errors.ts'
import { openDataset } from '../dataset/open.ts'
import { measureCompat } from '../evaluation/compat.ts'
import { heldOut } from '../evaluation/held-out.ts'
import { placedModel } from '../model/placed.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { CompatJob, CompatJobResult, JobContext, JobFact } from '../queue/job-types.ts'
import { asFacts } from './training/facts.ts'
import { drawUsers } from './training/validation.ts'

export async function* compatJob({ a, b, ask }: CompatJob, { threads, signal }: JobContext): AsyncGenerator<JobFact, CompatJobResult> {
  const dataset = await openDataset(b.datasetFolder, b.datasetRecord)
  const { manifest } = dataset
  if (manifest.parts.test === 0)
    throw badInput(`Dataset ${manifest.name} has no test part to measure on: import it with another split.`, 'runs')
  const protocol = protocolOfRun(b.spec, manifest, 'test')
  const [served, next] = [await placedModel(a, dataset), await placedModel(b, dataset)]
  const users = drawUsers(heldOut(dataset, protocol).users, ask.users, ask.seed)
  const options = { dataset, protocol, a: served, b: next, users, k: ask.k, margin: ask.margin, seed: ask.seed, threads }
  const { rotation: _, ...measured } = yield* asFacts(measureCompat(options), signal)
  return { dims: [served.dim, next.dim], protocol, k: ask.k, margin: ask.margin, ...measured }
}
