/** The geometry watch: its numbers on known shapes, and the alarm on a model that is made to collapse. */
import { describe, expect, test } from 'vitest'
import { collapseOf, GEOMETRY, geometryOf, ranksWell } from '../../../main/engine/evaluation/geometry.ts'
import { createMeasures } from '../../../main/engine/jobs/training/validation.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { fillNormal, random } from '../../../main/engine/training/random.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { smallSpec } from '../../helpers/model.ts'

const [dim, count] = [8, 400]
const normal = new Float32Array(count * dim)
fillNormal(normal, 1, random(1, 'init'))
const lists = Int32Array.from({ length: 5 * 10 }, (_, i) => (i < 30 ? i % 10 : i))
const input = {
  dim,
  users: normal.subarray(0, 5 * dim),
  liked: Int32Array.of(0, 1, 2, 3, 4),
  items: normal,
  itemCounts: Int32Array.from({ length: count }, (_, i) => i),
  lists,
  metric: 'dot' as 'dot' | 'cosine',
}
const of = (change: Partial<typeof input>): Record<string, number> =>
  Object.fromEntries(Object.entries(geometryOf({ ...input, ...change })).map(([name, value]) => [name.slice(GEOMETRY.length), value]))

describe('numbers', () => {
  test('evenly spread directions, each user on their own item', () => {
    const shape = of({})
    expect(shape['alignment']).toBeCloseTo(0, 5)
    // E e^(−4 + 4 cos) over the unit sphere of R^8: Γ(4)·(2/4)^3·I_3(4)·e^−4 = 0.75·3.33727·0.0183156
    expect(shape['uniformity.items']).toBeCloseTo(Math.log(6 * 0.125 * 3.337275778 * Math.exp(-4)), 1)
    expect(shape['effectiveRank']).toBeGreaterThan(7.9)
    expect(shape['sameTop10']).toBeCloseTo(3 / 5)
    expect(Math.abs(shape['normPopularity']!)).toBeLessThan(0.15)
    expect(shape['clusterBalance']).toBeGreaterThan(0.8)
    expect(shape['largestCluster']).toBeLessThan(0.2)
  })

  test('opposite pairs are 4 apart; lengths by popularity; cosine says nothing of lengths', () => {
    expect(of({ users: normal.subarray(0, 5 * dim).map((x) => -x) })['alignment']).toBeCloseTo(4, 5)
    expect(of({ items: normal.map((x, i) => x * 10 ** (Math.floor(i / dim) / 40)) })['normPopularity']).toBeGreaterThan(0.95)
    expect('normPopularity' in of({ metric: 'cosine' })).toBe(false)
  })

  test('one direction for all: rank 1, uniformity 0', () => {
    const same = Float32Array.from(normal, (_, i) => [1, 2, 3, 4, 5, 6, 7, 8][i % dim]! * (1 + Math.floor(i / dim)))
    const shape = of({ items: same })
    expect([shape['effectiveRank'], shape['uniformity.items']]).toEqual([expect.closeTo(1, 3), expect.closeTo(0, 3)])
    expect([of({ items: same, metric: 'cosine' })['clusterBalance'], of({ items: same, metric: 'cosine' })['largestCluster']]).toEqual([
      0, 1,
    ])
  })
})

describe('the alarm', () => {
  const shaped = (change: Record<string, number>): Record<string, number> =>
    Object.fromEntries(
      Object.entries({ 'uniformity.items': -3, effectiveRank: 20, sameTop10: 0.01, ...change }).map(([name, value]) => [
        GEOMETRY + name,
        value,
      ]),
    )
  /** of a model that stays as it is */
  const alarm = (change: Record<string, number>): string | null => collapseOf(shaped(change), shaped(change))

  test('is quiet where all is well, or nothing was measured', () => {
    expect([alarm({}), collapseOf({}, {})]).toEqual([null, null])
  })

  test.each([
    [{ 'uniformity.items': -0.1 }, /all items point the same way/],
    [{ effectiveRank: 1.7 }, /use 1\.7 dimensions/],
    [{ sameTop10: 0.9, normPopularity: 0.8 }, /90 % of the users.*long item vectors are the popular ones.*logQ/],
    [{ sameTop10: 0.9 }, /90 % of the users.*user tower/],
  ])('names the cause of %o', (change, message) => {
    expect(alarm(change)).toMatch(message)
  })

  test('waits while what began in one place is spreading, and goes off where it comes back', () => {
    const [start, later] = [shaped({ 'uniformity.items': -0.1 }), shaped({ 'uniformity.items': -0.3 })]
    expect([collapseOf(start, null), collapseOf(later, start)]).toEqual([null, null])
    expect(collapseOf(start, later)).toMatch(/all items point the same way/)
    expect(collapseOf(shaped({ sameTop10: 0.7 }), shaped({ sameTop10: 0.9 }))).toBeNull()
  })

  /** Fifteen items that nearly everyone takes most of, as in dense data: the same ten are right for most users. */
  test('is quiet on dense data while validation rises, or is well above most popular', async () => {
    const [of, before] = [0.31, 0.3].map((ndcg) => ({ ...shaped({ sameTop10: 0.9 }), 'ndcg@20': ndcg }))
    expect(collapseOf(of!, before!)).toMatch(/90 % of the users/)
    const told = (popular: number, now = of!): boolean =>
      ranksWell('ndcg@20', { of: now, before: before!, popular: { 'ndcg@20': popular } })
    expect([told(0.5), told(0.5, before), told(0.2, before)]).toEqual([true, false, true])
    // where nothing was validated the geometry alone decides
    expect(ranksWell('ndcg@20', { of: shaped({}), before: null, popular: {} })).toBe(false)
  })

  test('goes off while a model is trained to align without anything that keeps items apart, and not with it', async () => {
    const dataset = memoryDataset({
      interactions: Array.from({ length: 30 }, (_, u) =>
        Array.from({ length: 6 }, (_, k) => ({ user: String(u), item: String((u * 5 + k * 7) % 25) })),
      ).flat(),
    })
    const tower = { features: [{ kind: 'id', dim: 8 }], output: null }
    const told = async (gamma: number): Promise<string | null> => {
      const spec = smallSpec({
        user: tower,
        item: tower,
        loss: { kind: 'directau', gamma },
        training: { batchSize: 45, tables: { kind: 'adam', learningRate: 0.05 } },
      })
      const phase = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1 }))
      for (let step = 1; step <= 120; step++) {
        const at = (45 * (step - 1)) % 180
        await phase.step.run(phase.state, phase.order.of(0).subarray(at, at + 45), step, 1)
      }
      const shape = await createMeasures(phase, 1, false).watch()
      await phase.dispose()
      return collapseOf(shape, shape)
    }
    expect(await told(0)).toMatch(/collapsed: all items point the same way.*directau raise loss\.gamma/)
    expect(await told(2)).toBeNull()
  })
})
