/** Backtests: no fold holds anything from its end on, and a drift of a known half-life is found. */
import { expect, test } from 'vitest'
import { popularityVectors } from '../../../main/engine/evaluation/baselines/popularity.ts'
import { amongItems, describeRecipe, halfLifeOf, type Period, valuesIn } from '../../../main/engine/evaluation/backtest/backtest.ts'
import { datasetOf, foldsOf } from '../../../main/engine/evaluation/backtest/folds.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { fittedScorer } from '../../../main/engine/model/scoring.ts'
import { random } from '../../../main/engine/training/random.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { protocolOf } from '../../helpers/protocol.ts'

const DAY = 86_400

test('no fold sees later rows, and every row before a cut is trained on', () => {
  for (let seed = 0; seed < 25; seed++) {
    const rng = random(seed, 'search')
    const data = memoryDataset({
      interactions: Array.from({ length: 300 }, () => ({
        user: `u${rng.below(20)}`,
        item: `i${rng.below(30)}`,
        time: rng.below(40) * 5000,
        event: ['view', 'buy'][rng.below(2)]!,
      })),
    })
    const folds = foldsOf(data, 2 + rng.below(6), 0.3)
    const times = Array.from(data.interactions.time!)
    for (const [f, fold] of folds.entries()) {
      if (f > 0) expect(fold.cut).toBe(folds[f - 1]!.end)
      const { interactions, manifest } = datasetOf(data, fold)
      const { time, part, user, offsets } = interactions
      expect(Math.max(...time!)).toBeLessThan(fold.end)
      expect(Array.from(part)).toEqual(Array.from(time!, (at) => (at < fold.cut ? 0 : 2)))
      expect([manifest.parts.train, interactions.length]).toEqual([
        times.filter((at) => at < fold.cut).length,
        times.filter((at) => at < fold.end).length,
      ])
      for (let u = 0; u < manifest.users; u++) for (let p = offsets[u]!; p < offsets[u + 1]!; p++) expect(user[p]).toBe(u)
    }
    expect(datasetOf(data, folds.at(-1)!).interactions.length).toBe(300)
  }
})

test('a planted drift of 20 days is found within 10 % on 200,000 events', { timeout: 120_000 }, async () => {
  const [events, slots, halfLife, days, users] = [200_000, 1000, 20, 120, 2000]
  const rng = random(11, 'search')
  // what people ask for stands in slots; half of them get another item in each half-life
  const standing = Int32Array.from({ length: slots }, (_, i) => i)
  let next = slots
  const interactions = Array.from({ length: events }, (_, n) => {
    const each = (days * DAY) / events
    const leaves = 1 - 2 ** (-each / (halfLife * DAY))
    // of all slots together one changes now and then
    if (rng.uniform() < slots * leaves) standing[rng.below(slots)] = next++
    return { user: `u${rng.below(users)}`, item: `i${standing[rng.below(slots)]!}`, time: Math.round(n * each) }
  })
  const data = memoryDataset({ interactions })
  const periods = foldsOf(data, 8, 0.4).map((fold): Period => {
    const dataset = datasetOf(data, fold)
    return { ...fold, dataset, protocol: protocolOf(dataset, { seen: 'included' }) }
  })
  const metric = { kind: 'recall', k: 1000 } as const
  const fresh = await Promise.all(
    periods.map(async ({ dataset }, f) => {
      const vectors = await popularityVectors(dataset, { kind: 'recency', halfLifeDays: 1 }, ['train'], [])
      return Promise.all(
        periods.map(async (period, g) => {
          if (g < f) return null
          const scorer = await fittedScorer({ kind: 'vectors', matching: 'dot', ...vectors }, period.dataset, 1)
          return drain(valuesIn(period, scorer, metric))
        }),
      )
    }),
  )
  const own = fresh.map((row, f) => row[f]!)
  const never = fresh[0]!.map((values) => values!)
  const told = describeRecipe('most-popular', periods, fresh, [
    { policy: 'never', values: never, seconds: 1 },
    { policy: 'full', values: own, seconds: 8 },
  ])
  expect(told.decay.map(({ share }) => share)).toEqual(told.decay.map(({ share }) => share).toSorted((a, b) => b - a))
  expect(Math.abs(told.halfLifeDays! / halfLife - 1)).toBeLessThan(0.1)
  expect(told.policies[0]!.gain).toEqual({ mean: 0, low: 0, high: 0 })
  expect(told.policies[1]!.gain.low).toBeGreaterThan(0)
})

test('what does not decay has no half-life, and an index that nobody adds to retrieves nothing new', async () => {
  const point = (age: number, share: number) => ({ age, days: age * 10, share, pairs: 3 })
  expect(halfLifeOf([point(0, 1), point(1, 1.02)])).toBeNull()
  expect(halfLifeOf([point(0, 1), point(1, 0.5), point(2, 0.25)])).toBeCloseTo(10, 9)
  const scores = new Float32Array(4)
  await amongItems({ score: (_, out) => void out.fill(1) }, Uint8Array.of(1, 0)).score(Int32Array.of(0, 1), scores)
  expect([...scores]).toEqual([1, -Infinity, 1, -Infinity])
})
