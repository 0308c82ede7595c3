/**
 * Files that are not what was written: for each file of runs, indexes and datasets one flipped bit, a lost byte, or the same file of
 * another run. What would use the file refuses it by name, all else answers, nothing else changes, and with the old bytes it works again.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import type { DatasetManifest } from '../../main/contract/shapes/dataset.ts'
import { formatOf } from '../../main/engine/export/formats.ts'
import { openEngine } from '../../main/engine/index.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { RECORD } from '../../main/engine/store/run-record.ts'
import { epochFile } from '../../main/engine/model/epoch-vectors.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { jobHere, serverHere } from '../helpers/in-process.ts'
import { writeSmallMarket } from '../helpers/small-market.ts'
import { pylon } from '../helpers/workspace.ts'

let root: string
const home = (): string => join(root, 'home')
const ids: Record<string, string> = {}
const folder = (run: string): string => join(home(), 'runs', ids[run]!)
const SMALL = ['training.batchSize=64', 'training.epochs=2']
/** columns of a user that the market does not have are not asked for: an id nobody has seen is a new user */
const NEWCOMER = JSON.stringify({ history: ['i1', 'i16'] })

const inProcess = { fork: jobHere, forkServer: serverHere }
async function withEngine<T>(body: (client: Client) => Promise<T>, processes = inProcess): Promise<T> {
  const engine = openEngine({ home: home(), ...processes })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  try {
    return await body(createClient(near))
  } finally {
    await engine.close()
  }
}

const job = async (...[client, verb, input]: Parameters<typeof startJob>): Promise<unknown> =>
  (await startJob(client, verb, input)).finished
const train = async (client: Client, name: string, more: object): Promise<void> => {
  const { started, finished } = await startJob(client, 'runs.start', { dataset: 'd', name, threads: 1, ...more })
  await finished
  ids[name] = started.run
}
let exports_ = 0
const out = (): string => join(root, `out${exports_++}`)

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'pylon-damaged-'))
  const files = writeSmallMarket(join(root, 'files'))
  await withEngine(async (client) => {
    for (const name of ['d', 'other'])
      await job(client, 'datasets.import', { name, ...files, split: name === 'd' ? 'leave-last' : 'random:0.2' })
    for (const name of ['a', 'b']) {
      await train(client, name, { recipe: 'two-tower', set: [...SMALL, `training.seed=${name === 'a' ? 1 : 2}`] })
      const run = ids[name]!
      await job(client, 'index.build', { run, name: 'fast' })
      await client.call('index.add', { run, name: 'fast', id: 'new', title: null, features: JSON.stringify({ genre: 'g1', price: 12 }) })
      await job(client, 'index.curve', { run, expansions: [16], scalars: ['f32'], queries: 20 })
      await job(client, 'runs.rerank', { run, top: 10, epochs: 1 })
    }
    for (const name of ['knn', 'knn2'])
      await train(client, name, { spec: { model: 'item-knn', ...(name === 'knn2' && { neighbours: 5 }) } })
    await job(client, 'runs.rank', { runs: ['a', 'b'] })
  })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

interface Use {
  readonly files: readonly string[]
  readonly ask: (client: Client) => Promise<unknown>
  /** it writes or takes long: asked only where it is refused, and once in the end */
  readonly once?: boolean
}

const VECTORS = ['user_vectors.npy', 'item_vectors.npy']
const TRAIN_VECTORS = ['train_user_vectors.npy', 'train_item_vectors.npy']
const TOWERS = ['encoders.json', 'weights.safetensors']
const INDEX = ['item.index', 'item.index.json']
const FAST = ['indexes/fast.index', 'indexes/fast.index.json', 'indexes/fast.index.about.json']
const IDS = ['user_ids.json', 'item_ids.json']
const exporting = (run: string, format: 'vectors' | 'onnx' | 'bundle'): Use => ({
  files: formatOf(format).files,
  ask: (client) => job(client, 'runs.export', { run, format, out: out() }),
  once: true,
})
/** of both its epochs */
const EPOCHS = [1, 2].map(epochFile)
const ranksOf = (run: string): string => readdirSync(folder(run)).find((file) => file.startsWith('ranks-'))!
const inspecting = (run: string, index: string) => (client: Client) =>
  client.call('neighbours.inspect', { run, side: 'user', id: 'u3', ann: true, index })

