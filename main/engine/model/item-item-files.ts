/** The item-item weights of a run as NumPy files: row j of the sparse matrix holds what item j adds to the score of other items. */
import { join } from 'node:path'
import { badData } from '../../contract/errors.ts'
import { createNpy, type NpyArray, type NpyDtype, readNpy } from '../files/npy.ts'
import type { ItemItem } from './item-item.ts'
import { type RecordedFiles, runFile } from './run-files.ts'

export const ITEM_ITEM_FILES = {
  offsets: 'item_weights_offsets.npy',
  targets: 'item_weights_targets.npy',
  weights: 'item_weights.npy',
  bias: 'item_bias.npy',
} as const

const DTYPES = { offsets: 'float64', targets: 'int32', weights: 'float32', bias: 'float32' } as const satisfies Record<
  keyof typeof ITEM_ITEM_FILES,
  NpyDtype
>
const PARTS = Object.keys(ITEM_ITEM_FILES) as (keyof typeof ITEM_ITEM_FILES)[]

export async function saveItemItem(folder: string, model: ItemItem): Promise<void> {
  for (const part of PARTS) {
    const values = model[part]
    const file = await createNpy(join(folder, ITEM_ITEM_FILES[part]), DTYPES[part], [values.length])
    await file.append(values as NpyArray<(typeof DTYPES)[typeof part]>)
    await file.commit()
  }
}

/** @throws PylonError not-found; bad-data where the files are not what was written or belong to another number of items */
export async function loadItemItem(run: RecordedFiles, items: number): Promise<ItemItem> {
  const read = async (part: keyof typeof ITEM_ITEM_FILES): ReturnType<typeof readNpy> => readNpy(await runFile(run, ITEM_ITEM_FILES[part]))
  const [offsets, targets, weights, bias] = await Promise.all(PARTS.map(read))
  const fits =
    offsets?.dtype === 'float64' &&
    targets?.dtype === 'int32' &&
    weights?.dtype === 'float32' &&
    bias?.dtype === 'float32' &&
    offsets.data.length === items + 1 &&
    bias.data.length === items &&
    targets.data.length === offsets.data[items] &&
    weights.data.length === offsets.data[items]
  if (!fits) {
    throw badData(`The item weights do not fit ${items} items: the dataset was replaced since. Train the run anew.`, run.runFolder)
  }
  return { items, offsets: offsets.data, targets: targets.data, weights: weights.data, bias: bias.data }
}
