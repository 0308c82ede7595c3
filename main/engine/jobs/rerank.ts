/** Trains a second stage on a run's own lists of the validation part, and measures both stages on the test part. */
import { join } from 'node:path'
import { PylonError } from '../../contract/errors.ts'
import type { RerankResult } from '../../contract/verbs.ts'
import { rerank } from '../evaluation/rerank/rerank.ts'
import { writeJsonFile } from '../files/json-file.ts'
import { OpenModel } from '../serving/open-model.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, RerankJob } from '../queue/job-types.ts'

export async function* rerankJob({ ask, ...place }: RerankJob, { threads, signal }: JobContext): AsyncGenerator<JobFact, RerankResult> {
  const { spec } = place
  if (spec.model !== 'two-tower')
    throw new PylonError('bad-input', `A run of ${spec.model} has no lists from before its validation part; ask a two-tower.`, 'run')
  if (spec.training.finalFit) {
    throw new PylonError(
      'bad-input',
      'The final fit of this run knows the validation part, from which the second stage learns. Train one with training.finalFit=false.',
      'run',
    )
  }
  const model = await OpenModel.open(place, threads)
  const { manifest } = model.dataset
  try {
    if (manifest.parts.validation === 0) {
      throw new PylonError('bad-input', `Dataset ${manifest.name} has no validation part to learn from: import it with one.`, 'run')
    }
    const top = Math.min(ask.top, manifest.items)
    const usersAsOf = { validation: yield* asFacts(model.userVectorsAsOf('train'), signal), test: model.vectors.user }
    const { seen, events } = spec.evaluation
    const { dim, dataset } = model
    const stage = rerank({ ...ask, dataset, seen, events, matching: spec.match, dim, items: model.vectors.item, usersAsOf, top, threads })
    const found = yield* asFacts(stage, signal)
    const result = { run: ask.run, top, ...found, features: [...found.features] }
    const path = RUN_FILES.reranked
    yield { kind: 'artefact', artefact: { path, ...(await writeJsonFile(join(place.runFolder, path), result)) } }
    return result
  } finally {
    await model.dispose()
  }
}
