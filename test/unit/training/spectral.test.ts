/** The closed form: its SVD against LAPACK, and its vectors as towers. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { TwoTowerSpec } from '../../../main/contract/shapes/spec.ts'
import { trainingSchema } from '../../../main/contract/shapes/spec/training.ts'
import { dotAt } from '../../../main/engine/compute/dot.ts'
import { rowOf } from '../../../main/engine/dataset/interactions.ts'
import { interactionMatrix } from '../../../main/engine/dataset/interaction-matrix.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { randomizedSvd, svdBytes } from '../../../main/engine/training/spectral/svd.ts'
import { startFromSpectral } from '../../../main/engine/jobs/training/spectral.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import { recipeSpec } from '../../../main/engine/towers/recipes.ts'
import { embedItems, embedUsers, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { spectralVectors, startSpectral } from '../../../main/engine/training/spectral/start.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { market } from '../evaluation/market.ts'

interface Golden {
  readonly users: number
  readonly items: number
  readonly rank: number
  readonly pairs: readonly (readonly [number, number])[]
  readonly sigma: readonly number[]
  readonly scores: readonly number[]
}
const golden = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../golden/svd.json'), 'utf8')) as Golden
const dataset = market({
  users: golden.users,
  items: golden.items,
  user: golden.pairs.map(([user]) => user),
  item: golden.pairs.map(([, item]) => item),
  part: golden.pairs.map(() => 0),
})
const matrix = interactionMatrix(dataset, ['train'], [])

/** numpy.linalg.svd, test/golden/make_svd.py */
test('the leading singular values and what their vectors span are those of LAPACK', async () => {
  const { rank, users, items, sigma } = await drain(randomizedSvd(matrix, { rank: golden.rank, seed: 1, threads: 1 }))
  expect(rank).toBe(golden.rank)
  const off = golden.sigma.map((value, k) => Math.abs(sigma[k]! - value))
  expect(Math.max(...off)).toBeLessThan(1e-5)
  const scores = golden.scores.map((_, n) => {
    const [user, item] = [Math.floor((7 * n) / golden.items), (7 * n) % golden.items]
    let sum = 0
    for (let k = 0; k < rank; k++) sum += users[user * rank + k]! * sigma[k]! ** 2 * items[item * rank + k]!
    return sum
  })
  expect(Math.max(...scores.map((score, n) => Math.abs(score - golden.scores[n]!)))).toBeLessThan(1e-4)
  for (let k = 0; k < rank; k++) {
    let [length, other] = [0, 0]
    for (let item = 0; item < golden.items; item++) {
      length += items[item * rank + k]! ** 2
      other += items[item * rank + k]! * items[item * rank + ((k + 1) % rank)]!
    }
    expect([length, other]).toEqual([expect.closeTo(1, 4), expect.closeTo(0, 4)])
  }
})

test('a matrix of fewer dimensions than columns: those there are, and nothing beside them', async () => {
  // twelve users of three tastes, and an item that nobody has met: three singular values of 1, in each taste the same items
  const tastes = [[0, 1, 2], [3, 4], [5]]
  const user = tastes.flatMap((items, taste) => [0, 1, 2, 3].flatMap((n) => items.map(() => 4 * taste + n)))
  const item = tastes.flatMap((items) => [0, 1, 2, 3].flatMap(() => items))
  const few = interactionMatrix(market({ users: 12, items: 7, user, item, part: user.map(() => 0) }), ['train'], [])
  const { rank, users, items, sigma } = await drain(randomizedSvd(few, { rank: 7, seed: 1, threads: 1 }))
  expect(rank).toBe(7)
  expect([...sigma].map((value) => Number(value.toFixed(4)))).toEqual([1, 1, 1, 0, 0, 0, 0])
  expect([...users, ...items].every(Number.isFinite)).toBe(true)
  // W is what they make of it: 1 / √(items · users) of a taste
  const entry = (u: number, i: number): number => sigma.reduce((sum, value, k) => sum + users[u * 7 + k]! * value * items[i * 7 + k]!, 0)
  expect(entry(0, 0)).toBeCloseTo(1 / Math.sqrt(3 * 4), 4)
  expect(entry(5, 4)).toBeCloseTo(1 / Math.sqrt(2 * 4), 4)
  expect([entry(0, 3), entry(11, 6)]).toEqual([expect.closeTo(0, 4), expect.closeTo(0, 4)])
})