/** What uses which files of a two-tower run. */
const twoTower: Readonly<Record<string, () => Use>> = {
  recommend: () => ({ files: VECTORS, ask: (c) => c.call('neighbours.recommend', { run: 'a', user: 'u3' }) }),
  'recommend to a new user': () => ({
    files: [...VECTORS, ...TOWERS],
    ask: (c) => c.call('neighbours.recommend', { run: 'a', features: NEWCOMER }),
  }),
  'recommend by the index': () => ({
    files: [...VECTORS, ...INDEX],
    ask: (c) => c.call('neighbours.recommend', { run: 'a', user: 'u3', ann: true }),
  }),
  similar: () => ({ files: VECTORS, ask: (c) => c.call('neighbours.similar', { run: 'a', item: 'i3' }) }),
  'follow over epochs': () => ({
    files: [...VECTORS, ...EPOCHS],
    ask: (c) => c.call('neighbours.flow', { runs: ['a'], item: 'i3' }),
  }),
  'inspect by another index': () => ({ files: [...VECTORS, ...TOWERS, ...FAST], ask: inspecting('a', 'fast') }),
  form: () => ({ files: [...VECTORS, ...TOWERS], ask: (c) => c.call('neighbours.form', { run: 'a', side: 'user' }) }),
  'list indexes': () => ({
    files: [...VECTORS, INDEX[1]!, FAST[1]!, FAST[2]!, 'indexes/curve.json'],
    ask: (c) => c.call('index.list', { run: 'a' }),
  }),
  map: () => ({ files: VECTORS, ask: (c) => c.call('map.points', { run: 'a' }) }),
  'curves over K': () => ({ files: [ranksOf('a')], ask: (c) => c.call('curves.ranks', { runs: ['a'] }) }),
  'the second stage': () => ({ files: ['reranked.json'], ask: (c) => c.call('runs.reranked', { run: 'a' }) }),
  difference: () => ({ files: [ranksOf('a')], ask: (c) => job(c, 'runs.difference', { runs: ['a', 'b'] }), once: true }),
  'evaluate by the index': () => ({
    files: [...VECTORS, ...INDEX],
    ask: (c) => job(c, 'runs.evaluate', { run: 'a', ann: true }),
    once: true,
  }),
  'evaluate on validation': () => ({
    files: [...VECTORS, ...TRAIN_VECTORS],
    ask: (c) => job(c, 'runs.evaluate', { run: 'a', split: 'validation' }),
    once: true,
  }),
  'export vectors': () => exporting('a', 'vectors'),
  'export onnx': () => exporting('a', 'onnx'),
  'export bundle': () => exporting('a', 'bundle'),
  serve: () => ({
    files: [...VECTORS, ...IDS, ...TOWERS, ...INDEX],
    ask: async (c) => {
      const { server } = await c.call('serving.start', { run: 'a', port: 0 })
      await c.call('serving.stop', { server })
    },
    once: true,
  }),
  'warm start': () => ({
    files: TOWERS,
    ask: (c) => job(c, 'runs.start', { dataset: 'd', recipe: 'two-tower', threads: 1, set: [...SMALL, `training.warmStart=${ids['a']}`] }),
    once: true,
  }),
  'change an index': () => ({
    files: [...VECTORS, ...FAST],
    ask: (c) => c.call('index.remove', { run: ids['a']!, name: 'fast', items: ['i1'], restore: false }),
    once: true,
  }),
  'build an index': () => ({ files: VECTORS, ask: (c) => job(c, 'index.build', { run: 'a', name: 'spare' }), once: true }),
  curve: () => ({
    files: VECTORS,
    ask: (c) => job(c, 'index.curve', { run: 'a', expansions: [16], scalars: ['f32'], queries: 20 }),
    once: true,
  }),
  ledger: () => ({
    files: ['train_encoders.json', 'train_weights.safetensors'],
    ask: (c) => job(c, 'runs.ledger', { run: 'a', repeats: 2 }),
    once: true,
  }),
  rerank: () => ({
    files: [...VECTORS, ...TRAIN_VECTORS],
    ask: (c) => job(c, 'runs.rerank', { run: 'a', top: 10, epochs: 1 }),
    once: true,
  }),
}

