/** Verdicts of two sides: Student's t against SciPy, what must hold of any, and experiments whose truth is known (the whole: npm run verdicts). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { holm } from '../../../main/engine/evaluation/correction.ts'
import { noncentralTail, tailAbove } from '../../../main/engine/evaluation/student.ts'
import { compareSides, intervalOf, pOf, type Side } from '../../../main/engine/evaluation/crossed.ts'
import { bestRows, decide, marginOf, neededFor, powerOf, pSame } from '../../../main/engine/evaluation/verdict.ts'
import { experiments, POPULATIONS, shareOf, trueSpread } from '../../helpers/verdict-draws.ts'

const side = (isRandom: boolean, ...seeds: number[][]): Side => ({ isRandom, seeds: seeds.map((values) => Float64Array.from(values)) })

test.for([
  [0.5, 1, 0.35241638234956674],
  [2, 2.3, 0.083306789494015],
  [4.3, 2, 0.025028577058545796],
  [2.5, 7.5, 0.019410129136812764],
  [1.96, 1e4, 0.025011760115916513],
  [-1.2, 5, 0.8580544716469487],
  [6, 3, 0.004636357446142333],
  [1.96, 3e6, 0.024997941363013438],
] as const)('the tail above %d of t with %d degrees of freedom is scipy.stats.t.sf', ([t, df, tail]) => {
  expect(tailAbove(t, df)).toBeCloseTo(tail, 6)
})

test.for([
  [4.303, 2, 3, 0.3873453778897211],
  [2.776, 4, 3.5, 0.7449786430239798],
  [2.2, 11, 2.9, 0.7521881190089398],
  [1.96, 1e6, 2.8, 0.7995457179448205],
] as const)('the noncentral tail above %d with %d degrees of freedom and centre %d is near scipy.stats.nct.sf', ([t, df, shift, tail]) => {
  expect(Math.abs(noncentralTail(t, df, shift) - tail)).toBeLessThan(0.015)
})

test('p-values of many tests are corrected as R does: p.adjust(…, "holm")', () => {
  const values = [0.01, 0.04, 0.03, 0.5]
  expect(holm(values).map((p) => Number(p.toFixed(6)))).toEqual([0.04, 0.09, 0.09, 0.5])
})

describe('two sides', () => {
  test('without seeds it is the paired t-test: scipy.stats.ttest_rel', () => {
    const compared = compareSides(side(false, [1, 2, 3, 4.5, 2.5]), side(false, [1.5, 2.25, 4, 4.25, 3.5]))
    expect(pOf(compared)).toBeCloseTo(0.10270042749551181, 9)
    expect([compared.df, compared.ofRecipes, compared.seedShare]).toEqual([4, false, 0])
  })

  test('where seeds are all that varies, as many on each side, it is Student’s t-test of their means: scipy.stats.ttest_ind', () => {
    const flat = (value: number): number[] => [value, value, value]
    const compared = compareSides(side(true, flat(1), flat(2), flat(4)), side(true, flat(3), flat(3.5), flat(5)))
    expect(pOf(compared)).toBeCloseTo(0.23256582416537802, 9)
    expect(compared.seedShare).toBeCloseTo(1, 12)
  })

  test('a single run beside several seeds varies as they do; two single runs say nothing of other seeds', () => {
    const many = side(true, [1, 2, 3], [2.5, 3, 4.5], [0.5, 2.5, 3])
    const one = side(true, [2, 3, 3.5])
    expect([compareSides(one, many).ofRecipes, compareSides(many, one).ofRecipes]).toEqual([true, true])
    expect(compareSides(many, one).seedShare).toBeGreaterThan(0)
    expect(compareSides(one, side(true, [1, 2, 3])).ofRecipes).toBe(false)
    expect(compareSides(side(false, [1, 2, 3]), many).ofRecipes).toBe(true)
  })

  test('the sides change places, and all but the sign stays', () =>
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }), { minLength: 4, maxLength: 7 }),
        (rows) => {
          const [a, b] = [side(true, ...rows.slice(0, 2)), side(true, ...rows.slice(2))]
          const [there, back] = [compareSides(a, b), compareSides(b, a)]
          expect(there.difference).toBeCloseTo(-back.difference, 9)
          expect(pOf(there)).toBeCloseTo(pOf(back), 6)
          expect(pSame(there, 0.3)).toBeCloseTo(pSame(back, 0.3), 6)
          expect(there.standardError).toBeGreaterThanOrEqual(0)
        },
      ),
    ))

  test('a side beside itself is the same within any margin, one far above is different', () => {
    const a = side(true, [1, 2, 3], [1.1, 2, 2.9])
    expect(decide(compareSides(side(false, [1, 2, 3]), side(false, [1, 2, 3])), 1e-6)).toBe('same')
    expect(decide(compareSides(a, side(true, [11, 12, 13.1], [11.1, 12, 13])), 0.1)).toBe('different')
    expect(decide(compareSides(a, side(true, [0, 4, 3], [2, 2, 1])), 0.01)).toBe('unknown')
  })

  test('the margin is a number, or a percentage of the better one', () => {
    const means = { meanA: 0.2, meanB: 0.1 }
    expect([marginOf('0.003', means), marginOf('5%', means), marginOf('2 %', means)]).toEqual([0.003, 0.2 * 0.05, 0.2 * 0.02])
    expect(() => marginOf('0', means)).toThrow('above 0')
  })
})

describe('marks of a table', () => {
  const rising = (from: number): number[] => Array.from({ length: 40 }, (_, i) => from + (i % 7) / 100)
  const rows = [side(false, rising(0.1)), side(false, rising(0.5)), side(false, rising(0.3))]

  test('the best is marked where it is told from all others, and not where one of them is as good', () => {
    expect(bestRows(['m'], () => rows)).toEqual({ m: 1 })
    const twin = side(
      false,
      rising(0.5).map((value, i) => value + (i % 2 === 0 ? 0.02 : -0.021)),
    )
    expect(bestRows(['m'], () => [...rows, twin])).toEqual({})
  })

  test('a metric that a row lacks has no mark, nor has a table of one row', () => {
    expect(bestRows(['m'], () => [...rows, null])).toEqual({})
    expect(bestRows(['m'], () => rows.slice(0, 1))).toEqual({})
  })

  test('of 1,000 metrics of runs that are all alike at most a few are marked', () => {
    const draw = experiments(5)
    const marks = bestRows(
      Array.from({ length: 1000 }, (_, i) => String(i)),
      () => draw({ users: 1, seeds: 0, rest: 0.1 }, { n: 30, seeds: 1 }, 0),
    )
    expect(Object.keys(marks).length).toBeLessThan(5)
  })
})

/** 400 rounds: a share of .95 is known to .022 with 95 %. */
describe.for(POPULATIONS)('experiments whose truth is known: $name', (population) => {
  const [rounds, size] = [400, { n: 120, seeds: 3 }]

  test('two seeds are enough for an interval that is neither too narrow nor too wide', () => {
    const draw = experiments(4)
    const covered = shareOf(rounds, () => {
      const { low, high } = intervalOf(compareSides(...draw(population, { n: 120, seeds: 2 }, 0.1)))
      return low <= 0.1 && 0.1 <= high
    })
    expect(covered).toBeGreaterThan(0.92)
    expect(covered).toBeLessThan(0.98)
  })

  test('intervals hold the true difference, and models that are alike are rarely called different', () => {
    const draw = experiments(1)
    const covered = shareOf(rounds, () => {
      const { low, high } = intervalOf(compareSides(...draw(population, size, 0.1)))
      return low <= 0.1 && 0.1 <= high
    })
    expect(covered).toBeGreaterThan(0.92)
    expect(covered).toBeLessThan(0.99)
    expect(shareOf(rounds, () => pOf(compareSides(...draw(population, size, 0))) < 0.05)).toBeLessThan(0.08)
  })

  test('what is as far apart as the margin is rarely called the same', () => {
    const draw = experiments(2)
    expect(shareOf(rounds, () => decide(compareSides(...draw(population, size, 0.2)), 0.2) === 'same')).toBeLessThan(0.08)
  })

  test('as many users, and as many seeds, as are said to be needed find it in about 80 of 100', () => {
    const draw = experiments(3)
    const { users, seeds } = neededFor(trueSpread(population, size), 0.25)
    const isFound = (n: number, count: number): boolean => pOf(compareSides(...draw(population, { n, seeds: count }, 0.25))) < 0.05
    for (const [n, count] of [
      [users, size.seeds],
      [size.n, seeds],
    ] as const) {
      if (n === null || count === null || n * count > 20_000) continue
      const power = shareOf(rounds, () => isFound(n, count))
      const stated = powerOf(trueSpread(population, size), 0.25, { users: n, seeds: count })
      expect(Math.abs(power - stated), `${n} users, ${count} seeds: stated ${stated}`).toBeLessThan(0.07)
    }
  })
})
