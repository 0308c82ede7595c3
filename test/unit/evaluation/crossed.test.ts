/** Users crossed with repeats: intervals of means against tables of Student's t, and how often they hold the truth; corrected p-values. */
import { expect, test } from 'vitest'
import { falseDiscoveryRates } from '../../../main/engine/evaluation/correction.ts'
import { meanOfRepeats } from '../../../main/engine/evaluation/crossed.ts'
import { studentQuantile, studentTail } from '../../../main/engine/evaluation/student.ts'
import { fillNormal, random } from '../../../main/engine/training/random.ts'

test('quantiles of t are those of the tables', () => {
  // NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2
  const table = [
    [1, 12.706],
    [2, 4.303],
    [5, 2.571],
    [30, 2.042],
    [100, 1.984],
  ] as const
  for (const [freedom, t] of table) expect(studentQuantile(0.975, freedom)).toBeCloseTo(t, 3)
  expect(studentQuantile(0.975, 1e6)).toBeCloseTo(1.95997, 4)
  expect(studentTail(0, 3)).toBeCloseTo(0.5, 12)
  // of one degree of freedom it is Cauchy's
  expect(studentTail(3, 1)).toBeCloseTo(0.5 - Math.atan(3) / Math.PI, 12)
})

test('an interval holds the truth of other users and other seeds in about 95 of 100', () => {
  const [rounds, repeats, users] = [1000, 3, 100]
  let held = 0
  for (let round = 0; round < rounds; round++) {
    const rng = random(round, 'search')
    const noise = new Float32Array(repeats + users + repeats * users)
    fillNormal(noise, 1, rng)
    const values = Array.from({ length: repeats }, (_, r) =>
      Float64Array.from(
        { length: users },
        (_, q) => 0.3 + 0.1 * noise[r]! + 0.8 * noise[repeats + q]! + noise[repeats + users + r * users + q]!,
      ),
    )
    const { low, high } = meanOfRepeats(values)
    if (low <= 0.3 && 0.3 <= high) held++
  }
  expect(held / rounds).toBeGreaterThan(0.93)
  expect(held / rounds).toBeLessThan(0.97)
})

test('one repeat is Student’s t over users; what is the same for all users is Student’s t over repeats', () => {
  const values = Float64Array.from([0.1, 0.4, 0.2, 0.6])
  const one = meanOfRepeats([values])
  // t of 3 degrees of freedom, 3.18245: mean ± t · sd / 2
  const sd = Math.sqrt([0.1, 0.4, 0.2, 0.6].reduce((sum, value) => sum + (value - 0.325) ** 2, 0) / 3)
  expect(one.mean).toBeCloseTo(0.325, 12)
  expect(one.high - one.mean).toBeCloseTo((3.182446305 * sd) / 2, 6)
  const flat = meanOfRepeats([1, 2, 4].map((value) => new Float64Array(50).fill(value)))
  expect(flat.high - flat.mean).toBeCloseTo((4.302652729 * Math.sqrt(7 / 3)) / Math.sqrt(3), 6)
})

test('what never differs has no width; nobody gives nothing', () => {
  expect(meanOfRepeats([new Float64Array(5), new Float64Array(5)])).toEqual({ mean: 0, low: 0, high: 0, p: 1 })
  expect(meanOfRepeats([])).toEqual({ mean: 0, low: 0, high: 0, p: 1 })
})

test('false discovery rates are those of the paper', () => {
  // Benjamini & Hochberg 1995, the example of 15 p-values: four are below .05
  const values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1]
  const rates = falseDiscoveryRates(values)
  expect(rates.filter((rate) => rate <= 0.05)).toHaveLength(4)
  expect(rates[3]).toBeCloseTo((0.0095 * 15) / 4, 12)
  expect(falseDiscoveryRates([0.01], 10)).toEqual([0.1])
})
