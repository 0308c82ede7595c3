/** Inspection over a real run: lists and ranks against scores computed here, histories left out, newcomers, and indexes that change. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import type { VerbInput, VerbOutput } from '../../main/contract/verbs.ts'
import { Duck, sqlText } from '../../main/engine/dataset/duck.ts'
import { openEngine, type Engine } from '../../main/engine/index.ts'
import { readNpy } from '../../main/engine/files/npy.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { importKinds, ITEMS, trainKinds } from '../helpers/four-kinds.ts'

let home = ''
let engine: Engine
let client: Client
let run = ''

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pylon-inspect-'))
  engine = openEngine({ home: join(home, 'workspace'), fork: () => forkJob() })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  client = createClient(near)
  await importKinds(client, home)
  run = await trainKinds(client, { name: 'small' })
}, 120_000)

afterAll(async () => {
  client.close()
  await engine.close()
  await rm(home, { recursive: true, force: true, maxRetries: 3 })
})

const ask = (more: Partial<VerbInput<'neighbours.inspect'>>): Promise<VerbOutput<'neighbours.inspect'>> =>
  client.call('neighbours.inspect', { run, side: 'user', ...more })

/** Cosines of a user with all items, from the vectors on disk. */
async function scoresOf(user: number): Promise<Float64Array> {
  const folder = join(home, 'workspace', 'runs', run)
  const [users, items] = [await readNpy(join(folder, 'user_vectors.npy')), await readNpy(join(folder, 'item_vectors.npy'))]
  const dim = items.shape[1]!
  const dot = (a: number, b: number): number => {
    let [sum, x, y] = [0, 0, 0]
    for (let j = 0; j < dim; j++) {
      const [p, q] = [Number(users.data[a * dim + j]), Number(items.data[b * dim + j])]
      sum += p * q
      x += p * p
      y += q * q
    }
    return sum / Math.sqrt(x * y)
  }
  return Float64Array.from({ length: ITEMS }, (_, item) => dot(user, item))
}

test('hits, marks and the rank of every held-out item are those of the vectors on disk', async () => {
  for (const { id, index } of (await client.call('entities.search', { dataset: 'small', side: 'user', text: '', limit: 5 })).entities) {
    const shown = await client.call('entities.show', { dataset: 'small', side: 'user', id })
    const seen = new Set(shown.events.filter(({ part }) => part !== 'test').map((event) => event.id))
    const held = new Set(shown.events.filter(({ part, id: item }) => part === 'test' && !seen.has(item)).map((event) => event.id))
    const scores = await scoresOf(index)
    const { entities: items } = await client.call('entities.at', { dataset: 'small', side: 'item', indices: [...scores.keys()] })
    const ranked = items.filter((item) => !seen.has(item.id)).sort((a, b) => scores[b.index]! - scores[a.index]!)

    const answer = await ask({ id, k: 10, columns: ['price', 'kind'] })
    expect(answer.candidates).toBe(ranked.length)
    expect(answer.hits.map(({ item }) => item)).toEqual(ranked.slice(0, 10).map((item) => item.id))
    expect(answer.hits[0]!.score).toBeCloseTo(scores[ranked[0]!.index]!, 5)
    expect(answer.hits.every(({ item, seenIn }) => seenIn === (held.has(item) ? 'test' : null))).toBe(true)
    expect(answer.hits[0]!.values).toEqual([expect.any(Number), expect.stringMatching(/^k[0-3]$/)])
    expect(answer.heldOut.map(({ item, rank }) => [item, rank])).toEqual(
      [...held].map((item) => [item, ranked.findIndex((each) => each.id === item) + 1]).sort((a, b) => Number(a[1]) - Number(b[1])),
    )
    const all = await ask({ id, k: 80, includeSeen: true })
    expect(
      all.hits
        .filter(({ seenIn }) => seenIn === 'train' || seenIn === 'validation')
        .map(({ item }) => item)
        .sort(),
    ).toEqual([...seen].sort())
  }
})

test('ANN: what it missed and what it found make up the exact list', async () => {
  const [exact, ann] = [await ask({ id: 'u7', k: 20 }), await ask({ id: 'u7', k: 20, ann: true })]
  expect(
    [...ann.hits.filter(({ item }) => exact.hits.some((hit) => hit.item === item)), ...ann.missed].map(({ item }) => item).sort(),
  ).toEqual(exact.hits.map(({ item }) => item).sort())
  expect(ann.recallVsExact).toBeCloseTo(1 - ann.missed.length / 20, 10)
})

