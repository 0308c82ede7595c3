/** Mines hard negatives by the present model, where a spec asks for them and an epoch is due. */
import { createExact } from '../../ann/exact.ts'
import { metricOf } from '../../towers/metric.ts'
import { drain } from '../../files/drain.ts'
import { embedItems, embedUsers, type TrainingSetup } from '../../training/loop/setup.ts'

const BLOCK = 256

/** Costs an embedding of all users and items and an exact search of the whole catalogue; nothing where it is not due. */
export async function mineNegatives(phase: TrainingSetup, epoch: number, threads: number): Promise<void> {
  const { mined, spec, model } = phase
  if (mined?.isDue(epoch) !== true) return
  const { offsets, items: seen } = phase.positives.seenItems
  const users = await drain(embedUsers(phase, 'train', threads))
  const items = await drain(embedItems(phase, threads))
  const { dim } = model
  const search = await createExact(items, dim, metricOf(spec.match), { threads })
  const k = Math.min(mined.toRank, search.items)
  try {
    for (let from = 0; from < users.length / dim; from += BLOCK) {
      const queries = users.subarray(from * dim, Math.min(users.length, (from + BLOCK) * dim))
      const excluded = (row: number): Int32Array => seen.subarray(offsets[from + row], offsets[from + row + 1])
      const { keys } = await search.search(queries, { k, excluded })
      for (let row = 0; row < queries.length / dim; row++) mined.keep(from + row, keys.subarray(row * k, (row + 1) * k), epoch)
    }
  } finally {
    await search.dispose()
  }
}