/** What uses which files of an item-item run. */
const WEIGHTS = ['item_bias.npy', 'item_weights.npy', 'item_weights_offsets.npy', 'item_weights_targets.npy']
const itemItem: Readonly<Record<string, () => Use>> = {
  recommend: () => ({ files: WEIGHTS, ask: (c) => c.call('neighbours.recommend', { run: 'knn', user: 'u3' }) }),
  similar: () => ({ files: WEIGHTS, ask: (c) => c.call('neighbours.similar', { run: 'knn', item: 'i3' }) }),
  evaluate: () => ({ files: WEIGHTS, ask: (c) => job(c, 'runs.evaluate', { run: 'knn' }), once: true }),
  rank: () => ({ files: WEIGHTS, ask: (c) => job(c, 'runs.rank', { runs: ['knn'] }), once: true }),
}
/** Files of an item-item run that nothing reads: written for whoever takes the folder away. */
const UNREAD = ['spec.json', 'protocol.json', 'metrics.json', ...IDS]

const TRAIN = { dataset: 'd', recipe: 'two-tower', threads: 1, set: SMALL } as const
const ARRAYS = ['interactions/user.i32', 'interactions/item.i32', 'interactions/part.u8', 'interactions/time.f64']
const dataset: Readonly<Record<string, () => Use>> = {
  recommend: () => ({ files: ['users.parquet', 'items.parquet'], ask: (c) => c.call('neighbours.recommend', { run: 'a', user: 'u3' }) }),
  rows: () => ({ files: ['items.parquet'], ask: (c) => c.call('datasets.rows', { dataset: 'd', side: 'item' }) }),
  'a search of users': () => ({
    files: ['users.parquet'],
    ask: (c) => c.call('entities.search', { dataset: 'd', side: 'user', text: 'u1' }),
  }),
  evaluate: () => ({ files: [], ask: (c) => job(c, 'runs.evaluate', { run: 'a' }), once: true }),
  estimate: () => ({
    files: ['items.parquet'],
    ask: (c) => c.call('specs.estimate', { dataset: 'd', spec: { model: 'two-tower' } }),
    once: true,
  }),
  'export bundle': () => ({ files: ['users.parquet', 'items.parquet'], ask: exporting('a', 'bundle').ask, once: true }),
  train: () => ({ files: ['users.parquet', 'items.parquet'], ask: (c) => job(c, 'runs.start', TRAIN), once: true }),
}

/** What is in a run's folder and not recorded, and why. */
const UNRECORDED: Readonly<Record<string, string>> = {
  [RECORD]: 'what the database knows of the run, these checksums too: nothing reads it while there is a database',
}

/** Files under a folder with their checksums, by path with forward slashes. */
function contents(at: string): Record<string, string> {
  const files = readdirSync(at, { recursive: true, encoding: 'utf8' }).filter(
    (path) => statSync(join(at, path)).isFile() && !(path in UNRECORDED),
  )
  const sum = (path: string): string =>
    createHash('sha256')
      .update(readFileSync(join(at, path)))
      .digest('hex')
  return Object.fromEntries(files.sort().map((path) => [path.replaceAll('\\', '/'), sum(path)]))
}

const flipped = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)))
const damages: Readonly<Record<string, (bytes: Buffer, other: Buffer | null) => Buffer | null>> = {
  'a flipped bit': flipped,
  'a lost byte': (bytes) => bytes.subarray(0, -1),
  'the file of another': (bytes, other) => (other === null || other.equals(bytes) ? null : other),
}

