/**
 * Item-kNN, EASE and iALS against NumPy and SciPy (test/golden/make_baselines.py); the blocked inverse; most popular by
 * market and recency.
 */
import { readFileSync } from 'node:fs'
import { Matrix, solve } from 'ml-matrix'
import { describe, expect, test } from 'vitest'
import { invertSpd } from '../../../main/engine/compute/cholesky.ts'
import { easeLists } from '../../../main/engine/evaluation/baselines/ease-lists.ts'
import { fitEase } from '../../../main/engine/evaluation/baselines/ease.ts'
import { ialsEpoch, ialsLoss, type IalsOptions, initialFactors } from '../../../main/engine/evaluation/baselines/ials.ts'
import { invert, matrixRow, symmetricMatrix } from '../../../main/engine/compute/inverse.ts'
import { exactBlocks } from '../../../main/engine/model/blocks.ts'
import { type ItemItem, scoreHistory } from '../../../main/engine/model/item-item.ts'
import { fitItemKnn } from '../../../main/engine/evaluation/baselines/item-knn.ts'
import { rowOf } from '../../../main/engine/dataset/interactions.ts'
import { type InteractionMatrix, interactionMatrix } from '../../../main/engine/dataset/interaction-matrix.ts'
import { popularityVectors } from '../../../main/engine/evaluation/baselines/popularity.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { numbers, relativeError } from '../../helpers/numbers.ts'
import { marketOf } from './market.ts'

interface Case {
  users: number
  items: number
  rows: number[][]
  knn: { neighbours: number; shrinkage: number; normalise: boolean; item_mean: boolean; scores: number[] }[]
  ease: { lambda: number; scores: number[] }[]
  start: { dim: number; users: number[]; items: number[] }
  ials: { epochs: number; reg: number; unobserved: number; nu: number; users: number[]; items: number[]; loss: number }[]
}
const cases = JSON.parse(readFileSync(new URL('../../golden/baselines.json', import.meta.url), 'utf8')) as Case[]

function matrixOf({ users, items, rows }: Case) {
  // each pair once in train and once more in validation, which changes nothing
  const list = rows.flatMap((row, user) => row.flatMap((item) => [[user, item, 'train'] as const, [user, item, 'validation'] as const]))
  return interactionMatrix(marketOf(users, items, list), ['train', 'validation'], [])
}

/** Every score, 0 where there is none, as the formulas have it. */
function allScores(model: ItemItem, matrix: ReturnType<typeof matrixOf>): Float32Array {
  const out = new Float32Array(matrix.users * matrix.items)
  for (let user = 0; user < matrix.users; user++) scoreHistory(model, rowOf(matrix.byUser, user), out, user * matrix.items)
  return out.map((score) => (score === -Infinity ? 0 : score))
}

