/** An export of the first numbers of vectors alone, of a run that was trained for it (`training.matryoshka`). */
import { join } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { ExportFormat } from '../../contract/shapes/export.ts'
import type { RunDetail } from '../../contract/shapes/run.ts'
import { atWidth, widthsOf } from '../evaluation/widths.ts'
import { writeNpy } from '../files/npy.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { readMatrix } from '../model/run-vectors.ts'
import { matchingOf } from '../towers/metric.ts'

/** Formats of vectors and nothing that makes or measures them. */
export const VECTOR_FORMATS: readonly ExportFormat[] = [
  'vectors',
  'parquet',
  'jsonl',
  'fvecs',
  'ann',
  'ann-table',
  'pgvector',
  'qdrant',
  'milvus',
  'lancedb',
]

/** @throws PylonError bad-input where the format hands out more than vectors, or the run was not trained for the width */
export function checkWidth(width: number, format: ExportFormat, { spec }: Pick<RunDetail, 'spec'>): void {
  if (!VECTOR_FORMATS.includes(format)) throw badInput(`is for formats of vectors alone: ${VECTOR_FORMATS.join(', ')}.`, 'dim')
  const widths = widthsOf(spec)
  if (widths.includes(width)) return
  throw badInput(
    widths.length === 0
      ? `The run was trained for its whole vectors alone: train one with --set 'training.matryoshka=[${width}]'.`
      : `The run was trained for the first ${widths.join(', ')} numbers of its vectors.`,
    'dim',
  )
}

/** Makes of a folder's vectors, of users and items, their first `width` numbers. */
export async function narrowVectors(folder: string, width: number, { spec }: Pick<RunDetail, 'spec'>): Promise<void> {
  const [user, item] = [join(folder, RUN_FILES.userVectors), join(folder, RUN_FILES.itemVectors)]
  const [users, items] = [await readMatrix(user), await readMatrix(item)]
  const whole = { kind: 'vectors', dim: items.width, users: users.data, items: items.data, matching: matchingOf(spec) } as const
  const narrow = atWidth(whole, width)
  const rows = (data: Float32Array, { width: from }: { width: number }): number => data.length / from
  const write = (path: string, data: Float32Array, count: number): Promise<unknown> =>
    writeNpy(path, 'float32', [count, data.length / count], data as Float32Array<ArrayBuffer>)
  await write(user, narrow.users, rows(users.data, users))
  await write(item, narrow.items, rows(items.data, items))
}

/** What a README says of it. */
export function widthWords(width: number, { metrics }: Pick<RunDetail, 'metrics'>): string[] {
  const figures = ['recall@20', 'ndcg@20'].flatMap((name) => {
    const [narrow, whole] = [metrics[`dim${width}.${name}`], metrics[name]]
    return narrow === undefined || whole === undefined ? [] : [`${name} ${narrow.toFixed(4)} (the whole ${whole.toFixed(4)})`]
  })
  const measured = figures.length === 0 ? '' : ` On the test part they reach ${figures.join(', ')}.`
  return [`Vectors are the first ${width} numbers of the run's own, which was trained so that these retrieve by themselves.${measured}`]
}
