/** What is changed in a server, and whom it remembers: over a restart, a crash, a swap and back. Real processes, asked over HTTP. */
import { appendFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { beforeTest } from '../../main/engine/dataset/interactions.ts'
import { openDataset } from '../../main/engine/dataset/open.ts'
import { needing } from '../helpers/needs.ts'
import { childrenOf } from '../helpers/processes.ts'
import { bundledMarket, type ServingCommand, servingCommand } from '../helpers/served.ts'

let root = ''
const TOKEN = 'a-token-for-tests'
const features = { title: 'Item number 20', genre: 'g1', price: 30 }

interface Hits {
  readonly version: string
  readonly items: readonly { readonly item: string; readonly score: number }[]
  readonly next: number | null
  readonly unknown: readonly string[]
  readonly warnings: readonly string[]
}
interface Page {
  readonly items: readonly { readonly id: string; readonly state: string }[]
  readonly total: number
  readonly put: number
  readonly deleted: number
  readonly next: number | null
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-changes-'))
  await bundledMarket(root, ['first.zip', 'second'])
})
afterAll(() => rm(root, { recursive: true, force: true }))

const start = async (state: string, bundle = 'first.zip', ...args: string[]): Promise<ServingCommand> => {
  const command = await servingCommand(
    ['--bundle', join(root, bundle), '--home', join(root, 'other'), '--state', join(root, state), ...args],
    { PYLON_SERVE_TOKEN: TOKEN },
  )
  onTestFinished(() => void command.process.kill('SIGTERM'))
  return command
}
const stop = async (command: ServingCommand): Promise<void> => {
  command.process.kill('SIGTERM')
  expect(await command.ended).toBe(0)
}
async function ask<T>({ url }: ServingCommand, method: string, path: string, body?: unknown, status = 200): Promise<T> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${TOKEN}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  expect([response.status, text]).toEqual([status, expect.anything()])
  return JSON.parse(text) as T
}
const ids = ({ items }: Hits): string[] => items.map(({ item }) => item)
const log = (state: string): string => join(root, state, 'changes.log')

/** Puts two items, deletes one of the model's, and tells of events. */
async function change(server: ServingCommand): Promise<void> {
  await ask(server, 'PUT', '/items', {
    items: [
      { id: 'new', features },
      { id: 'i20', features: { ...features, price: 99 } },
    ],
  })
  await ask(server, 'DELETE', '/items/i5')
  expect(
    await ask(server, 'POST', '/events', {
      events: [
        { user: 'visitor', item: 'i3' },
        { user: 'visitor', item: 'gone' },
      ],
    }),
  ).toMatchObject({
    users: 1,
    events: 2,
    unknown: ['gone'],
  })
}

/** All that a client can see of the changes. */
async function seen(server: ServingCommand): Promise<object> {
  const page = await ask<Page>(server, 'GET', '/items?limit=1000')
  const put = await ask<Page>(server, 'GET', '/v1/items?state=put')
  const deleted = await ask<Page>(server, 'GET', '/v1/items?state=deleted')
  const visitor = await ask<Hits>(server, 'POST', '/recommend', { user: 'visitor', k: 60 })
  return { page, put, deleted, visitor: { ...visitor, version: '' } }
}

describe('over a restart', () => {
  needing('platform:linux').test('what was acknowledged is there again, though the server was killed', async () => {
    const first = await start('killed')
    await change(first)
    const before = await seen(first)
    expect(before).toMatchObject({
      page: { total: 60, put: 2, deleted: 1, next: null },
      put: {
        items: [
          { id: 'i20', state: 'put' },
          { id: 'new', state: 'put' },
        ],
        total: 2,
      },
      deleted: { items: [{ id: 'i5', state: 'deleted' }], total: 1 },
      visitor: { unknown: ['gone'] },
    })
    const [server] = childrenOf(first.process.pid!)
    process.kill(server!, 'SIGKILL')
    expect(await first.ended).toBe(1)

    // a write that the crash cut short was acknowledged to nobody
    await appendFile(log('killed'), '0123456789abcdef0123456789abcdef {"kind":"put","item":"ha')
    const second = await start('killed')
    expect(second.changes).toMatchObject({ put: 2, deleted: 1, users: 1, unfit: 0, torn: true })
    expect(await seen(second)).toEqual(before)
    await ask(second, 'DELETE', '/items/new')
    await stop(second)

    const third = await start('killed')
    expect(third.changes).toMatchObject({ put: 1, deleted: 2, torn: false })
    await ask(third, 'POST', '/similar', { item: 'new' }, 404)
    await stop(third)
  })

  test('another server and another model are refused with a way out, which works', async () => {
    const first = await start('refused')
    await change(first)
    await expect(start('refused')).rejects.toThrow(/Another server keeps its changes in .*--state/)
    await stop(first)
    await expect(start('refused', 'second')).rejects.toThrow(/is of model .* is about to serve\. With "--changes carry"/)
    const second = await start('refused', 'second', '--changes', 'carry')
    expect(second.changes).toMatchObject({ put: 2, deleted: 1, users: 1, unfit: 0 })
    await stop(second)
  })
})