describe.each(cases.map((c) => [`${c.users} users, ${c.items} items`, c] as const))('%s', (_, c) => {
  const matrix = matrixOf(c)

  test('item-kNN gives the scores of the dense formulas', async () => {
    for (const { item_mean: itemMean, scores, ...options } of c.knn) {
      const model = await drain(fitItemKnn(matrix, { ...options, itemMean }))
      expect(relativeError(allScores(model, matrix), Float32Array.from(scores), 0.01)).toBeLessThan(1e-5)
    }
  })

  test('EASE gives the scores of the dense inverse, through whichever side is smaller and in blocks', async () => {
    for (const { lambda, scores } of c.ease) {
      for (const block of [4, 7, 512]) {
        const model = await drain(fitEase(matrix, { lambda, keep: null, memoryGb: 1, threads: 1, block }))
        expect(relativeError(allScores(model, matrix), Float32Array.from(scores), 0.05), `block ${block}`).toBeLessThan(1e-4)
      }
    }
  })

  test('EASE made item by item retrieves what the dense scores rank first, without what was met', async () => {
    for (const { lambda, scores } of c.ease) {
      const retriever = await drain(easeLists(matrix, { lambda, threads: 1, block: 7 }))
      const users = Int32Array.from({ length: c.users }, (_, user) => user)
      const [depth, seen] = [Math.min(20, c.items), (user: number) => rowOf(matrix.byUser, user)]
      const lists = new Int32Array(c.users * depth)
      await retriever.retrieve({ users, depth, lists, seen })
      for (const user of users) {
        const rank = (item: number): number => scores[user * c.items + item]!
        const list = [...lists.subarray(user * depth, (user + 1) * depth)].filter((item) => item >= 0)
        const others = Array.from({ length: c.items }, (_, item) => item).filter((item) => !seen(user).includes(item))
        const unmet = others.filter((item) => Math.abs(rank(item)) > 1e-9)
        expect(list.filter((item) => !unmet.includes(item))).toEqual([])
        expect(list.length).toBe(Math.min(depth, unmet.length))
        // equal but for what float32 cannot tell
        const best = unmet.map(rank).sort((a, b) => b - a)
        for (const [place, item] of list.entries()) expect(rank(item)).toBeCloseTo(best[place]!, 4)
      }
    }
  })

  test('iALS gives the factors and the objective of numpy.linalg.solve', async () => {
    for (const { epochs, reg, unobserved, nu, users, items, loss } of c.ials) {
      const factors = { users: Float64Array.from(c.start.users), items: Float64Array.from(c.start.items) }
      const { dim } = c.start
      const options = { dim, regularisation: reg, unobservedWeight: unobserved, frequencyScaling: nu, embeddingSd: 1, seed: 1 }
      const losses: number[] = []
      for (let epoch = 0; epoch < epochs; epoch++) {
        await drain(ialsEpoch(matrix, factors, options))
        losses.push(ialsLoss(matrix, factors, options))
      }
      expect(relativeError(Float32Array.from(factors.users), Float32Array.from(users), 1e-3)).toBeLessThan(1e-6)
      expect(relativeError(Float32Array.from(factors.items), Float32Array.from(items), 1e-3)).toBeLessThan(1e-6)
      expect(losses.at(-1)! / loss).toBeCloseTo(1, 9)
      // each half step minimises the objective exactly
      expect(losses).toEqual(losses.toSorted((a, b) => b - a))
    }
  })
})

/** Against the normal equations of each row, solved by ml-matrix in float64; 70 is more than two blocks, and 70 rows are two batches. */
test.each([33, 70])('iALS by products of matrices minimises each row at d %i', async (dim) => {
  const [users, items] = [70, 45]
  const seen = numbers(users * items, 4)
  const list = Array.from(seen.keys()).flatMap((at) => {
    const [user, item] = [Math.floor(at / items), at % items]
    // item 7 was met by nobody
    return seen[at]! > 0.6 && item !== 7 ? [[user, item, 'train'] as const] : []
  })
  const matrix = interactionMatrix(marketOf(users, items, list), ['train'], [])
  const options = { dim, regularisation: 0.02, unobservedWeight: 0.1, frequencyScaling: 0.8, embeddingSd: 1, seed: 3 }
  const factors = initialFactors(matrix, options)
  await drain(ialsEpoch(matrix, factors, options))
  for (let item = 0; item < items; item++) expectMinimised(matrix.byItem, item, factors.items, factors.users, options)
})

