/** Vectors and ids as a run's files hold them. What reads them checks here that they fit each other, and the dataset. */
import { readFile } from 'node:fs/promises'
import { badData } from '../../contract/errors.ts'
import type { Side } from '../dataset/dataset.ts'
import { tryParseJson } from '../files/json-file.ts'
import { readNpy } from '../files/npy.ts'
import { type RecordedFiles, RUN_FILES, runFile } from './run-files.ts'

/** [rows × width] */
export interface Matrix {
  readonly data: Float32Array
  readonly rows: number
  readonly width: number
}

/**
 * Reads a matrix of float32.
 * @param rows how many there must be; null: as many as there are
 * @throws PylonError not-found, bad-data
 */
export async function readMatrix(path: string, rows: number | null = null): Promise<Matrix> {
  const { dtype, shape, data } = await readNpy(path)
  const [count, width] = shape
  if (dtype === 'float32' && shape.length === 2 && count !== undefined && width !== undefined && (rows === null || count === rows))
    return { data, rows: count, width }
  const wanted = rows === null ? 'rows' : `${rows} rows`
  throw badData(
    `It holds ${dtype} of shape (${shape.join(', ')}), not ${wanted} of float32: the dataset was replaced since. Train the run anew.`,
    path,
  )
}

/** @throws PylonError bad-data where it is no list of ids */
export async function readIds(path: string): Promise<string[]> {
  const ids = tryParseJson(await readFile(path, 'utf8'))
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string')) throw badData('It is no list of ids.', path)
  return ids
}

export const TRAIN_VECTORS = [RUN_FILES.trainUserVectors, RUN_FILES.trainItemVectors] as const

/** The vectors of a run: of users [users × interests·dim], of items [items × dim]. */
export interface RunVectors extends Readonly<Record<Side, Float32Array>> {
  readonly dim: number
}

/**
 * @param of the run's own, or those of the pass that learned from train alone
 * @throws PylonError not-found or bad-data where they are not what was written, or not of so many users and items
 */
export async function loadVectors(
  run: RecordedFiles,
  count: Readonly<Record<Side, number>>,
  of: 'test' | 'validation' = 'test',
): Promise<RunVectors> {
  const files = of === 'test' ? ([RUN_FILES.userVectors, RUN_FILES.itemVectors] as const) : TRAIN_VECTORS
  const paths = await Promise.all([runFile(run, files[0]), runFile(run, files[1])])
  const user = await readMatrix(paths[0], count.user)
  const item = await readMatrix(paths[1], count.item)
  if (user.width % item.width !== 0) throw badData('Vectors of users and items are not of one run.', run.runFolder)
  return { dim: item.width, user: user.data, item: item.data }
}
