/** How an index grows: memory at N predicted within 5 % from N/8 … N/2 on real files; lines and powers against numpy's polyfit; filters. */
import { expect, test } from 'vitest'
import { indexSchema } from '../../../main/contract/shapes/spec.ts'
import { line, measureGrowth, power, predict } from '../../../main/engine/ann/growth.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { clustered, drain } from './vectors.ts'

test.for([
  { scalar: 'f32', connectivity: 16 },
  { scalar: 'i8', connectivity: 8 },
] as const)('memory of $scalar with connectivity $connectivity', async ({ scalar, connectivity }) => {
  const [dim, count] = [16, 4000]
  const spec = indexSchema.parse({ scalar, connectivity, expansionAdd: 32 })
  const measured = await drain(
    measureGrowth({
      items: clustered(count, dim, 2),
      queries: clustered(20, dim, 3),
      dim,
      metric: 'cosine',
      spec,
      k: 10,
      order: Int32Array.from({ length: count }, (_, i) => (i * 7) % count),
      temp: await temporaryFolder(),
    }),
  )
  expect(measured.map(({ items }) => items)).toEqual([500, 1000, 2000, 4000])
  const all = measured[3]!
  const predicted = predict(measured.slice(0, 3), count)
  expect(Math.abs(predicted.bytes / all.bytes - 1)).toBeLessThan(0.05)
  for (const { p50Ms, buildSeconds } of measured) expect(Math.min(p50Ms, buildSeconds)).toBeGreaterThan(0)
})

test('lines and powers are those of numpy.polyfit', () => {
  const points = [
    { items: 100, value: 3 },
    { items: 200, value: 4.5 },
    { items: 400, value: 6 },
  ]
  // numpy 2: np.polyval(np.polyfit([100, 200, 400], [3, 4.5, 6], 1), 800)
  expect(line(points)(800)).toBeCloseTo(9.964285714285714, 9)
  // np.exp(np.polyval(np.polyfit(np.log([100, 200, 400]), np.log([3, 4.5, 6]), 1), np.log(800)))
  expect(power(points)(800)).toBeCloseTo(8.653497421844461, 9)
  expect(power([1, 2, 4].map((items) => ({ items, value: 5 * items ** 0.3 })))(64)).toBeCloseTo(5 * 64 ** 0.3, 9)
})
