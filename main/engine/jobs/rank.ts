/** Ranks the held-out items of finished runs, each once: what is there already is left. The files are named after their protocol. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { badData } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import { fittedScorer } from '../model/scoring.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { HeldOut } from '../evaluation/held-out.ts'
import { loadRanks, ranksFile, rankHeldOut, saveRanks } from '../evaluation/ranks.ts'
import { sha256File } from '../files/atomic.ts'
import { OpenModel } from '../serving/open-model.ts'
import { runFile } from '../model/run-files.ts'
import { asFacts } from './training/facts.ts'
import type { JobContext, JobFact, RankedRun, RankJob, RunToRank } from '../queue/job-types.ts'

export async function* rankJob({ runs }: RankJob, context: JobContext): AsyncGenerator<JobFact, RankedRun[]> {
  const ranked: RankedRun[] = []
  for (const run of runs) ranked.push(yield* rankRun(run, context))
  return ranked
}

/** One run. @throws PylonError bad-data where its dataset was replaced since, or its ranks are not what was written */
export async function* rankRun(run: RunToRank, { threads, signal }: JobContext): AsyncGenerator<JobFact, RankedRun> {
  const path = ranksFile(run.protocol)
  const recorded = run.fileRecords.find((each) => each.path === path)
  if (recorded !== undefined && existsSync(join(run.runFolder, path))) {
    await runFile(run, path)
    return { run: run.run, artefact: recorded }
  }
  const model = await OpenModel.open(run, threads)
  try {
    const { dataset } = model
    const protocol = testProtocol(run, dataset.manifest)
    const scorer = await fittedScorer(model.fitted, dataset, threads)
    try {
      const ranks = yield* asFacts(rankHeldOut({ dataset, protocol, scorer }), signal)
      await saveRanks(run.runFolder, protocol, ranks)
    } finally {
      await scorer.dispose?.()
    }
  } finally {
    await model.dispose()
  }
  return { run: run.run, artefact: { path, ...(await sha256File(join(run.runFolder, path))) } }
}

/** What was ranked, read from its file. */
export async function ranksOf({ runFolder }: RunToRank, { artefact }: RankedRun, held: HeldOut): Promise<Int32Array> {
  return loadRanks(await runFile({ runFolder, fileRecords: [artefact] }, artefact.path), held)
}

/** The protocol a run was measured by on the test part. @throws PylonError bad-data where it is not what the dataset gives now */
export function testProtocol({ run, spec, protocol: hash }: RunToRank, manifest: DatasetManifest): Protocol {
  const protocol = protocolOfRun(spec, manifest, 'test')
  if (protocol.hash === hash) return protocol
  throw badData(`Run ${run} was measured by protocol ${hash}, but its dataset now gives ${protocol.hash}: train it anew.`)
}