/** 45 items have a Gram matrix of rank 45 at most: at d 60 directions that nobody knows of are held by the penalty alone. */
test.each([
  [40, 0.02],
  [40, 1e-5],
  [60, 0.02],
  // so little that the basis would show rounding
  [60, 1e-12],
])('iALS of many rows that met few minimises each at d %i, regularisation %f', async (dim, regularisation) => {
  const [users, items] = [260, 45]
  const seen = numbers(users * items, 6)
  const list = Array.from(seen.keys()).flatMap((at) => {
    const [user, item] = [Math.floor(at / items), at % items]
    // from nothing to more than a quarter of d
    return (seen[at]! + 1) / 2 < (user % 20) / 60 ? [[user, item, 'train'] as const] : []
  })
  const matrix = interactionMatrix(marketOf(users, items, list), ['train'], [])
  const most = Array.from({ length: users }, (_, u) => rowOf(matrix.byUser, u).length)
  expect([Math.min(...most) === 0, Math.max(...most) > dim / 4, most.filter((n) => n > 0 && n <= dim / 4).length > 2 * dim]).toEqual([
    true,
    true,
    true,
  ])
  const options = { dim, regularisation, unobservedWeight: 0.1, frequencyScaling: 0.8, embeddingSd: 1, seed: 3 }
  const [start, factors] = [initialFactors(matrix, options), initialFactors(matrix, options)]
  await drain(ialsEpoch(matrix, factors, options))
  for (let user = 0; user < users; user++) expectMinimised(matrix.byUser, user, factors.users, start.items, options)
})

/** That row r of `own` solves its normal equations given the other side, by ml-matrix in float64. */
function expectMinimised(
  rows: InteractionMatrix['byUser'],
  r: number,
  own: Float64Array,
  other: Float64Array,
  { dim, unobservedWeight, regularisation, frequencyScaling }: IalsOptions,
): void {
  const others = other.length / dim
  const given = new Matrix(Array.from({ length: others }, (_, o) => [...other.subarray(o * dim, (o + 1) * dim)]))
  const met = [...rowOf(rows, r)].map((o) => given.getRow(o))
  const penalty = regularisation * (met.length + unobservedWeight * others) ** frequencyScaling
  const all = given.transpose().mmul(given).mul(unobservedWeight)
  const seen = met.length === 0 ? Matrix.zeros(dim, dim) : new Matrix(met).transpose().mmul(new Matrix(met))
  const target = Array.from({ length: dim }, (_, k) => [met.reduce((sum, row) => sum + row[k]!, 0)])
  const expected = solve(Matrix.add(all, seen).add(Matrix.eye(dim, dim, penalty)), new Matrix(target)).to1DArray()
  expect(relativeError(own.subarray(r * dim, (r + 1) * dim), expected, 0.01), `row ${r}`).toBeLessThan(1e-4)
}

test.each(['item-knn', 'ease'])('%s does not rank what nothing that was met leads to, and nothing for who met nothing', async (kind) => {
  // items 0, 1, 2 were met together, 3 and 4 together, 5 by nobody; user 3 met nothing
  const met = [[0, 1], [1, 2], [3, 4], []]
  const matrix = interactionMatrix(
    marketOf(
      4,
      6,
      met.flatMap((row, user) => row.map((item) => [user, item, 'train'] as const)),
    ),
    ['train'],
    [],
  )
  const model =
    kind === 'ease'
      ? await drain(fitEase(matrix, { lambda: 1, keep: null, memoryGb: 1, threads: 1 }))
      : await drain(fitItemKnn(matrix, { neighbours: 5, shrinkage: 0, normalise: false, itemMean: false }))
  const users = Int32Array.of(0, 3)
  const lists = new Int32Array(12)
  const ranks = new Int32Array(3)
  const scorer = {
    score: (asked: Int32Array, out: Float32Array): void =>
      asked.forEach((user, row) => scoreHistory(model, rowOf(matrix.byUser, user), out, 6 * row)),
  }
  const question = { offsets: Int32Array.of(0, 2, 3), items: Int32Array.of(2, 5, 1), ranks }
  await exactBlocks(scorer, 6).retrieve({ users, depth: 6, lists, seen: (user) => rowOf(matrix.byUser, user), question })
  expect([...lists]).toEqual([2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1])
  expect([...ranks]).toEqual([1, 0, 0])
})

