/** Trains a second stage on a run's own lists of the validation part, and measures both stages on the test part. */
import { join } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { RerankResult } from '../../contract/verbs.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import { rerank, type RetrieverStage } from '../evaluation/rerank/rerank.ts'
import { writeJsonFile } from '../files/json-file.ts'
import { OpenModel } from '../serving/open-model.ts'
import { matchingOf } from '../towers/metric.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, RerankJob } from '../queue/job-types.ts'

export async function* rerankJob({ ask, ...place }: RerankJob, { threads, signal }: JobContext): AsyncGenerator<JobFact, RerankResult> {
  const { spec } = place
  const model = await OpenModel.open(place, threads)
  const { manifest } = model.dataset
  const stageOf = async function* (part: Protocol['part']): AsyncGenerator<JobFact, RetrieverStage> {
    return { protocol: protocolOfRun(spec, manifest, part), vectors: yield* asFacts(model.vectorsBefore(part), signal) }
  }
  try {
    if (manifest.parts.validation === 0) {
      throw badInput(`Dataset ${manifest.name} has no validation part to learn from: import it with one.`, 'run')
    }
    const top = Math.min(ask.top, manifest.items)
    const stages = { validation: yield* stageOf('validation'), test: yield* stageOf('test') }
    const stage = rerank({ ...ask, dataset: model.dataset, matching: matchingOf(spec), dim: model.dim, stages, top, threads })
    const found = yield* asFacts(stage, signal)
    const result = { run: ask.run, top, ...found, features: [...found.features] }
    const path = RUN_FILES.reranked
    yield { kind: 'artefact', artefact: { path, ...(await writeJsonFile(join(place.runFolder, path), result)) } }
    return result
  } finally {
    await model.dispose()
  }
}