test('the whole spectrum of a small matrix, whatever the seed; more than there is to have is not given', async () => {
  const both = await Promise.all([1, 2].map((seed) => drain(randomizedSvd(matrix, { rank: 500, seed, threads: 1, passes: 2 }))))
  expect(both.map(({ rank }) => rank)).toEqual([golden.items, golden.items])
  // the squares of all singular values sum to the squares of all entries
  const squares = golden.pairs.reduce((sum, [user, item]) => {
    const [n, m] = [
      matrix.byUser.offsets[user + 1]! - matrix.byUser.offsets[user]!,
      matrix.byItem.offsets[item + 1]! - matrix.byItem.offsets[item]!,
    ]
    return sum + 1 / (n * m)
  }, 0)
  for (const { sigma } of both) expect(sigma.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(squares, 3)
})

test('towers that start from it rank by P·f(σ)·Qᵀ·D^γ, and whom they have never seen by their history', async () => {
  const pairs = golden.pairs.map(([user, item], n) => ({ user: `u${user}`, item: `i${item}`, time: n }))
  // the visitor has the history of user 5 and comes too late for the decomposition
  const visitor = golden.pairs.filter(([user]) => user === 5).map(([, item], n) => ({ user: 'visitor', item: `i${item}`, time: n }))
  const towersOf = memoryDataset({ interactions: [...pairs, ...visitor.map((each) => ({ ...each, part: 'validation' as const }))] })
  const spec = resolveSpec(recipeSpec('spectral', towersOf.manifest), towersOf.manifest)
  if (spec.model !== 'two-tower') throw new Error('a recipe of towers')
  const setup = await drain(prepareTraining({ spec, dataset: towersOf, parts: ['train'], threads: 1 }))
  try {
    const seen = interactionMatrix(towersOf, ['train'], [])
    const dim = setup.model.dim
    const svd = await drain(randomizedSvd(seen, { rank: dim, seed: 1, threads: 1 }))
    const settings = { rank: 8, filter: 2, gamma: 0.5 }
    const closed = spectralVectors(svd, seen, settings, dim)
    await startSpectral(setup.state, setup.encoders, towersOf, closed, dim)
    const vectors = { users: closed.users(), items: closed.items() }
    const [users, items] = [await drain(embedUsers(setup, 'train+validation', 1)), await drain(embedItems(setup, 1))]
    expect(items).toEqual(vectors.items)
    const [ids, itemIds] = [await towersOf.ids('user'), await towersOf.ids('item')]
    const direction = (values: Float32Array, row: number): number[] => {
      const own = [...values.subarray(row * dim, (row + 1) * dim)]
      const length = Math.hypot(...own)
      return own.map((x) => x / (length || 1))
    }
    for (const [row, id] of ids.entries()) {
      const same = id === 'visitor' ? ids.indexOf('u5') : row
      const [tower, form] = [direction(users, row), direction(vectors.users, same)]
      expect(Math.max(...tower.map((x, k) => Math.abs(x - form[k]!)))).toBeLessThan(2e-3)
    }
    // the weight of a direction and of a frequent item, from the definition
    const [first, popular] = [itemIds.indexOf('i0'), seen.byItem.offsets]
    const n = popular[first + 1]! - popular[first]!
    expect(vectors.items[first * dim]! / svd.items[first * svd.rank]!).toBeCloseTo(Math.sqrt(n), 4)
    expect(vectors.users[0]! / svd.users[0]!).toBeCloseTo(Math.exp(2 * svd.sigma[0]!), 4)
    expect(vectors.items.subarray(first * dim + settings.rank, (first + 1) * dim).every((x) => x === 0)).toBe(true)
  } finally {
    await setup.dispose()
  }
})

test('what it needs is said before it starts, and more than is allowed is refused', async () => {
  const towersOf = memoryDataset({ interactions: golden.pairs.map(([user, item], n) => ({ user: `u${user}`, item: `i${item}`, time: n })) })
  const spec = resolveSpec(recipeSpec('spectral', towersOf.manifest), towersOf.manifest)
  if (spec.model !== 'two-tower' || spec.training.init.kind !== 'spectral') throw new Error('a recipe that starts from it')
  const setup = await drain(prepareTraining({ spec, dataset: towersOf, parts: ['train'], threads: 1 }))
  const begin = (memoryGb: number) =>
    startFromSpectral(setup, { ...init, memoryGb }, ['train'], null, { threads: 1, signal: new AbortController().signal })
  const { init } = spec.training
  try {
    const first = await begin(1).next()
    expect(first.value).toMatchObject({ kind: 'message', text: expect.stringMatching(/needs about 0\.\d\d GB/) as string })
    await expect(begin(1e-6).next()).rejects.toThrow(/more than memoryGb/)
    // Gowalla's 29,858 × 40,981 at 512: three copies of both sides at 544 columns, and a few squares
    expect(svdBytes({ users: 29_858, items: 40_981 }, 512) / 1e9).toBeCloseTo(0.47, 2)
  } finally {
    await setup.dispose()
  }
})

test('what an inner product is trained on begins with scores that its loss can tell apart, in the same order', async () => {
  const towersOf = memoryDataset({ interactions: golden.pairs.map(([user, item], n) => ({ user: `u${user}`, item: `i${item}`, time: n })) })
  const seen = interactionMatrix(towersOf, ['train'], [])
  const signal = new AbortController().signal
  // an item's frequency squared: scores in the thousands
  for (const [filter, gamma, temperature] of [
    [0, 2, 1],
    [4, 2, 0.5],
    [3, 0, 1],
  ] as const) {
    const recipe = recipeSpec('mf-bpr', towersOf.manifest) as TwoTowerSpec
    const match = { ...recipe.match, temperature: { kind: 'fixed' as const, value: temperature } }
    const spec = resolveSpec({ ...recipe, match }, towersOf.manifest) as TwoTowerSpec
    const setup = await drain(prepareTraining({ spec, dataset: towersOf, parts: ['train'], threads: 1 }))
    try {
      const { init } = trainingSchema.parse({ init: { kind: 'spectral', filter, gamma } })
      if (init.kind !== 'spectral') throw new Error('as asked')
      const settings = await drain(startFromSpectral(setup, init, ['train'], null, { threads: 1, signal }))
      const { dim } = setup.model
      const [users, items] = [await drain(embedUsers(setup, 'train', 1)), await drain(embedItems(setup, 1))]
      const svd = await drain(randomizedSvd(seen, { rank: dim, seed: spec.training.seed, threads: 1 }))
      const closed = spectralVectors(svd, seen, settings, dim)
      const form = { users: closed.users(), items: closed.items() }
      const scores = (of: { users: Float32Array; items: Float32Array }): number[] =>
        seen.byUser.offsets.subarray(0, -1).reduce<number[]>((all, _, user) => {
          for (let item = 0; item < seen.items; item++) all.push(dotAt(of.users, user * dim, of.items, item * dim, dim))
          return all
        }, [])
      const [now, before] = [scores({ users, items }), scores(form)]
      const met = now.filter((_, at) => rowOf(seen.byUser, Math.floor(at / seen.items)).includes(at % seen.items))
      expect(met).toHaveLength(seen.byUser.indices.length)
      expect(met.reduce((sum, score) => sum + score, 0) / met.length).toBeCloseTo(3 * temperature, 3)
      const ratios = now.flatMap((score, at) => (Math.abs(before[at]!) > 1e-3 * Math.abs(before[0]!) ? [score / before[at]!] : []))
      expect(Math.max(...ratios) / Math.min(...ratios)).toBeCloseTo(1, 2)
      const rms = (rows: Float32Array): number => Math.sqrt((dotAt(rows, 0, rows, 0, rows.length) * dim) / rows.length)
      expect(rms(users) / rms(items)).toBeCloseTo(1, 3)
    } finally {
      await setup.dispose()
    }
  }
})