describe('one server', () => {
  let server: ServingCommand
  beforeAll(async () => {
    server = await servingCommand(['--bundle', join(root, 'first.zip'), '--home', join(root, 'one')], { PYLON_SERVE_TOKEN: TOKEN })
  })
  afterAll(() => stop(server))

  test('a batch has the very answers of its users, one by one; who is unknown is named', async () => {
    const users = Array.from({ length: 80 }, (_, i) => `u${i}`)
    const body = { k: 7, offset: 2, filter: { price: { max: 60 } }, exclude: ['i3', 'nowhere'] }
    const batch = await ask<{ version: string; results: { user: string; items: unknown }[]; unknown: string[] }>(
      server,
      'POST',
      '/v1/recommend/batch',
      { users: [...users, 'nobody'], ...body },
    )
    expect(batch.unknown).toEqual(['nobody', 'nowhere'])
    expect(batch.results.at(-1)).toEqual({ user: 'nobody', items: [] })
    for (const [i, user] of users.entries()) {
      const { items, version, unknown } = await ask<Hits>(server, 'POST', '/recommend', { user, exact: true, ...body })
      expect(batch.results[i]).toEqual({ user, items })
      expect(version).toBe(batch.version)
      expect(unknown).toEqual(['nowhere'])
    }
    await ask(server, 'POST', '/recommend/batch', { users, k: 1000 }, 400)
    for (const filter of [{ colour: 'red' }, { price: [null] }, { price: { from: 3 } }])
      await ask(server, 'POST', '/recommend/batch', { users: ['nobody'], filter }, 400)
  })

  test('pages follow each other without a gap', async () => {
    const all = await ask<Hits>(server, 'POST', '/recommend', { user: 'u7', k: 60, excludeSeen: false })
    expect(all.next).toBe(60)
    const paged: unknown[] = []
    for (let offset: number | null = 0; offset !== null;) {
      const page: Hits = await ask<Hits>(server, 'POST', '/recommend', { user: 'u7', k: 25, offset, excludeSeen: false })
      paged.push(...page.items)
      offset = page.next
    }
    expect(paged).toEqual(all.items)
    const listed: string[] = []
    for (let offset: number | null = 0; offset !== null;) {
      const page: Page = await ask<Page>(server, 'GET', `/items?offset=${offset}&limit=13`)
      listed.push(...page.items.map(({ id }) => id))
      offset = page.next
    }
    expect(new Set(listed).size).toBe(60)
    for (const query of [
      'limit=0',
      'limit=1001',
      'limit=ten',
      'limit=1.0',
      'offset=-1',
      'state=lost',
      'page=2',
      'limit=1&limit=2',
      'limit=',
    ])
      await ask(server, 'GET', `/items?${query}`, undefined, 400)
  })

  test('events extend a history: a visitor is who has it, a known user who has it behind their own', async () => {
    await ask(server, 'POST', '/recommend', { user: 'visitor' }, 404)
    await ask(server, 'POST', '/events', { events: [{ user: 'visitor', item: 'i3' }] })
    await ask(server, 'POST', '/events', {
      events: [
        { user: 'visitor', item: 'i14' },
        { user: 'u7', item: 'i40' },
      ],
    })
    const visitor = await ask<Hits>(server, 'POST', '/recommend', { user: 'visitor', k: 60 })
    expect(visitor.items).toEqual((await ask<Hits>(server, 'POST', '/recommend', { history: ['i3', 'i14'], k: 60 })).items)
    const dataset = await openDataset(join(root, 'home', 'datasets', 'd'), null)
    const [users, items] = [await dataset.ids('user'), await dataset.ids('item')]
    const own = Array.from(beforeTest(dataset.interactions).itemsOf(users.indexOf('u7')), (item) => items[item]!)
    expect(own.length).toBeGreaterThan(10)
    const typed = await ask<Hits>(server, 'POST', '/recommend', { features: { id: 'u7' }, history: [...own, 'i40'], k: 60 })
    const known = await ask<Hits>(server, 'POST', '/recommend', { user: 'u7', k: 60 })
    expect(known.warnings).toEqual([])
    expect(ids(known)).not.toContain('i40')
    expect(known.items).toEqual(typed.items)
    const batch = await ask<{ results: { items: unknown }[] }>(server, 'POST', '/recommend/batch', { users: ['u7', 'visitor'], k: 60 })
    expect(batch.results.map(({ items }) => items)).toEqual([known.items, visitor.items])
  })

  test('a swap is rolled back, and forward again; changes and events go along', async () => {
    await ask(server, 'POST', '/swap/rollback', undefined, 409)
    const versionOf = async (): Promise<string> => (await ask<Hits>(server, 'POST', '/recommend', { user: 'u7' })).version
    const first = await versionOf()
    await ask(server, 'PUT', '/items', { items: [{ id: 'along', features }] })
    const { version: second } = await ask<Hits>(server, 'POST', '/swap', { bundle: join(root, 'second') })
    expect(await versionOf()).toBe(second)
    expect(await ask(server, 'POST', '/v1/swap/rollback')).toEqual({ version: first })
    expect(await versionOf()).toBe(first)
    await ask(server, 'POST', '/similar', { item: 'along' })
    await ask(server, 'POST', '/recommend', { user: 'visitor' })
    expect(await ask(server, 'POST', '/swap/rollback')).toEqual({ version: second })
    expect(await versionOf()).toBe(second)
  })
})