test('EASE keeps the weights of largest magnitude, and refuses what would not fit in memory', async () => {
  const matrix = matrixOf(cases[0]!)
  const options = { lambda: 10, memoryGb: 1, threads: 1 }
  const [all, few] = [await drain(fitEase(matrix, { ...options, keep: null })), await drain(fitEase(matrix, { ...options, keep: 4 }))]
  const incoming = (model: ItemItem, target: number): number[] =>
    [...model.targets].flatMap((t, i) => (t === target ? [Math.abs(model.weights[i]!)] : [])).toSorted((a, b) => b - a)
  for (let item = 0; item < matrix.items; item++) expect(incoming(few, item)).toEqual(incoming(all, item).slice(0, 4))
  await expect(drain(fitEase(matrix, { ...options, keep: null, memoryGb: 1e-6 }))).rejects.toThrow(/memoryGb/)
})

test('the blocked inverse times the matrix is the identity', async () => {
  const n = 75
  const root = numbers(n * n, 3)
  const dense = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 5 : 0
      for (let k = 0; k < n; k++) sum += root[i * n + k]! * root[j * n + k]!
      dense[i * n + j] = sum
    }
  }
  const matrix = symmetricMatrix(n, 16)
  for (let i = 0; i < n; i++) matrixRow(matrix, i).set(Float32Array.from(dense.subarray(i * n, (i + 1) * n)))
  await drain(invert(matrix, 1))
  const exact = invertSpd(dense.slice(), n)
  const found = Float32Array.from({ length: n * n }, (_, i) => matrixRow(matrix, Math.floor(i / n))[i % n]!)
  expect(relativeError(found, Float32Array.from(exact), 0.01)).toBeLessThan(1e-4)
  let worst = 0
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? -1 : 0
      for (let k = 0; k < n; k++) sum += dense[i * n + k]! * exact[k * n + j]!
      worst = Math.max(worst, Math.abs(sum))
    }
  }
  expect(worst).toBeLessThan(1e-9)
})

describe('most popular', () => {
  const day = 86_400
  const dataset = memoryDataset({
    interactions: [
      { user: 'a', item: 'x', time: 0 },
      { user: 'a', item: 'y', time: day },
      { user: 'b', item: 'x', time: 0 },
      { user: 'b', item: 'z', time: 3 * day },
      { user: 'c', item: 'x', time: 0 },
      { user: 'c', item: 'y', time: 2 * day },
      { user: 'd', item: 'x', time: 4 * day, part: 'test' },
    ],
    items: [
      { id: 'x', city: 'Rome' },
      { id: 'y', city: 'Oslo' },
      { id: 'z', city: 'Oslo' },
    ],
  })
  const score = async (popularity: Parameters<typeof popularityVectors>[1]): Promise<number[][]> => {
    const { dim, users, items } = await popularityVectors(dataset, popularity, ['train'], [])
    const dot = (u: number, i: number): number => {
      let sum = 0
      for (let k = 0; k < dim; k++) sum += users[u * dim + k]! * items[i * dim + k]!
      return sum
    }
    return [0, 1, 2, 3].map((u) => [0, 1, 2].map((i) => dot(u, i)))
  }

  test('counts, halves by age, and puts the own market first', async () => {
    expect((await score({ kind: 'global' }))[3]).toEqual([3, 2, 1])
    const recent = (await score({ kind: 'recency', halfLifeDays: 1 }))[3]!
    expect(recent).toEqual([3 / 8, 1 / 4 + 1 / 2, 1])
    const byMarket = await score({ kind: 'market', column: 'city' })
    const ranking = (scores: number[]): string =>
      [0, 1, 2]
        .toSorted((i, j) => scores[j]! - scores[i]!)
        .map((i) => 'xyz'[i])
        .join('')
    // a and c met Rome and Oslo alike, Oslo last; b too; d has no history and gets the counts of all
    expect(byMarket.map(ranking)).toEqual(['yzx', 'yzx', 'yzx', 'xyz'])
    expect(byMarket[3]).toEqual([3, 2, 1])
  })
})
