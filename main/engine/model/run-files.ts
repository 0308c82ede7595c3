/**
 * The files of a finished run's folder: what each is called is said once, here. They are read by the paths that {@link runFile} gives,
 * after they were compared with what the workspace recorded of them.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { Artefact } from '../../contract/shapes/artefact.ts'
import type { RunSpec } from '../../contract/shapes/spec.ts'
import { verifiedPath } from '../files/verified.ts'

export const RUN_FILES = {
  spec: 'spec.json',
  encoders: 'encoders.json',
  weights: 'weights.safetensors',
  userVectors: 'user_vectors.npy',
  userIds: 'user_ids.json',
  itemVectors: 'item_vectors.npy',
  /** of the pass that learned from train alone, users as of its end: what is chosen by the validation part goes by these */
  trainUserVectors: 'train_user_vectors.npy',
  trainItemVectors: 'train_item_vectors.npy',
  /** the towers of that pass, where the run was fitted again */
  trainEncoders: 'train_encoders.json',
  trainWeights: 'train_weights.safetensors',
  itemIds: 'item_ids.json',
  index: 'item.index',
  protocol: 'protocol.json',
  metrics: 'metrics.json',
  userTower: 'user_tower.onnx',
  itemTower: 'item_tower.onnx',
  /** what a blend is made of; beside it a folder for each of its runs */
  blend: 'blend.json',
  /** the newest measurement of a second stage; only where one was asked for */
  reranked: 'reranked.json',
  /** the newest ledger; only where one was asked for */
  ledger: 'ledger.json',
  /** the newest layout of its items by neighbourhoods, and how it was made; only where one was asked for */
  mapPlaces: 'map.npy',
  mapFacts: 'map.json',
} as const

/** What the vectors of its epochs lie in. */
export const EPOCHS = 'epochs'

/** What other indexes than a run's own lie in, and the curve that was measured last. */
export const INDEXES = 'indexes'
export const ANN_CURVE_FILE = `${INDEXES}/curve.json`

/** A finished run and its dataset: where they lie, and what the workspace knows them by. Plain data. */
export interface RunFolders {
  readonly runFolder: string
  /** of the files in `runFolder`; in the engine those of the moment */
  readonly fileRecords: readonly Artefact[]
  readonly datasetFolder: string
  /** null: the manifest in its folder is taken as it is, since the folder was checked as a whole (a bundle's) */
  readonly datasetRecord: DatasetManifest | null
  readonly spec: RunSpec
}
export type RecordedFiles = Pick<RunFolders, 'runFolder' | 'fileRecords'>

/** The path of a run's file, which is what was written. @throws PylonError not-found, bad-data naming the file and what to do */
export function runFile({ runFolder, fileRecords }: RecordedFiles, name: string): Promise<string> {
  return verifiedPath(runFolder, fileRecords, name, remedyOf(name))
}

/** As {@link runFile} of a file that not every run has; null where it is not there, and as it is where nothing was recorded of it. */
export async function optionalRunFile(run: RecordedFiles, name: string): Promise<string | null> {
  if (run.fileRecords.some(({ path }) => path === name)) return runFile(run, name)
  const path = join(run.runFolder, name)
  return existsSync(path) ? path : null
}

function remedyOf(name: string): string {
  if (name === ANN_CURVE_FILE) return 'Measure the curve again: pylon curve.'
  if (name === RUN_FILES.mapPlaces || name === RUN_FILES.mapFacts) return 'Lay it out again: pylon map.'
  if (name === RUN_FILES.reranked) return 'Measure the second stage again: pylon rerank.'
  if (name.startsWith('ranks-')) return 'Delete it: it is made again when it is needed.'
  if (name.startsWith(`${EPOCHS}/`)) return 'Restore it from a backup, train the run again, or ask without epochs: --epochs 0.'
  if (name.startsWith(`${INDEXES}/`)) return 'Build the index again in its place: pylon index --replace.'
  if (name.startsWith(RUN_FILES.index))
    return 'Restore it from a backup, train the run again, or build another index beside it: pylon index.'
  return 'Restore it from a backup, or train the run again.'
}
