/** Makes the feature ledger of a two-tower: permutations of its columns, and what the trials of its ablation left. It stays with the run. */
import { join } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { LedgerResult } from '../../contract/verbs/ledger.ts'
import { openDataset } from '../dataset/open.ts'
import { heldOut, type HeldOut } from '../evaluation/held-out.ts'
import { ledgerOf, type Trained } from '../evaluation/ledger/ledger.ts'
import { permuteColumns } from '../evaluation/ledger/permutation.ts'
import { loadRanks, metricAt } from '../evaluation/ranks.ts'
import { writeJsonFile } from '../files/json-file.ts'
import { type RecordedFiles, RUN_FILES, runFile } from '../model/run-files.ts'
import { RunTowers, TRAIN_TOWERS } from '../model/towers.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { AblationTrial, JobContext, JobFact, LedgerJob } from '../queue/job-types.ts'
import { asFacts } from './training/facts.ts'
import { drawUsers } from './training/validation.ts'

export async function* ledgerJob(
  { ask, trials, ablation, ...place }: LedgerJob,
  { threads, signal }: JobContext,
): AsyncGenerator<JobFact, LedgerResult> {
  const { spec } = place
  if (spec.model !== 'two-tower') throw badInput(`A run of ${spec.model} reads no columns: ask for the ledger of a two-tower.`, 'run')
  const metric = metricAt(ask.metric)
  const dataset = await openDataset(place.datasetFolder, place.datasetRecord)
  const protocol = protocolOfRun(spec, dataset.manifest, ask.split)
  const towers = await openTowers(place, spec, ask.split, threads)
  try {
    const users = drawUsers(heldOut(dataset, protocol).users, ask.users, ask.seed)
    if (users.length === 0) throw badInput(`Dataset ${dataset.manifest.name} has no ${ask.split} part to measure on.`, 'split')
    const options = { dataset, protocol, towers, matching: spec.match, users, repeats: ask.repeats, seed: ask.seed, threads }
    const permutations = yield* asFacts(permuteColumns(options), signal)
    const validation = protocolOfRun(spec, dataset.manifest, 'validation')
    const held = heldOut(dataset, validation)
    const trained: Trained[] = []
    for (const trial of trials) trained.push(await trainedOf(trial, held))
    const result = {
      run: place.run,
      metric: ask.metric,
      protocol,
      users: users.length,
      repeats: ask.repeats,
      ...ledgerOf({ dataset, protocol, metric, permutations, held, trained }),
      ablation,
    }
    const path = RUN_FILES.ledger
    yield { kind: 'artefact', artefact: { path, ...(await writeJsonFile(join(place.runFolder, path), result)) } }
    return result
  } finally {
    await towers.dispose()
  }
}

/** Towers that have learned nothing from a part. @throws PylonError bad-input where the run keeps none */
export function openTowers(place: RecordedFiles, spec: TwoTowerSpec, part: 'validation' | 'test', threads: number): Promise<RunTowers> {
  if (part === 'test' || !spec.training.finalFit) return RunTowers.open(place, spec, threads)
  if (place.fileRecords.some(({ path }) => path === TRAIN_TOWERS.weights)) return RunTowers.open(place, spec, threads, TRAIN_TOWERS)
  throw badInput(
    'What this run keeps has learned from the validation part too (Pylon before 0.7 kept no towers of train alone): train it again, or ask for --split test.',
    'run',
  )
}

async function trainedOf({ place, ...trial }: AblationTrial, held: HeldOut): Promise<Trained> {
  if (place === null) return { ...trial, ranks: null }
  const path = place.fileRecords.find((file) => file.path.startsWith('ranks-'))?.path
  if (path === undefined) return { ...trial, ranks: null, error: 'Its ranks are gone.' }
  return { ...trial, ranks: await loadRanks(await runFile(place, path), held) }
}
