/** Which epochs stay: never more than there is room for, never without the best, evenly, and none that was let go before. */
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EpochKeeper } from '../../../main/engine/jobs/training/epochs.ts'
import { epochBytes, epochsIn, epochsToKeep } from '../../../main/engine/model/epoch-vectors.ts'
import { evenly } from '../../../main/engine/serving/flow.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

/** The best epoch after each of some, as validations say. */
const bests = (improved: readonly boolean[]): number[] => {
  let best = 1
  return improved.map((better, i) => (best = better || i === 0 ? i + 1 : best))
}

test('what is kept after each epoch was there before it', () =>
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (improved, most) => {
      let before = new Set<number>()
      for (const [i, best] of bests(improved).entries()) {
        const epoch = i + 1
        const kept = epochsToKeep(1, epoch, best, most)
        expect(kept.size).toBeLessThanOrEqual(most)
        expect(kept.has(best)).toBe(true)
        for (const each of kept) expect(each === epoch || before.has(each)).toBe(true)
        const even = [...kept].filter((each) => each !== best || (each - 1) % 2 === 0).sort((a, b) => a - b)
        const gaps = new Set(even.slice(1).map((each, at) => each - even[at]!))
        // every gap is the step, but beside the best
        if (even.length === kept.size && (best - 1) % 2 === 1) expect(gaps.size).toBeLessThanOrEqual(1)
        before = kept
      }
    }),
  ))

test('examples', () => {
  expect([...epochsToKeep(1, 5, 5, 10)].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5])
  expect([...epochsToKeep(1, 10, 6, 6)].sort((a, b) => a - b)).toEqual([1, 3, 5, 6, 7, 9])
  expect([...epochsToKeep(0, 10, 6, 6)].sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8, 10])
  expect([...epochsToKeep(1, 10, 6, 1)]).toEqual([6])
  expect([...epochsToKeep(1, 10, 6, 0)]).toEqual([])
  expect(evenly([1, 2, 3, 4, 5, 6, 7, 8], 4, 6)).toEqual([1, 3, 6, 8])
  expect(evenly([1, 2, 3, 4, 5, 6, 7, 8], 4, 7)).toEqual([1, 3, 7, 8])
  expect(evenly([1, 2, 3], 4, null)).toEqual([1, 2, 3])
  expect(evenly([1, 2, 3, 4], 1, 2)).toEqual([2])
})

test('the files stay within the budget', async () => {
  const folder = await temporaryFolder()
  const vectors = { items: new Float32Array(50 * 8), userRows: Int32Array.of(0, 3), users: new Float32Array(2 * 8) }
  const budget = 5 * epochBytes(vectors)
  let keeper = new EpochKeeper({ runFolder: folder, epochBudget: budget }, 8, null)
  const used = (): number => readdirSync(join(folder, 'epochs')).reduce((sum, name) => sum + statSync(join(folder, 'epochs', name)).size, 0)
  for (let epoch = 1; epoch <= 12; epoch++) {
    await keeper.keep(epoch, 4, vectors)
    expect(used()).toBeLessThanOrEqual(budget)
    // stopped and resumed after the 7th
    if (epoch === 7) keeper = new EpochKeeper({ runFolder: folder, epochBudget: budget }, 8, 7)
  }
  expect(epochsIn(folder)).toEqual([1, 4, 5, 9])
  // resumed from an earlier checkpoint, by a smaller budget: the best comes back at the end
  keeper = new EpochKeeper({ runFolder: folder, epochBudget: epochBytes(vectors) }, 8, 2)
  await keeper.keep(3, 3, vectors)
  expect(epochsIn(folder)).toEqual([3])
  const facts = []
  for await (const fact of keeper.finish(2, vectors)) facts.push(fact)
  expect(epochsIn(folder)).toEqual([2])
  expect(facts.length).toBe(1)
})
