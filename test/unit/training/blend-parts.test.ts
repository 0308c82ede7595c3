/** A blend where a run knows nothing of some items, against the definition in plain numbers: their shares are those of the runs that do. */
import { expect, test } from 'vitest'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { blended, itemFactors, partOf, type Part } from '../../../main/engine/jobs/training/blend-parts.ts'
import { random } from '../../../main/engine/training/random.ts'

const [USERS, ITEMS] = [9, 30]
/** What only the second run knows, what only the first knows, what neither does. */
const [NEW, OTHER, NOBODY] = [4, 11, 20]
const DIMS = [5, 7]
const WEIGHTS = [0.2, 0.8]

function drawn(rows: number, dim: number, seed: number, zeros: readonly number[]): Float32Array {
  const draws = random(seed, 'init')
  return Float32Array.from({ length: rows * dim }, (_, i) => {
    const value = 2 * draws.uniform() - 1
    return zeros.includes(Math.floor(i / dim)) ? 0 : value
  })
}

const vectors = [
  { dim: DIMS[0]!, user: drawn(USERS, DIMS[0]!, 1, []), item: drawn(ITEMS, DIMS[0]!, 2, [NEW, NOBODY]) },
  { dim: DIMS[1]!, user: drawn(USERS, DIMS[1]!, 3, []), item: drawn(ITEMS, DIMS[1]!, 4, [OTHER, NOBODY]) },
]
const specs = [specSchema.parse({ model: 'ials' }), specSchema.parse({ model: 'two-tower', match: { kind: 'dot' } })]
const parts = (): Promise<Part[]> => Promise.all(vectors.map((each, m) => partOf(specs[m]!, each, 1)))

/** A run's scores of a user, over their deviation. */
function standardised(m: number, user: number): number[] {
  const { dim, user: users, item: items } = vectors[m]!
  const scores = Array.from({ length: ITEMS }, (_, i) => {
    let sum = 0
    for (let k = 0; k < dim; k++) sum += users[user * dim + k]! * items[i * dim + k]!
    return sum
  })
  const mean = scores.reduce((a, b) => a + b) / ITEMS
  const deviation = Math.sqrt(scores.reduce((sum, x) => sum + (x - mean) ** 2, 0) / ITEMS)
  return scores.map((score) => score / deviation)
}

test('an item has the shares of the runs that know it, as 1 together', async () => {
  const [first, second] = (await parts()) as [Part, Part]
  const model = blended([
    { part: first, weight: WEIGHTS[0]! },
    { part: second, weight: WEIGHTS[1]! },
  ])
  for (let user = 0; user < USERS; user++) {
    const of = [standardised(0, user), standardised(1, user)]
    for (let item = 0; item < ITEMS; item++) {
      let score = 0
      for (let k = 0; k < model.dim; k++) score += model.users[user * model.dim + k]! * model.items[item * model.dim + k]!
      const [a, b] = [of[0]![item]!, of[1]![item]!]
      const expected = item === NOBODY ? 0 : item === NEW ? b : item === OTHER ? a : WEIGHTS[0]! * a + WEIGHTS[1]! * b
      expect(score).toBeCloseTo(expected, 4)
    }
  }
})

test('runs that know each item, and what is not of a run, change nothing', async () => {
  const all = await partOf(specs[1]!, { dim: 3, user: drawn(USERS, 3, 5, []), item: drawn(ITEMS, 3, 6, []) }, 1)
  expect(all.knows).toBeNull()
  expect(itemFactors([{ part: all, weight: 1 }])).toBeNull()
  const [first] = (await parts()) as [Part]
  const alone = itemFactors([{ part: first, weight: 1 }])!
  expect([...new Set(alone)]).toEqual([1])
  // popularity stands beside the shares: it is no run
  const dialled = blended([{ part: first, weight: 1 }], [{ part: all, weight: -0.5 }])
  const undialled = blended([{ part: first, weight: 1 }])
  for (let item = 0; item < ITEMS; item++)
    expect([...dialled.items.subarray(item * 8, item * 8 + 5)]).toEqual([...undialled.items.subarray(item * 5, item * 5 + 5)])
})