test('a history left out: nothing left out changes nothing, and contributions are the differences of the scores', async () => {
  const whole = await ask({ id: 'u3', k: 80 })
  expect(whole.readsHistory).toBe(true)
  const top = whole.hits[0]!
  const { history, score, maxLength } = await client.call('neighbours.contributions', { run, id: 'u3', item: top.item })
  expect(maxLength).toBe(6)
  expect(score).toBeCloseTo(top.score, 5)
  expect(history.map(({ position }) => position)).toEqual([...history.map(({ position }) => position)].sort((a, b) => b - a))
  const read = history.filter(({ change }) => change !== null)
  expect(read.length).toBeGreaterThanOrEqual(3)
  for (const { position, change, turn } of read.slice(0, 4)) {
    const without = await ask({ id: 'u3', k: 80, without: [position] })
    expect(without.hits.find(({ item }) => item === top.item)!.score).toBeCloseTo(top.score - change!, 4)
    expect(turn).toBeGreaterThanOrEqual(-1e-6)
  }
  // the tower reads the six most recent: the oldest is not among them
  expect(history.at(-1)!.change).toBeNull()
  const untouched = await ask({ id: 'u3', k: 80, without: [history.at(-1)!.position] })
  expect(untouched.hits.map(({ item }) => item)).toEqual(whole.hits.map(({ item }) => item))
})

test('a typed-in user and item go through the same form', async () => {
  const { fields } = await client.call('neighbours.form', { run, side: 'user' })
  expect(fields.map(({ name, kind }) => [name, kind])).toEqual([
    ['age', 'number'],
    ['history', 'history'],
  ])
  const kinds = (await client.call('neighbours.form', { run, side: 'item' })).fields.find(({ name }) => name === 'kind')!
  expect([...kinds.options].sort()).toEqual(['k0', 'k1', 'k2', 'k3'])
  const answer = await ask({ features: JSON.stringify({ age: 30, history: ['i1', 'i5', 'i9'] }), k: 10, columns: ['kind'] })
  expect(answer.heldOut).toEqual([])
  expect(answer.hits.filter(({ values }) => values[0] === 'k1').length).toBeGreaterThan(5)
  const similar = await ask({ side: 'item', features: JSON.stringify({ kind: 'k2', price: 40 }), k: 10, columns: ['kind'] })
  expect(similar.hits.filter(({ values }) => values[0] === 'k2').length).toBeGreaterThan(5)
  await expect(ask({ features: '{"colour":"red"}' })).rejects.toMatchObject({ code: 'bad-input' })
  await expect(ask({})).rejects.toMatchObject({ code: 'bad-input' })
})