/** Damages a file in each way, and asks what uses it, and with a flipped bit also what does not. */
async function damaging(at: string, file: string, other: string | null, uses: Readonly<Record<string, Use>>): Promise<void> {
  const path = join(at, file)
  const whole = readFileSync(path)
  const foreign = other === null ? null : readFileSync(join(other, file))
  const runs = (): Promise<number> => withEngine(async (client) => (await client.call('runs.list', {})).runs.length)
  const before = await runs()
  try {
    for (const [how, damage] of Object.entries(damages)) {
      const bytes = damage(whole, foreign)
      if (bytes === null) continue
      writeFileSync(path, bytes)
      const there = contents(at)
      await withEngine(async (client) => {
        for (const [what, { files, ask, once = false }] of Object.entries(uses)) {
          const label = `${what}: ${file} with ${how}`
          if (files.includes(file)) {
            const found = await ask(client).then(
              () => ({ code: 'answered', message: '' }),
              (error: unknown) => error as { code: string; message: string },
            )
            expect([found.code, found.message], label).toEqual(['bad-data', expect.stringContaining(path)])
            expect(found.message, label).toMatch(
              /is not the one that was written(: it has \d+ bytes, not \d+|: its sha256 is \w{12}…, not \w{12}…)?[.;]/,
            )
          } else if (!once && how === 'a flipped bit')
            await ask(client).catch((error: unknown) => expect.fail(`${label}: ${String(error)}`))
        }
      })
      expect(contents(at), `${file} with ${how}`).toEqual(there)
    }
    expect(await runs(), file).toBe(before)
  } finally {
    writeFileSync(path, whole)
  }
  const first = Object.values(uses).find(({ files }) => files.includes(file))!
  if (first.once !== true) await withEngine(first.ask)
}

const made = (uses: Readonly<Record<string, () => Use>>): Record<string, Use> =>
  Object.fromEntries(Object.entries(uses).map(([name, make]) => [name, make()]))

describe('a two-tower run', () => {
  test('every file in its folder is recorded, and something is known to read it', async () => {
    const { artefacts } = await withEngine((client) => client.call('runs.show', { run: 'a' }))
    expect(Object.fromEntries(artefacts.map(({ path, sha256 }) => [path, sha256]))).toEqual(contents(folder('a')))
    const read = new Set(Object.values(made(twoTower)).flatMap(({ files }) => files))
    expect([...read].sort()).toEqual(Object.keys(contents(folder('a'))))
  })

  test('a damaged file is refused by name by whatever reads it, and by nothing else', async () => {
    for (const file of Object.keys(contents(folder('a')))) await damaging(folder('a'), file, folder('b'), made(twoTower))
  })

  test('a process of its own refuses what this one does', async () => {
    const file = join(folder('a'), 'item_vectors.npy')
    const whole = readFileSync(file)
    writeFileSync(file, flipped(whole))
    const forked = { fork: () => forkJob(), forkServer: () => forkJob(new URL('../../main/hosts/serve.ts', import.meta.url)) }
    await withEngine(async (client) => {
      const refused = { code: 'bad-data', place: file }
      await expect(client.call('serving.start', { run: 'a', port: 0 })).rejects.toMatchObject(refused)
      await expect(job(client, 'runs.evaluate', { run: 'a' })).rejects.toMatchObject(refused)
    }, forked)
    writeFileSync(file, whole)
    await withEngine(async (client) => {
      const { server } = await client.call('serving.start', { run: 'a', port: 0 })
      await client.call('serving.stop', { server })
      await job(client, 'runs.evaluate', { run: 'a' })
    }, forked)
  })

  test('with the old bytes all works again', () =>
    withEngine(async (client) => {
      for (const [what, { ask }] of Object.entries(made(twoTower)))
        await ask(client).catch((error: unknown) => expect.fail(`${what}: ${String(error)}`))
      const { artefacts } = await client.call('runs.show', { run: 'a' })
      expect(Object.fromEntries(artefacts.map(({ path, sha256 }) => [path, sha256]))).toEqual(contents(folder('a')))
    }))

  test('a damaged index is built again in its place; one that is dropped leaves no record', async () => {
    const file = join(folder('a'), 'indexes/fast.index')
    writeFileSync(file, flipped(readFileSync(file)))
    await withEngine(async (client) => {
      await expect(inspecting('a', 'fast')(client)).rejects.toThrow(/pylon index --replace/)
      await job(client, 'index.build', { run: 'a', name: 'fast', replace: true })
      await inspecting('a', 'fast')(client)
      await client.call('index.drop', { run: ids['a']!, name: 'spare' })
      const { artefacts } = await client.call('runs.show', { run: 'a' })
      expect(artefacts.filter(({ path }) => path.includes('spare'))).toEqual([])
    })
  })

  test('an index of before there were records is known by its description', async () => {
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(join(home(), 'pylon.sqlite'))
    database.exec("DELETE FROM artefacts WHERE path LIKE 'indexes/%' OR path = 'reranked.json'")
    database.close()
    await withEngine(async (client) => {
      await inspecting('a', 'fast')(client)
      await client.call('index.list', { run: 'a' })
      expect(await client.call('runs.reranked', { run: 'a' })).not.toBeNull()
    })
    const file = join(folder('a'), 'indexes/fast.index')
    writeFileSync(file, flipped(readFileSync(file)))
    await withEngine((client) => expect(inspecting('a', 'fast')(client)).rejects.toMatchObject({ code: 'bad-data', place: file }))
  })
})

