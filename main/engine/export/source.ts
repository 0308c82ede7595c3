/** The input of every export format: the run, its folders, and what a format may require of them. */
import { badInput, conflict, type PylonError } from '../../contract/errors.ts'
import type { DatasetManifest } from '../../contract/shapes/dataset.ts'
import type { Protocol } from '../../contract/shapes/protocol.ts'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { type IndexedSpec, isIndexed, type TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Dataset } from '../dataset/dataset.ts'
import { openDataset } from '../dataset/open.ts'
import type { Rotation } from '../model/placed.ts'
import { Towers } from '../model/towers.ts'
import { protocolOfRun } from '../protocol/protocol.ts'
import type { Ranking } from './ranking.ts'

/** What a format makes its files of. */
export interface ExportSource {
  /** where to write; not yet at its place */
  readonly folder: string
  /** the verified copies of the files that the format takes */
  readonly runFolder: string
  readonly run: RunDetail
  readonly datasetFolder: string
  readonly datasetRecord: DatasetManifest | null
  readonly pylon: string
  readonly threads: number
  /** how the vectors rank; null where a format hands out none */
  readonly ranking: Ranking | null
  /** an empty folder, for what is needed on the way */
  readonly temp: string
  /** a bundle carries the sentence models of its text features however large they are */
  readonly allEncoders?: boolean | undefined
  /** ONNX towers come with int8 weights too */
  readonly int8?: boolean | undefined
  /** of vectors their first numbers alone; left out: the whole */
  readonly dim?: number | undefined
  /** vectors and towers are turned by it, onto another run's */
  readonly rotation?: Rotation | undefined
}

/** How the vectors rank, in a format that says so. */
export function requireRanking({ ranking }: Pick<ExportSource, 'ranking'>): Ranking {
  if (ranking === null) throw new Error('This format was not said to rank.')
  return ranking
}

/** The spec of a run that was trained as one model. @throws PylonError bad-input for a baseline, and for a blend */
export function requireTwoTower({ run }: { readonly run: Pick<RunDetail, 'spec'> }): TwoTowerSpec {
  if (run.spec.model === 'two-tower') return run.spec
  if (run.spec.model === 'blend')
    throw badInput(
      `A project trains one model, and a blend is made of several: export ${run.spec.runs.join(' and ')}, or the blend as onnx or as a bundle.`,
      'run',
    )
  throw badInput(`A run of ${run.spec.model} has no towers: export it as vectors.`, 'run')
}

/** The spec of a run that has towers and an index. @throws PylonError bad-input for a baseline */
export function requireIndexed({ run }: { readonly run: Pick<RunDetail, 'spec'> }): IndexedSpec {
  return isIndexed(run.spec) ? run.spec : requireTwoTower({ run })
}

/** The towers of the run's copied files. @throws PylonError bad-input for a baseline, or a blend that one is part of */
export function openTowers({ run, runFolder }: Pick<ExportSource, 'run' | 'runFolder'>): Promise<Towers> {
  return Towers.open({ runFolder, fileRecords: run.artefacts }, requireIndexed({ run }), 1)
}

/**
 * The dataset of a run, and the protocol that it was measured by on the test part.
 * @param without what is said where there is no such part; thrown as unavailable
 * @throws PylonError conflict where the dataset is another one now
 */
export async function openMeasured(
  { run, datasetFolder, datasetRecord }: Pick<ExportSource, 'run' | 'datasetFolder' | 'datasetRecord'>,
  without: PylonError,
): Promise<{ dataset: Dataset; protocol: Protocol }> {
  const dataset = await openDataset(datasetFolder, datasetRecord)
  if (dataset.manifest.parts.test === 0 || Object.keys(run.metrics).length === 0) throw without
  const protocol = run.protocol ?? protocolOfRun(run.spec, dataset.manifest, 'test')
  checkSameDataset(protocol, dataset.manifest, datasetFolder)
  return { dataset, protocol }
}

/** @throws PylonError conflict where the run was measured on another dataset of that name */
export function checkSameDataset(
  { datasetChecksum }: Pick<Protocol, 'datasetChecksum'>,
  { name, checksum }: Pick<DatasetManifest, 'name' | 'checksum'>,
  folder: string,
): void {
  if (datasetChecksum !== checksum)
    throw conflict(`Dataset "${name}" was replaced since this run was trained on it: train the run again.`, folder)
}
