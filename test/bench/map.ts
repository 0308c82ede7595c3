/**
 * The map by neighbourhoods of very many items: UMAP of a seeded 20,000 of them, all others placed by their nearest, groups named. Vectors of
 * width 64 in 40 clouds, with titles of three words; what it takes is told stage by stage. 1,000,000 items where no amount is given.
 */
import os from 'node:os'
import { layoutOptions } from '../../main/contract/verbs/map.ts'
import { mapLayout } from '../../main/engine/serving/map/layout.ts'
import type { OpenModel } from '../../main/engine/serving/open-model.ts'
import { numbers } from '../helpers/numbers.ts'

const [DIM, CLOUDS, USERS] = [64, 40, 20_000]
const WORDS = ['oak', 'lamp', 'chair', 'blue', 'river', 'loft', 'garden', 'sun', 'stone', 'quiet', 'north', 'harbour']

export async function benchMap(items = 1_000_000): Promise<void> {
  const [centres, vectors, users] = [numbers(CLOUDS * DIM, 1), numbers(items * DIM, 2), numbers(USERS * DIM, 3)]
  for (let i = 0; i < vectors.length; i++) vectors[i] = 3 * centres[(((i / DIM) % CLOUDS) | 0) * DIM + (i % DIM)]! + vectors[i]!
  const titleOf = (item: number): string => [item % CLOUDS, item >> 4, item >> 7].map((n) => WORDS[n % WORDS.length]!).join(' ')
  // what a layout reads of an open model; a real one of so many items takes hours to train
  const catalogue = { dataset: { manifest: { itemColumns: [] } }, titles: () => Promise.resolve(titleOf) }
  const model = { dim: DIM, interests: 1, metric: 'cosine', vectors: { user: users, item: vectors }, catalogue } as unknown as OpenModel
  const stages = new Map<string, number>()
  const began = performance.now()
  let [stage, since, peak] = ['', began, 0]
  const enter = (next: string): void => {
    const now = performance.now()
    peak = Math.max(peak, process.memoryUsage().rss)
    if (stage !== '') stages.set(stage, (stages.get(stage) ?? 0) + now - since)
    ;[stage, since] = [next, now]
  }
  const layout = mapLayout(model, layoutOptions.parse({}), os.availableParallelism())
  for (let step = await layout.next(); ; step = await layout.next()) {
    enter(step.done === true ? '' : step.value.stage)
    if (step.done !== true) continue
    for (const [name, ms] of stages) console.log(`${name.padEnd(20)} ${(ms / 1000).toFixed(1).padStart(7)} s`)
    console.log(`${'all'.padEnd(20)} ${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s`)
    const own = (vectors.byteLength + users.byteLength) / 2 ** 20
    console.log(
      `peak memory ${(peak / 2 ** 20).toFixed(0)} MiB, of it ${own.toFixed(0)} MiB the vectors; ${step.value.facts.labels.length} groups have names`,
    )
    return
  }
}
