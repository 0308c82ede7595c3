import { expect, test } from 'vitest'
import type { Part } from '../../../main/contract/shapes/dataset.ts'
import { indexSchema } from '../../../main/contract/shapes/spec.ts'
import { buildIndex } from '../../../main/engine/ann/usearch.ts'
import { annBlocks } from '../../../main/engine/model/blocks.ts'
import { fittedParts, mostPopularScorer } from '../../../main/engine/evaluation/baselines.ts'
import { evaluate, evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { protocolOf } from '../../helpers/protocol.ts'
import type { Scorer } from '../../../main/engine/model/scoring.ts'
import { vectorScorer } from '../../../main/engine/model/scoring.ts'
import { clustered, drain } from '../ann/vectors.ts'
import { market, marketOf } from './market.ts'

/** ranks items by index, the last first */
const lastFirst = (items: number): Scorer => ({
  score(users, out) {
    for (let i = 0; i < users.length * items; i++) out[i] = i % items
  },
})

/** Five items; item 4 was only ever tested, item 3 only validated. */
const dataset = marketOf(4, 5, [
  [0, 0, 'train'],
  [0, 1, 'train'],
  [0, 3, 'validation'],
  [0, 0, 'test'],
  [0, 2, 'test'],
  [0, 4, 'test'],
  [0, 4, 'test'],
  [1, 0, 'train'],
  [1, 0, 'test'],
  [2, 0, 'train'],
  [2, 1, 'train'],
  [2, 2, 'unused'],
  [2, 2, 'test'],
  [3, 1, 'train'],
  [3, 2, 'validation'],
])

test('worked by hand: what is seen is masked and not counted, repeats count once, unused items may still be found', async () => {
  const result = await evaluateAll({
    dataset,
    protocol: protocolOf(dataset),
    k: [2, 1, 2],
    scorer: lastFirst(5),
    keepLists: true,
    keepRanks: true,
  })
  expect({ ...result, protocol: null }).toMatchInlineSnapshot(`
    {
      "heldOut": {
        "items": Int32Array [
          2,
          4,
          2,
        ],
        "offsets": Int32Array [
          0,
          2,
          3,
        ],
        "users": Int32Array [
          0,
          2,
        ],
      },
      "lists": {
        "depth": 2,
        "items": Int32Array [
          4,
          2,
          4,
          3,
        ],
      },
      "metrics": {
        "cold.hit@1": 1,
        "cold.hit@2": 1,
        "cold.map@1": 1,
        "cold.map@2": 1,
        "cold.mrr@1": 1,
        "cold.mrr@2": 1,
        "cold.ndcg@1": 1,
        "cold.ndcg@2": 1,
        "cold.precision@1": 1,
        "cold.precision@2": 0.5,
        "cold.recall@1": 1,
        "cold.recall@2": 1,
        "coverage@1": 0.2,
        "coverage@2": 0.6,
        "hit@1": 0.5,
        "hit@2": 0.5,
        "map@1": 0.5,
        "map@2": 0.5,
        "mrr@1": 0.5,
        "mrr@2": 0.5,
        "ndcg@1": 0.5,
        "ndcg@2": 0.5,
        "precision@1": 0.5,
        "precision@2": 0.5,
        "recall@1": 0.25,
        "recall@2": 0.5,
      },
      "protocol": null,
      "ranks": Int32Array [
        2,
        1,
        3,
      ],
      "sliceUsers": {
        "cold": 1,
      },
      "users": 2,
    }
  `)
})

test('most popular counts the parts that the model it stands beside was fitted on', async () => {
  const top = async (part: 'validation' | 'test', parts: readonly Part[]): Promise<number[]> => {
    const result = await evaluateAll({
      dataset,
      protocol: protocolOf(dataset, { part, seen: 'included' }),
      k: [5],
      scorer: mostPopularScorer(dataset, parts),
      keepLists: true,
    })
    return [...result.lists!.items.subarray(0, 5)]
  }
  expect(await top('test', fittedParts({ fittedOn: 'train+validation' }))).toEqual([0, 1, 2, 3, 4])
  expect(await top('test', ['validation'])).toEqual([2, 3, 0, 1, 4])
  expect(await top('validation', ['unused'])).toEqual([2, 0, 1, 3, 4])
})

test('events of the protocol decide what is held out, those of the baseline what is counted; any earlier event masks', async () => {
  const shop = market({
    users: 1,
    items: 4,
    user: [0, 0, 0, 0],
    item: [0, 1, 2, 3],
    part: [0, 2, 2, 2],
    event: [0, 1, 0, 1],
    events: ['view', 'book'],
  })
  const booked = await evaluateAll({
    dataset: shop,
    protocol: protocolOf(shop, { events: ['book'] }),
    k: [4],
    scorer: lastFirst(4),
    keepLists: true,
  })
  expect([[...booked.heldOut.items], [...booked.lists!.items]]).toEqual([
    [1, 3],
    [3, 2, 1, -1],
  ])
  const views = new Float32Array(4)
  await mostPopularScorer(shop, ['train', 'test'], ['view']).score(Int32Array.of(0), views)
  expect([...views]).toEqual([1, 0, 1, 0])
})

test('only the users that are named', async () => {
  const { users, heldOut } = await evaluateAll({
    dataset,
    protocol: protocolOf(dataset),
    k: [1],
    scorer: lastFirst(5),
    users: Int32Array.of(3, 2, 2, 1),
  })
  expect([users, [...heldOut.users]]).toEqual([1, [2]])
})

test('a score that is not a number names the user; nobody to evaluate and a foreign protocol are refused', async () => {
  const nan: Scorer = {
    score(users, out) {
      for (let i = 0; i < out.length; i++) out[i] = users[Math.floor(i / 5)] === 2 && i % 5 === 3 ? NaN : 1
    },
  }
  const options = { dataset, protocol: protocolOf(dataset), k: [3], scorer: nan }
  await expect(evaluateAll(options)).rejects.toMatchObject({
    code: 'bad-data',
    message: expect.stringContaining('user u2 for item i3 is not a number') as string,
  })
  await expect(evaluateAll({ ...options, users: Int32Array.of(1) })).rejects.toMatchObject({
    code: 'bad-data',
    message:
      'Nobody in dataset market has a test item that they have not met before: import it with another split, or evaluate another part.',
  })
  const other = { ...dataset, manifest: { ...dataset.manifest, checksum: 'another' } }
  await expect(evaluateAll({ ...options, dataset: other })).rejects.toMatchObject({ code: 'bad-input' })
})

test('progress goes from nothing to all users, and a stop between blocks ends it', async () => {
  const seen = []
  for await (const { done, total } of evaluate({ dataset, protocol: protocolOf(dataset), k: [1], scorer: lastFirst(5) }))
    seen.push([done, total])
  expect(seen).toEqual([
    [0, 2],
    [2, 2],
  ])
  const run = evaluate({ dataset, protocol: protocolOf(dataset), k: [1], scorer: lastFirst(5) })
  await run.next()
  expect(await run.return(undefined as never)).toEqual({ done: true, value: undefined })
})

/** Against dot products in plain JavaScript; and ANN, which finds nearly the same at this size, against exact. */
test('two towers are scored by their vectors, exactly or through the index', async () => {
  const [users, items, dim] = [300, 900, 8]
  const userVectors = clustered(users, dim, 11)
  const itemVectors = clustered(items, dim, 12)
  const rows = Array.from({ length: users }, (_, user) => [
    [user, (7 * user) % items, 'train'] as const,
    [user, (11 * user + 5) % items, 'test'] as const,
  ]).flat()
  const large = marketOf(users, items, rows)
  const byHand: Scorer = {
    score(block, out) {
      for (const [row, user] of block.entries())
        for (let item = 0; item < items; item++) {
          let sum = 0
          for (let j = 0; j < dim; j++) sum += userVectors[user * dim + j]! * itemVectors[item * dim + j]!
          out[row * items + item] = sum
        }
    },
  }
  const scorer = await vectorScorer({ userVectors, itemVectors, dim, threads: 1 })
  const options = { dataset: large, protocol: protocolOf(large), k: [10, 50], keepLists: true, keepRanks: true }
  const exact = await evaluateAll({ ...options, scorer })
  const expected = await evaluateAll({ ...options, scorer: byHand })
  await scorer.dispose()
  expect(exact.lists).toEqual(expected.lists)
  expect(exact.ranks).toEqual(expected.ranks)

  const index = await drain(buildIndex(itemVectors, { dim, metric: 'dot', spec: indexSchema.parse({}) }))
  const ann = await evaluateAll({
    ...options,
    protocol: protocolOf(large, { search: 'ann' }),
    scorer: annBlocks(index, userVectors),
  })
  const equal = ann.lists!.items.reduce((n, item, i) => n + (item === exact.lists!.items[i] ? 1 : 0), 0)
  expect(equal / ann.lists!.items.length).toBeGreaterThan(0.9)
  expect(ann.lists!.items.every((item, i) => item !== (7 * Math.floor(i / 50)) % items)).toBe(true)
  expect(Math.abs(ann.metrics['recall@50']! - exact.metrics['recall@50']!)).toBeLessThan(0.02)
})
