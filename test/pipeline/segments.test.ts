/**
 * Segments: items under a name, by ids, positions or a file; two runs measured on them (against metrics that are counted here from the
 * lists that inspection shows); renamed, exported, deleted, taken back; the same items when the dataset is imported anew.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import { openEngine, type Engine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { importKinds, ITEMS, trainKinds } from '../helpers/four-kinds.ts'
import { pylon } from '../helpers/workspace.ts'

let folder = ''
let home = ''
let engine: Engine
let client: Client
let runs: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pylon-segments-'))
  home = join(folder, 'workspace')
  engine = openEngine({ home, fork: () => forkJob() })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  client = createClient(near)
  await importKinds(client, folder)
  runs = [await trainKinds(client, { name: 'one' }), await trainKinds(client, { name: 'two', seed: 2, epochs: 2 })]
}, 120_000)

afterAll(async () => {
  client.close()
  await engine.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})

const measure = async (input: { segment: string } | { items: number[] }, of = runs) =>
  (await startJob(client, 'segments.measure', { runs: of, ...input })).finished

/** Recall at 20 of each user's held-out items of some kind, and how many users have any, from the ranks that inspection tells. */
async function recallOf(run: string, isIn: (item: string) => boolean): Promise<{ users: number; recall: number }> {
  const { entities: users } = await client.call('entities.search', { dataset: 'small', side: 'user', text: '', limit: 200 })
  const recalls: number[] = []
  for (const { id } of users) {
    const { heldOut } = await client.call('neighbours.inspect', { run, side: 'user', id, k: ITEMS })
    const held = heldOut.filter(({ item }) => isIn(item))
    if (held.length > 0) recalls.push(held.filter(({ rank }) => rank !== null && rank <= 20).length / held.length)
  }
  return { users: recalls.length, recall: recalls.reduce((sum, each) => sum + each, 0) / recalls.length }
}

test('inside and outside are what the lists of inspection give, for each run', async () => {
  const { indices, ...segment } = await client
    .call('segments.save', {
      name: 'first half',
      dataset: 'small',
      items: Array.from({ length: ITEMS / 2 }, (_, i) => i),
      tags: ['b', 'a', 'b'],
    })
    .then(({ segment: id }) => client.call('segments.items', { segment: id }))
  expect(segment).toMatchObject({ name: 'first half', dataset: 'small', tags: ['a', 'b'], items: ITEMS / 2, missing: 0 })
  const { entities } = await client.call('entities.at', { dataset: 'small', side: 'item', indices: [...indices] })
  const ids = new Set(entities.map(({ id }) => id))

  const told = await measure({ segment: 'first half' })
  expect([told.name, told.items, told.runs.map(({ name }) => name)]).toEqual(['first half', ITEMS / 2, ['one', 'two']])
  for (const { run, inside, outside } of told.runs) {
    const [own, others] = [await recallOf(run, (item) => ids.has(item)), await recallOf(run, (item) => !ids.has(item))]
    expect([inside.users, outside.users]).toEqual([own.users, others.users])
    expect(inside.metrics['recall@20']).toBeCloseTo(own.recall, 10)
    expect(outside.metrics['recall@20']).toBeCloseTo(others.recall, 10)
  }
  // items without a name: all of them are the whole, and there are no others
  const whole = await measure({ items: Array.from({ length: ITEMS }, (_, i) => i) }, [runs[0]!])
  expect([whole.name, whole.runs[0]!.outside]).toEqual([null, { users: 0, held: 0, metrics: {} }])
  expect(whole.runs[0]!.inside.held).toBe(told.runs[0]!.inside.held + told.runs[0]!.outside.held)
  expect(whole.runs[0]!.inside.metrics['recall@20']).toBeCloseTo(
    (await client.call('runs.show', { run: runs[0]! })).metrics['recall@20']!,
    10,
  )
  await expect(measure({ items: [ITEMS] })).rejects.toThrow(/no item/)
})

test('what cannot be kept or measured says why', async () => {
  const save = (more: object): Promise<unknown> => client.call('segments.save', { name: 'x', dataset: 'small', ...more })
  await expect(save({})).rejects.toMatchObject({ code: 'bad-input', place: 'ids' })
  await expect(save({ ids: ['i1'], items: [1] })).rejects.toMatchObject({ code: 'bad-input', place: 'ids' })
  await expect(save({ ids: ['i1', 'x1', 'x2'] })).rejects.toThrow(/no item "x1", "x2"/)
  await expect(save({ items: [ITEMS] })).rejects.toThrow(/no item number 80/)
  await expect(save({ dataset: 'none', ids: ['i1'] })).rejects.toMatchObject({ code: 'not-found' })
  await expect(save({ name: 'first half', ids: ['i1'] })).rejects.toMatchObject({ code: 'conflict', place: 'name' })
  await expect(client.call('segments.show', { segment: 'first hal' })).rejects.toThrow(/first half/)
  await expect(client.call('segments.edit', { segment: 'first half' })).rejects.toMatchObject({ code: 'bad-input' })
  await expect(client.call('segments.measure', { runs })).rejects.toMatchObject({ code: 'bad-input' })
})