test("an index beside the run's own: built, searched, changed, dropped; the own one stays", async () => {
  const built = await startJob(client, 'index.build', { run, name: 'live', scalar: 'f16', connectivity: 8 })
  expect(await built.finished).toMatchObject({
    name: 'live',
    count: ITEMS,
    removed: 0,
    added: [],
    spec: { scalar: 'f16', connectivity: 8 },
  })
  await expect(client.call('index.build', { run, name: 'live' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(client.call('index.build', { run, name: '../live' })).rejects.toMatchObject({ code: 'bad-input' })

  const item = JSON.stringify({ kind: 'k1', price: 50 })
  const added = await client.call('index.add', { run, name: 'live', id: 'new', title: 'Brand new', features: item })
  expect([added.count, added.added.map(({ id }) => id)]).toEqual([ITEMS + 1, ['new']])
  await expect(client.call('index.add', { run, name: 'live', id: 'i1', features: item })).rejects.toMatchObject({ code: 'conflict' })
  const found = await ask({ side: 'item', features: item, ann: true, index: 'live', k: 3 })
  expect(found.hits[0]).toMatchObject({ item: 'new', title: 'Brand new', index: null, popularity: 0 })
  expect(found.hits[0]!.score).toBeCloseTo(1, 2)

  const top = (await ask({ id: 'u7', ann: true, index: 'live', k: 1 })).hits[0]!.item
  const removed = await client.call('index.remove', { run, name: 'live', items: top === 'new' ? ['i1'] : [top] })
  expect([removed.count, removed.removed]).toEqual([ITEMS, 1])
  if (top !== 'new') {
    const after = await ask({ id: 'u7', ann: true, index: 'live', k: 5 })
    expect(after.hits.map((hit) => hit.item)).not.toContain(top)
    expect((await client.call('index.remove', { run, name: 'live', items: [top], restore: true })).removed).toBe(0)
    expect((await ask({ id: 'u7', ann: true, index: 'live', k: 1 })).hits[0]!.item).toBe(top)
  }
  await client.call('index.remove', { run, name: 'live', items: ['new'] })
  const { indexes } = await client.call('index.list', { run })
  expect(indexes.map(({ name, count, added: others }) => [name, count, others.length])).toEqual([
    ['own', ITEMS, 0],
    ['live', ITEMS, 0],
  ])
  await client.call('index.drop', { run, name: 'live' })
  expect((await client.call('index.list', { run })).indexes.map(({ name }) => name)).toEqual(['own'])
  await expect(ask({ id: 'u7', ann: true, index: 'live' })).rejects.toMatchObject({ code: 'not-found' })
})

test('a curve is measured by a job and kept with the run', async () => {
  const job = await startJob(client, 'index.curve', { run, k: 5, expansions: [8, 64], scalars: ['f32', 'i8'], queries: 30 })
  const curve = await job.finished
  expect(curve.points.map(({ scalar, expansionSearch }) => `${scalar} ${expansionSearch}`)).toEqual(['f32 8', 'f32 64', 'i8 8', 'i8 64'])
  expect(curve.points.find(({ scalar, expansionSearch }) => scalar === 'f32' && expansionSearch === 64)!.recall).toBe(1)
  expect((await client.call('index.list', { run })).curve).toEqual(curve)
})

test('the map has a place and a colour for every item', async () => {
  const { points, items, explained } = await client.call('map.points', { run })
  expect([points.length, items]).toEqual([2 * ITEMS, ITEMS])
  expect(explained![0]).toBeGreaterThanOrEqual(explained![1])
  // by neighbourhoods once they are laid out, users among the items
  await expect(client.call('map.points', { run, layout: 'neighbourhoods' })).rejects.toMatchObject({ code: 'not-found' })
  const told = await (await startJob(client, 'map.layout', { run, neighbours: 5, users: 7 })).finished
  const laid = await client.call('map.points', { run, layout: 'neighbourhoods' })
  expect([laid.points.length, laid.users.indices.length, laid.users.points.length, laid.explained]).toEqual([2 * ITEMS, 7, 14, null])
  expect(laid.points.every(Number.isFinite)).toBe(true)
  expect(laid.labels).toEqual(told.labels)
  await (
    await startJob(client, 'map.layout', { run, neighbours: 5, users: 7 })
  ).finished
  expect((await client.call('map.points', { run, layout: 'neighbourhoods' })).points).toEqual(laid.points)
  const colours = await client.call('map.colours', { dataset: 'small', column: 'kind' })
  expect(colours.kind === 'category' && [...colours.labels].sort()).toEqual(['k0', 'k1', 'k2', 'k3'])
  await expect(client.call('map.colours', { dataset: 'small', column: 'nothing' })).rejects.toMatchObject({ code: 'bad-input' })
})

test('recommendations of every user are the lists that inspection shows', async () => {
  const out = join(home, 'all', 'recommendations.parquet')
  const told = await (await startJob(client, 'recommendations.write', { run, out, k: 7 })).finished
  const duck = await Duck.open({ threads: 1, memoryLimit: '200MB', spillIn: home })
  try {
    const rows = await duck.rows(`SELECT * FROM ${sqlText(out)}`)
    const { datasets } = await client.call('datasets.list', {})
    expect(told).toMatchObject({ run, out, users: datasets[0]!.users, rows: rows.length, k: 7 })
    const users = [...new Set(rows.map((row) => String(row['user'])))]
    expect(users).toHaveLength(told.users)
    for (const id of [users[0]!, users[1]!, users.at(-1)!]) {
      const own = rows.filter((row) => row['user'] === id)
      const { hits } = await ask({ id, k: 7 })
      expect(own.map(({ item, rank }) => [item, rank])).toEqual(hits.map(({ item, rank }) => [item, rank]))
      for (const [i, { score }] of hits.entries()) expect(own[i]!['score']).toBeCloseTo(score, 5)
    }
    const again = { run, out, k: 10_000, includeSeen: true }
    await expect((await startJob(client, 'recommendations.write', again)).finished).rejects.toThrow('exists')
    const all = await (await startJob(client, 'recommendations.write', { ...again, out: join(home, 'all', 'seen.parquet') })).finished
    expect(all.rows).toBe(all.users * datasets[0]!.items)
  } finally {
    await duck.close()
  }
})
