/**
 * `probes.json`: vectors of users, and the ten items that are best for each by Pylon's exact search. Whoever loads the items asks the
 * store the same and learns what its index misses; items that users have seen are not left out.
 */
import { join } from 'node:path'
import { createExact } from '../../ann/exact.ts'
import { sampleRows } from '../../ann/compare.ts'
import { writeFileAtomic } from '../../files/atomic.ts'
import { RUN_FILES } from '../../model/run-files.ts'
import { readMatrix } from '../../model/run-vectors.ts'
import { type ExportSource, requireRanking } from '../source.ts'
import type { StoreItems } from './items.ts'

const PROBES = 100
const K = 10

export async function writeProbes(source: ExportSource, { ids, dim }: Pick<StoreItems, 'ids' | 'dim'>): Promise<void> {
  const { data: items } = await readMatrix(join(source.runFolder, RUN_FILES.itemVectors))
  // a user of several interests has as many vectors, each a query of its own
  const { data: users } = await readMatrix(join(source.runFolder, RUN_FILES.userVectors))
  const vectors = sampleRows(users, dim, PROBES)
  const k = Math.min(K, ids.length)
  const search = await createExact(items, dim, requireRanking(source).metric, { threads: source.threads })
  try {
    const { keys } = await search.search(vectors, { k })
    const probes = Array.from({ length: vectors.length / dim }, (_, row) => ({
      vector: Array.from(vectors.subarray(row * dim, (row + 1) * dim)),
      items: Array.from(keys.subarray(row * k, (row + 1) * k), (key) => ids[key]!),
    }))
    await writeFileAtomic(join(source.folder, 'probes.json'), `${JSON.stringify(probes)}\n`)
  } finally {
    await search.dispose()
  }
}