test('renamed, tagged, exported, read back from its file, deleted and taken back', async () => {
  const { segment } = await client.call('segments.save', { name: 'few', dataset: 'small', ids: ['i7', 'i3', 'i7'] })
  await client.call('segments.save', { name: 'other', dataset: 'small', ids: ['i1'] })
  await expect(client.call('segments.edit', { segment, name: 'other' })).rejects.toMatchObject({ code: 'conflict' })
  expect(await client.call('segments.edit', { segment: 'few', name: 'Some things', tags: ['checked'] })).toMatchObject({
    segment,
    name: 'Some things',
    tags: ['checked'],
    items: 2,
  })
  const out = join(folder, 'few.csv')
  expect(await client.call('segments.export', { segment, out })).toEqual({ path: out, items: 2 })
  const lines = (await readFile(out, 'utf8')).trimEnd().split('\r\n')
  expect(lines.map((line) => line.split(',').slice(0, 2))).toEqual([
    ['item', 'title'],
    ['i3', 'Thing 3 of kind 3'],
    ['i7', 'Thing 7 of kind 3'],
  ])
  const again = await client.call('segments.save', { name: 'again', dataset: 'small', file: out })
  expect(again.items).toBe(2)
  // a list of ids is a file too; one that is not there is named
  await writeFile(join(folder, 'ids.txt'), 'i5\ni6\nnone\n')
  await expect(client.call('segments.save', { name: 'ids', dataset: 'small', file: join(folder, 'ids.txt') })).rejects.toMatchObject({
    message: expect.stringMatching(/no item "none"/) as string,
    place: 'file',
  })

  const before = await client.call('segments.show', { segment })
  expect(before.entities.map(({ id }) => id).sort()).toEqual(['i3', 'i7'])
  expect(await client.call('segments.delete', { segment })).toEqual({ deleted: segment, forever: false })
  expect((await client.call('segments.list', { dataset: 'small' })).segments.map(({ name }) => name).sort()).toEqual([
    'again',
    'first half',
    'other',
  ])
  expect((await client.call('trash.list', {})).entries.map(({ kind, name, what }) => [kind, name, what])).toEqual([
    ['segment', 'Some things', segment],
  ])
  expect(await client.call('trash.restore', { entry: 'Some things' })).toMatchObject({ kind: 'segment', what: segment })
  expect(await client.call('segments.show', { segment })).toEqual(before)
  await client.call('segments.delete', { segment, forever: true })
  expect((await client.call('trash.list', {})).entries).toEqual([])
})

test('a segment is the same items after its dataset was imported anew with others', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => `u${i % 8},i${(7 * i) % 40},${1_700_000_000 + 86_400 * i}`)
  const importFrom = async (name: string, lines: readonly string[], replace: boolean): Promise<void> => {
    const file = join(folder, name)
    await writeFile(file, ['user,item,time', ...lines].join('\n'))
    await (
      await startJob(client, 'datasets.import', { name: 'anew', replace, interactions: file })
    ).finished
  }
  await importFrom('first.csv', rows, false)
  await client.call('segments.save', { name: 'three', dataset: 'anew', ids: ['i0', 'i7', 'i14'] })
  const others = rows.filter((row) => !row.includes(',i0,')).reverse()
  await importFrom('second.csv', others, true)
  const { indices, missing } = await client.call('segments.items', { segment: 'three' })
  const { entities } = await client.call('entities.at', { dataset: 'anew', side: 'item', indices: [...indices] })
  expect([entities.map(({ id }) => id).sort(), missing]).toEqual([['i14', 'i7'], 1])
})

test('a command line says what a segment is and how runs do on it', async () => {
  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await pylon(['segments', ...args], { home })
    expect(code, stderr).toBe(0)
    return stdout
  }
  expect(await said('--dataset', 'small')).toMatch(/first half +small +40 +a, b/)
  expect(await said('show', 'three', '--limit', '1')).toMatch(/no longer has 1 of them[^]+The 1 most popular/)
  expect(await said('measure', 'first half', '--runs', `${runs[0]},two`)).toMatch(
    /one +first half[^\n]+\n +all others[^\n]+\ntwo +first half/,
  )
})
