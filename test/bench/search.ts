/**
 * Exact search of 20 items for each of Gowalla's 29,858 users among 40,981 items at d 64 (random vectors: the time does not depend on
 * them), and a whole evaluation's ranks, beside Faiss' IndexFlatIP on the same vectors and threads.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import { join } from 'node:path'
import { createExact } from '../../main/engine/ann/exact.ts'
import { writeNpy } from '../../main/engine/files/npy.ts'
import { exactBlocks } from '../../main/engine/model/blocks.ts'
import { vectorScorer } from '../../main/engine/model/scoring.ts'
import { numbers } from '../helpers/numbers.ts'
import { libraries, paired } from './libraries.ts'
import { time } from './step.ts'

const [USERS, ITEMS, DIM, K, ROUNDS] = [29_858, 40_981, 64, 20, 3]
/** of each user, about Gowalla's mean */
const HELD_OUT = 7

export async function benchSearch(): Promise<void> {
  const folder = await mkdtemp(join(os.tmpdir(), 'pylon-bench-'))
  const threads = os.availableParallelism()
  const [queries, items] = [numbers(USERS * DIM, 1), numbers(ITEMS * DIM, 2)]
  await writeNpy(join(folder, 'queries.npy'), 'float32', [USERS, DIM], queries as Float32Array<ArrayBuffer>)
  await writeNpy(join(folder, 'items.npy'), 'float32', [ITEMS, DIM], items as Float32Array<ArrayBuffer>)
  const [exact, scorer, python] = [
    await createExact(items, DIM, 'dot', { threads }),
    await vectorScorer({ userVectors: queries, itemVectors: items, dim: DIM, threads }),
    libraries(threads),
  ]
  const ranked = async (): Promise<void> => {
    const blocks = exactBlocks(scorer, ITEMS)
    for (let from = 0; from < USERS; from += blocks.blockSize) {
      const users = Int32Array.from({ length: Math.min(blocks.blockSize, USERS - from) }, (_, row) => from + row)
      const held = Int32Array.from({ length: users.length * HELD_OUT }, (_, i) => (i * 7919 + from) % ITEMS)
      const offsets = Int32Array.from({ length: users.length + 1 }, (_, row) => row * HELD_OUT)
      const question = { offsets, items: held, ranks: new Int32Array(held.length) }
      await blocks.retrieve({ users, depth: K, lists: new Int32Array(users.length * K), seen: null, question })
    }
  }
  try {
    console.log(`  ${threads} threads, load ${os.loadavg()[0]!.toFixed(1)}; theirs: Faiss IndexFlatIP`)
    const faiss = (): Promise<number | string> => python.time('search', folder)
    await paired(`${K} of ${ITEMS} items for ${USERS} users`, ROUNDS, () => time(() => exact.search(queries, { k: K })), faiss)
    await paired(`the same with the ranks of ${HELD_OUT} items a user`, ROUNDS, () => time(ranked), faiss)
  } finally {
    await Promise.all([exact.dispose(), scorer.dispose(), python.close()])
    await rm(folder, { recursive: true, force: true })
  }
}
