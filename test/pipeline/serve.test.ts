/** Serving as a client sees it: a real `pylon serve`, asked over HTTP; swapped under load; fed what is wrong. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, serveVerbs } from '../../main/contract/rpc.ts'
import { openEngine } from '../../main/engine/index.ts'
import type { JobProcess } from '../../main/engine/queue/queue.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { needing } from '../helpers/needs.ts'
import { childrenOf } from '../helpers/processes.ts'
import { bundledMarket, type ServingCommand, servingCommand } from '../helpers/served.ts'
import { pylon } from '../helpers/workspace.ts'

const TOKEN = 'a-token-for-tests'
let root = ''
let home = ''
let url = ''
let server: ServingCommand

interface Hits {
  readonly version: string
  readonly items: { readonly item: string; readonly score: number; readonly title: string | null }[]
}
interface Failure {
  readonly error: { readonly code: string; readonly message: string }
}

async function ask<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; answer: T }> {
  const once = (): Promise<Response> =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${TOKEN}`, ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  let response = await once()
  // where the machine is so busy that no turn comes in time, a client is told to come again
  for (let attempt = 1; response.status === 503 && attempt < 20; attempt++) {
    await new Promise((pause) => setTimeout(pause, 100))
    response = await once()
  }
  const text = await response.text()
  return { status: response.status, answer: (text.startsWith('{') ? JSON.parse(text) : text) as T }
}
const items = ({ answer }: { answer: Hits }): string[] => answer.items.map(({ item }) => item)

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-serve-'))
  home = await bundledMarket(root, ['first.zip', 'second'])
  server = await servingCommand(['--bundle', join(root, 'first.zip'), '--home', join(root, 'other')], { PYLON_SERVE_TOKEN: TOKEN })
  url = server.url
})
afterAll(async () => {
  server.process.kill('SIGINT')
  expect(await server.ended).toBe(0)
  await rm(root, { recursive: true, force: true })
})

test('answers as the command line does, for known and for new users and items', async () => {
  const local = async (...args: string[]): Promise<string[]> =>
    ((await pylon([...args, '--run', 'first', '--json'], { home })).json as { hits: { item: string }[] }).hits.map(({ item }) => item)
  expect(items(await ask<Hits>('POST', '/recommend', { user: 'u7' }))).toEqual(await local('recommend', '--user', 'u7'))
  expect(items(await ask<Hits>('POST', '/recommend', { history: ['i3', 'i14'], excludeSeen: false }))).toEqual(
    await local('recommend', '--features', '{"history": ["i3", "i14"]}'),
  )
  expect(items(await ask<Hits>('POST', '/similar', { item: 'i20', k: 5 }))).toEqual(await local('similar', '--item', 'i20', '--k', '5'))
  const { answer: vector } = await ask<{ vector: number[] }>('POST', '/embed/item', { item: 'i20' })
  expect(Math.hypot(...vector.vector)).toBeCloseTo(1, 5)
  expect((await ask<object>('GET', '/health')).answer).toMatchObject({ status: 'ok', name: 'first', users: 80, items: 60 })
})

test('filters, and leaves out what was seen or named', async () => {
  const all = await ask<Hits>('POST', '/recommend', { user: 'u7', k: 60, excludeSeen: false })
  expect(all.answer.items).toHaveLength(60)
  const unseen = items(await ask<Hits>('POST', '/recommend', { user: 'u7', k: 60 }))
  expect(unseen.length).toBeLessThan(60)
  expect(items(await ask<Hits>('POST', '/recommend', { user: 'u7', k: 60, exclude: [unseen[0]!] }))).toEqual(unseen.slice(1))
  const filtered = items(
    await ask<Hits>('POST', '/recommend', { user: 'u7', k: 60, excludeSeen: false, filter: { genre: ['g1', 'g2'], price: { max: 40 } } }),
  )
  expect(filtered).toEqual(items(all).filter((item) => Number(item.slice(1)) >= 15 && Number(item.slice(1)) <= 30))
})

test('a new item is found at once, and gone when it is removed', async () => {
  const features = { title: 'Item number 20', genre: 'g1', price: 30 }
  expect((await ask('PUT', '/items', { items: [{ id: 'new', features }] })).answer).toMatchObject({ added: 1, changed: 0, items: 61 })
  expect((await ask('PUT', '/items', { items: [{ id: 'new', features: { ...features, price: 31 } }] })).answer).toMatchObject({
    added: 0,
    changed: 1,
  })
  expect(
    items(await ask<Hits>('POST', '/recommend', { user: 'u7', k: 61, excludeSeen: false, filter: { price: { min: 31, max: 31 } } })),
  ).toContain('new')
  expect((await ask<Hits>('POST', '/similar', { item: 'new' })).status).toBe(200)
  expect((await ask('DELETE', '/items/new')).answer).toMatchObject({ items: 60 })
  expect((await ask<Failure>('POST', '/similar', { item: 'new' })).status).toBe(404)
})

describe('what is wrong is told with a status and a reason', () => {
  test.each<[string, string, unknown, number, RegExp]>([
    ['POST', '/recommend', { user: 'nobody' }, 404, /no user "nobody"/],
    ['POST', '/recommend', {}, 400, /Give either "user"/],
    ['POST', '/recommend', { user: 'u7', features: {} }, 400, /Give either "user"/],
    ['POST', '/recommend', { usr: 'u7' }, 400, /usr/],
    ['POST', '/recommend', 'no json', 400, /no JSON/],
    ['POST', '/recommend', { user: 'u7', k: 0 }, 400, /k/],
    ['POST', '/recommend', { user: 'u7', filter: { colour: 'red' } }, 400, /no column "colour"/],
    ['POST', '/recommend', { user: 'u7', filter: { price: { from: 3 } } }, 400, /Give a value, a list/],
    ['PUT', '/items', { items: [{ id: 'x', features: { prize: 3 } }] }, 400, /no property "prize"/],
    ['POST', '/swap', { bundle: '/nowhere' }, 404, /no bundle/],
    ['DELETE', '/items/%zz', undefined, 400, /percent-encoded/],
    ['PUT', '/recommend', {}, 405, /asked with POST/],
    ['PUT', '/items', { items: [{ id: 'a', features: { id: 'b' } }] }, 400, /another id/],
    ['POST', '/recommend', { features: { history: ['i1'] }, history: ['i2'] }, 400, /history once/],
    ['DELETE', '/items/:id', undefined, 404, /no item ":id"/],
    ['GET', '/nothing', undefined, 404, /openapi/],
    ['POST', '/recommend', 'x'.repeat(2 << 20), 413, /bytes/],
  ])('%s %s %j', async (method, path, body, status, message) => {
    const told = await ask<Failure>(method, path, body)
    expect([told.status, told.answer.error.message]).toEqual([status, expect.stringMatching(message)])
  })

  test('no token, and a page of another site', async () => {
    expect((await ask('POST', '/recommend', { user: 'u7' }, { authorization: 'Bearer wrong' })).status).toBe(401)
    expect((await ask('POST', '/recommend', { user: 'u7' }, { origin: 'https://evil.example' })).status).toBe(403)
  })
})

describe('the command', () => {
  const start = (...args: string[]): Promise<ServingCommand> =>
    servingCommand(['--bundle', join(root, 'second'), '--home', join(root, 'third'), ...args])

  test('without a token makes one up, says it once, and wants it; SIGTERM ends it with 0, and leaves nothing behind', async () => {
    const command = await start('--open-probes')
    expect(command.token).toMatch(/^[\w-]{32}$/)
    expect((await fetch(`${command.url}/openapi.json`)).status).toBe(401)
    expect((await fetch(`${command.url}/openapi.json`, { headers: { authorization: `Bearer ${command.token}` } })).status).toBe(200)
    expect((await fetch(`${command.url}/health`)).status).toBe(200)
    command.process.kill('SIGTERM')
    expect(await command.ended).toBe(0)
    expect(command.stderr()).not.toContain(command.token)
    expect(await readdir(join(root, 'third', 'tmp'))).toEqual([])
  })

  needing('platform:linux').test('tells the death of its server, which /proc names, and ends with 1', async () => {
    const command = await start()
    const [server] = childrenOf(command.process.pid!)
    process.kill(server!, 'SIGKILL')
    expect(await command.ended).toBe(1)
    expect(command.stderr()).toMatch(/error: The process of the server at http:\/\/127\.0\.0\.1:\d+ ended \(SIGKILL\)/)
  })
})

describe('by way of an engine', () => {
  test('any path is asked; a death that nobody wanted is an event, and leaves nothing to be asked', async () => {
    let forked: JobProcess | undefined
    const engine = openEngine({
      home,
      fork: () => forkJob(),
      forkServer: () => (forked = forkJob(new URL('../../main/hosts/serve.ts', import.meta.url))),
    })
    const [near, far] = memoryChannels()
    serveVerbs(far, engine)
    const client = createClient(near)
    try {
      const { server: id } = await client.call('serving.start', { run: 'first', port: 0 })
      for (const [path, status] of [
        ['//', 400],
        ['/%', 404],
        ['/health', 200],
      ] as const)
        expect((await client.call('serving.ask', { server: id, method: 'GET', path, body: null })).status, path).toBe(status)
      const { servers } = await client.call('serving.list', {})
      expect(servers).toMatchObject([{ server: id, stats: { users: 80, items: 60 } }])
      const { known } = servers[0]!.stats
      for (const [path, body] of [
        ['/recommend', { user: known.user }],
        ['/similar', { item: known.item }],
      ] as const) {
        const { status, text } = await client.call('serving.ask', { server: id, method: 'POST', path, body: JSON.stringify(body) })
        expect(status, text).toBe(200)
      }
      const ended = new Promise((done) => client.on('serving.ended', done))
      forked!.kill()
      expect(await ended).toMatchObject({ server: id, error: { code: 'bug', message: expect.stringContaining('SIGKILL') as string } })
      await expect(client.call('serving.ask', { server: id, method: 'GET', path: '/', body: null })).rejects.toThrow('no server')
      expect((await client.call('serving.list', {})).servers).toEqual([])
    } finally {
      client.close()
      await engine.close()
    }
  })
})

test('documents itself: OpenAPI names every route, Prometheus counts them', async () => {
  const { answer } = await ask<{ paths: object }>('GET', '/openapi.json')
  expect(Object.keys(answer.paths).sort()).toEqual([
    '/embed/item',
    '/embed/user',
    '/events',
    '/health',
    '/items',
    '/items/{id}',
    '/metrics',
    '/recommend',
    '/recommend/batch',
    '/similar',
    '/swap',
    '/swap/rollback',
  ])
  const metrics = (await ask<string>('GET', '/metrics')).answer
  for (const status of [200, 400, 404])
    expect(metrics).toMatch(new RegExp(`pylon_requests_total\\{route="/recommend",status="${status}"\\} \\d+`))
  expect(metrics).not.toContain('/nothing')
})

test('a swap under load drops nothing, and every answer is of one version', async () => {
  const expected = new Map<string, string>()
  let running = true
  const answered: Hits[] = []
  const failures: number[] = []
  const client = async (): Promise<void> => {
    while (running) {
      const { status, answer } = await ask<Hits>('POST', '/recommend', { history: ['i3', 'i14'], k: 5 })
      if (status === 200) answered.push(answer)
      else failures.push(status)
    }
  }
  const clients = Array.from({ length: 4 }, client)
  await ask('PUT', '/items', { items: [{ id: 'kept', features: { title: 'Item number 20', genre: 'g1', price: 99 } }] })
  for (const bundle of ['second', 'first.zip', 'second']) {
    const { status, answer } = await ask<{ version: string }>('POST', '/swap', { bundle: join(root, bundle) })
    expect(status).toBe(200)
    const after = await ask<Hits>('POST', '/recommend', { history: ['i3', 'i14'], k: 5 })
    expect(after.answer.version).toBe(answer.version)
    expected.set(answer.version, JSON.stringify(after.answer.items))
  }
  running = false
  await Promise.all(clients)
  expect(failures).toEqual([])
  expect(new Set(answered.map(({ version }) => version)).size).toBeGreaterThan(1)
  const settled = answered.filter(({ version }) => expected.has(version)).slice(-200)
  for (const { version, items: found } of settled) expect(JSON.stringify(found)).toBe(expected.get(version))
  // what was added before the swaps is still there
  expect((await ask<Hits>('POST', '/similar', { item: 'kept' })).status).toBe(200)
})
