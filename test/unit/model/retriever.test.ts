/** One retriever for whoever asks: the page, HTTP and evaluations give the same top ten, whatever the match, and however it is asked. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, serveVerbs, type Client } from '../../../main/contract/rpc.ts'
import { indexSchema, matchSchema } from '../../../main/contract/shapes/spec.ts'
import { AnnIndex } from '../../../main/engine/ann/usearch.ts'
import { beforeTest } from '../../../main/engine/dataset/interactions.ts'
import { listFiles } from '../../../main/engine/export/bundle/write-bundle.ts'
import { type Engine, openEngine } from '../../../main/engine/index.ts'
import { exactBlocks } from '../../../main/engine/model/blocks.ts'
import { Retriever } from '../../../main/engine/model/retriever.ts'
import { fittedScorer, vectorScorer } from '../../../main/engine/model/scoring.ts'
import { OpenModel } from '../../../main/engine/serving/open-model.ts'
import { neighbours } from '../../../main/engine/serving/neighbours.ts'
import { type ServedHit, ServedModel } from '../../../main/engine/serving/served.ts'
import { isFunction, metricOf } from '../../../main/engine/towers/metric.ts'
import { memoryChannels } from '../../../main/hosts/memory-channels.ts'
import { importKinds, ITEMS, trainKinds } from '../../helpers/four-kinds.ts'
import { jobHere } from '../../helpers/in-process.ts'
import { numbers } from '../../helpers/numbers.ts'

const [DIM, COUNT, USERS, K] = [6, 40, 5, 10]
const EXCLUDED = [3, 17, 31]
const itemVectors = numbers(COUNT * DIM, 1)

describe.each([
  { kind: 'cosine' },
  { kind: 'dot' },
  { kind: 'euclidean' },
  { kind: 'expression', expression: 'dot / (1 + 0.1 * sq)', retrieve: 'dot' },
])('$kind', (spec) => {
  const matching = matchSchema.parse(spec)
  test.each([1, 2])('of users of %i vectors the exact answer, the index and whole evaluations agree', async (interests) => {
    const userVectors = numbers(USERS * interests * DIM, 2)
    const scorer = await vectorScorer({ userVectors, itemVectors, dim: DIM, interests, threads: 1, matching })
    const lists = new Int32Array(USERS * K)
    const users = Int32Array.from({ length: USERS }, (_, user) => user)
    await exactBlocks(scorer, COUNT).retrieve({ users, depth: K, lists, seen: () => Int32Array.from(EXCLUDED) })
    await scorer.dispose()
    const retriever = new Retriever(itemVectors, DIM, matching)
    const index = AnnIndex.create({ dim: DIM, metric: metricOf(matching), spec: indexSchema.parse({ expansionSearch: COUNT }) })
    index.add(
      Int32Array.from({ length: COUNT }, (_, key) => key),
      itemVectors,
    )
    for (const user of users) {
      const query = userVectors.subarray(user * interests * DIM, (user + 1) * interests * DIM)
      const expected = [...lists.subarray(user * K, (user + 1) * K)]
      const ask = { k: K, exclude: EXCLUDED, index }
      for (const by of ['exact', isFunction(matching) ? 'rescored' : 'ann', 'quickest'] as const)
        expect([...(await retriever.search(query, { ...ask, by })).keys], by).toEqual(expected)
      const filter = Uint8Array.from({ length: COUNT }, (_, key) => key % 2)
      const odd = await retriever.search(query, { ...ask, by: 'exact', filter })
      const all = await retriever.scores(query)
      const byHand = [...all.keys()].filter((key) => key % 2 === 1 && !EXCLUDED.includes(key)).sort((a, b) => all[b]! - all[a]!)
      expect([...odd.keys]).toEqual(byHand.slice(0, K))
    }
    // by bounds, where there are any: the very answers, of what was removed, put and put again beyond its room too
    const prepared = new Retriever(itemVectors, DIM, matching)
    prepared.prepare()
    for (const each of [retriever, prepared]) {
      each.remove(5)
      if (isFunction(matching)) continue
      for (const [key, seed] of [
        [5, 6],
        [8, 7],
        [COUNT + 2, 8],
        [3 * COUNT, 9],
      ] as const)
        each.put(key, numbers(DIM, seed))
      each.remove(8)
    }
    expect(prepared.size).toBe(retriever.size)
    const filters = [null, ...[2, 30].map((n) => Uint8Array.from({ length: 4 * COUNT }, (_, key) => Number(key % n > 0 === (n === 2))))]
    for (const [i, user] of users.entries())
      for (const filter of filters)
        for (const k of [1, K, 4 * COUNT]) {
          const query = userVectors.subarray(user * interests * DIM, (user + 1) * interests * DIM)
          const ask = { k, by: 'exact', exclude: EXCLUDED.slice(0, i % 4), filter } as const
          expect(await prepared.search(query, ask)).toEqual(await retriever.search(query, ask))
        }
    await prepared.dispose()
    index.dispose()
    await retriever.dispose()
  })
})

test('items that are put are found, removed ones are not, and a vector that is no number is refused', async () => {
  const retriever = new Retriever(itemVectors, DIM, 'dot')
  const query = numbers(DIM, 3)
  const top = async (): Promise<number> => (await retriever.search(query, { k: 1, by: 'exact' })).keys[0]!
  const first = await top()
  retriever.put(
    COUNT,
    query.map((x) => 100 * x),
  )
  expect([await top(), retriever.size]).toEqual([COUNT, COUNT + 1])
  retriever.remove(COUNT)
  expect([await top(), retriever.size]).toEqual([first, COUNT])
  expect(() => retriever.put(COUNT, new Float32Array(DIM).fill(NaN))).toThrow('NaN')
  await expect(retriever.search(new Float32Array(DIM).fill(NaN), { k: 1, by: 'exact' })).rejects.toMatchObject({ code: 'bad-data' })
})

test('under a filter of 10,000 candidates the quickest way finds all that an exact search finds; without one it is the index', async () => {
  const [count, dim, candidates] = [20_000, 64, 10_000]
  const vectors = numbers(count * dim, 4)
  const retriever = new Retriever(vectors, dim, 'dot')
  // a poor graph: what is asked of it alone misses much
  const index = AnnIndex.create({ dim, metric: 'dot', spec: indexSchema.parse({ connectivity: 4, expansionAdd: 8, expansionSearch: 8 }) })
  index.add(
    Int32Array.from({ length: count }, (_, key) => key),
    vectors,
  )
  const filter = Uint8Array.from({ length: count }, (_, key) => Number(key < candidates))
  let missed = 0
  for (let q = 0; q < 20; q++) {
    const [query, ask] = [numbers(dim, 10 + q), { k: K, index, filter }]
    const exact = [...(await retriever.search(query, { ...ask, by: 'exact' })).keys]
    expect([...(await retriever.search(query, { ...ask, by: 'quickest' })).keys]).toEqual(exact)
    const near = new Set((await retriever.search(query, { ...ask, k: 3 * K, by: 'ann' })).keys)
    missed += exact.filter((key) => !near.has(key)).length
    const open = { k: K, index, filter: null }
    expect(await retriever.search(query, { ...open, by: 'quickest' })).toEqual(await retriever.search(query, { ...open, by: 'ann' }))
  }
  expect(missed).toBeGreaterThan(20)
  index.dispose()
  await retriever.dispose()
})

describe('a run', () => {
  let [home, engine, client, model, served] = ['', null!, null!, null!, null!] as [string, Engine, Client, OpenModel, ServedModel]
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'pylon-test-'))
    engine = openEngine({ home, fork: jobHere })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    client = createClient(near)
    await importKinds(client, join(home, 'files'))
    const runFolder = join(home, 'runs', await trainKinds(client, { name: 'small', epochs: 1 }))
    const { spec } = await client.call('runs.show', { run: 'small' })
    if (spec.model !== 'two-tower') throw new Error('It is a two-tower.')
    const place = {
      runFolder,
      fileRecords: await listFiles(runFolder),
      datasetFolder: join(home, 'datasets', 'small'),
      datasetRecord: null,
    }
    model = await OpenModel.open({ ...place, spec }, 1)
    served = await ServedModel.open({ ...place, spec, threads: 1 })
  }, 60_000)
  afterAll(async () => {
    await model.dispose()
    await served.dispose()
    client.close()
    await engine.close()
    await rm(home, { recursive: true, force: true, maxRetries: 3 })
  })
  const page = async (asked: { id?: string; features?: object; side?: 'item' }): Promise<string[]> => {
    const features = asked.features === undefined ? undefined : JSON.stringify(asked.features)
    const question = { side: asked.side ?? ('user' as const), id: asked.id, features, k: K, includeSeen: false, ann: false }
    return (await neighbours(model, question)).hits.map(({ item }) => item)
  }
  const names = (hits: readonly ServedHit[]): string[] => hits.map(({ item }) => item)
  const search = { k: K, filter: null, by: 'quickest' as const, exclude: [] as string[] }

  test('a known user: page, HTTP and evaluation', async () => {
    const { dataset } = model
    const [user, ids] = [await model.indexOf('user', 'u7'), await dataset.ids('item')]
    const lists = new Int32Array(K)
    const scorer = await fittedScorer(model.fitted, dataset, 1)
    const earlier = beforeTest(dataset.interactions)
    await exactBlocks(scorer, ITEMS).retrieve({ users: Int32Array.of(user), depth: K, lists, seen: (each) => earlier.itemsOf(each) })
    await scorer.dispose?.()
    const expected = Array.from(lists, (key) => ids[key]!)
    expect(await page({ id: 'u7' })).toEqual(expected)
    expect(names(await served.recommend(served.userVector('u7'), { ...search, exclude: served.seenBy('u7') }))).toEqual(expected)
  })

  test('a typed-in user, and items like one: page and HTTP', async () => {
    const features = { age: 33, history: ['i1', 'i5', 'i9'] }
    expect(names(await served.recommend(await served.embed('user', features), search))).toEqual(await page({ features }))
    const alike = names(await served.similar(served.itemVector('i6'), { ...search, exclude: ['i6'] }))
    expect(alike).toEqual(await page({ id: 'i6', side: 'item' }))
  })

  test('a filter lets through what it says, in the order without it', async () => {
    const vector = served.userVector('u7')
    const all = names(await served.recommend(vector, { ...search, k: ITEMS }))
    const ofKind = names(await served.recommend(vector, { ...search, filter: { kind: 'k2' } }))
    expect(ofKind).toEqual(all.filter((item) => Number(item.slice(1)) % 4 === 2).slice(0, K))
  })
})