test('an item-item run', async () => {
  const { artefacts } = await withEngine((client) => client.call('runs.show', { run: 'knn' }))
  const files = Object.keys(contents(folder('knn')))
  expect(artefacts.map(({ path }) => path)).toEqual(files)
  expect([...WEIGHTS, ...UNREAD].sort()).toEqual(files)
  for (const file of WEIGHTS) await damaging(folder('knn'), file, folder('knn2'), made(itemItem))
})

describe('a dataset', () => {
  const at = (name: string): string => join(home(), 'datasets', name)

  test('every file in its folder has a checksum in its manifest; its manifest is in the workspace', async () => {
    const { manifest } = await withEngine((client) => client.call('datasets.profile', { dataset: 'd' }))
    const { 'dataset.json': _, ...rest } = contents(at('d'))
    expect(Object.fromEntries(manifest.files!.map(({ path, sha256 }) => [path, sha256]))).toEqual(rest)
    expect(JSON.parse(readFileSync(join(at('d'), 'dataset.json'), 'utf8'))).toEqual(manifest)
    expect(Object.keys(rest)).toEqual([...ARRAYS, 'items.parquet', 'users.parquet'].sort())
  })

  test('a damaged file is refused by name by whatever reads it, and by nothing else', async () => {
    const opening = Object.fromEntries(
      Object.entries(made(dataset)).map(([name, use]) => [name, { ...use, files: [...use.files, ...ARRAYS] }]),
    )
    for (const file of [...ARRAYS, 'users.parquet', 'items.parquet']) await damaging(at('d'), file, at('other'), opening)
  })

  test('a damaged manifest is refused by name', async () => {
    const path = join(at('d'), 'dataset.json')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('"hasOrder": true', '"hasOrder": false'))
    await withEngine(async (client) => {
      for (const { ask } of Object.values(made(dataset))) await expect(ask(client)).rejects.toMatchObject({ code: 'bad-data', place: path })
    })
    writeFileSync(path, text)
  })

  test('one that was imported before there were checksums is read as it is', async () => {
    const path = join(at('other'), 'dataset.json')
    const { files: _, ...before } = JSON.parse(readFileSync(path, 'utf8')) as DatasetManifest
    writeFileSync(path, JSON.stringify(before))
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(join(home(), 'pylon.sqlite'))
    database.prepare("UPDATE datasets SET manifest = ? WHERE name = 'other'").run(JSON.stringify(before))
    database.close()
    await withEngine(async (client) => {
      expect(await client.call('datasets.rows', { dataset: 'other', side: 'item' })).toMatchObject({ total: 60 })
      await job(client, 'runs.start', { ...TRAIN, dataset: 'other' })
    })
    expect((await pylon(['profile', '--dataset', 'other'], { home: home() })).stdout).toMatch(/checksums +of its files are not recorded/)
    expect((await pylon(['profile', '--dataset', 'd'], { home: home() })).stdout).not.toMatch(/not recorded/)
  })
})
