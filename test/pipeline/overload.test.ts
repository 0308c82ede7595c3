/** What a server does with more than it can do, with connections that say half of what they want, and at its end: with real sockets. */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ModelServer } from '../../main/hosts/serve/http.ts'
import { type Limits, LIMITS } from '../../main/hosts/serve/limits.ts'
import { Versions } from '../../main/hosts/serve/versions.ts'
import { bundledMarket } from '../helpers/served.ts'

const TOKEN = 'a-token-for-tests'
let root = ''
let versions: Versions

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-overload-'))
  await bundledMarket(root, ['bundle'])
  versions = await Versions.open(
    { kind: 'bundle', path: join(root, 'bundle') },
    {
      threads: 1,
      temp: root,
      onDeath: (error) => expect.fail(error.message),
    },
  )
})
afterAll(async () => {
  await versions.dispose()
  await rm(root, { recursive: true, force: true })
})

interface Started {
  readonly url: string
  readonly port: number
  readonly server: ModelServer
}

async function start(limits: Partial<Limits> = {}, { openProbes = false } = {}): Promise<Started> {
  const server = new ModelServer({ versions, token: TOKEN, openProbes, limits: { ...LIMITS, drain: 1000, ...limits } })
  const url = await server.listen(0)
  onTestFinished(() => server.close())
  return { url, port: Number(new URL(url).port), server }
}

const recommend = (url: string): Promise<Response> =>
  fetch(`${url}/recommend`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body: '{"user": "u7"}' })

const HEAD = `POST /recommend HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 14\r\n\r\n`

/** A connection that sends `text`; `heard` is all that came until its end. */
function raw(port: number, text: string): { socket: Socket; heard: Promise<string> } {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let answer = ''
  socket.setEncoding('utf8').on('data', (part: string) => (answer += part))
  const heard = new Promise<string>((done) => {
    socket.once('close', () => done(answer))
    socket.once('error', () => done(answer))
  })
  socket.write(text)
  return { socket, heard }
}

const firstPart = (socket: Socket): Promise<string> => new Promise((done) => socket.once('data', (part) => done(String(part))))
const opened = (socket: Socket): Promise<void> => new Promise((done) => (socket.connecting ? socket.once('connect', () => done()) : done()))

test('where none may wait a request is refused before its body is sent, with a time to come again; probes are answered', async () => {
  const { url, port } = await start({ lanes: 0, handful: 0, waiting: 0 })
  const { socket } = raw(port, HEAD)
  const told = await firstPart(socket)
  expect(told).toMatch(/^HTTP\/1\.1 503 /)
  expect(told).toMatch(/\r\nretry-after: 1\r\n/i)
  expect(told).toContain('"code":"busy"')
  // the same connection goes on, once the rest of the refused request has come
  socket.write('{"user": "u7"}')
  socket.write(HEAD)
  expect(await firstPart(socket)).toMatch(/^HTTP\/1\.1 503 /)
  // what may be the remedy is let in
  const swapped = await fetch(`${url}/swap`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: '{"bundle": "/nowhere"}',
  })
  expect(swapped.status).toBe(404)
  const health = await fetch(`${url}/health`, { headers: { authorization: `Bearer ${TOKEN}` } })
  expect(health.status).toBe(200)
})

test('of a crowd some are answered, the others are refused, none is lost, and the answered ones waited no longer than the limit', async () => {
  const { url, server } = await start({ patience: 30, burst: 10, standing: 2 })
  const answers = await Promise.all(Array.from({ length: 400 }, () => recommend(url)))
  const statuses = answers.map(({ status }) => status)
  expect([...new Set(statuses)].filter((status) => status !== 200 && status !== 503)).toEqual([])
  expect(statuses).toContain(200)
  for (const answer of answers) {
    expect(answer.headers.get('retry-after')).toBe(answer.status === 503 ? '1' : null)
    await answer.text()
  }
  const [route] = server.stats().routes
  expect(route).toMatchObject({ route: '/recommend', requests: 400 })
  expect(server.stats().waiting).toBe(0)
})

test('more than a thousand halves of requests keep nobody out', { timeout: 60_000 }, async () => {
  const { url, port } = await start()
  const halves = Array.from({ length: 1030 }, (_, i) => raw(port, i % 2 === 0 ? 'POST /recommend HTTP/1.1\r\nhost: 127' : HEAD))
  await Promise.all(halves.map(({ socket }) => opened(socket)))
  const begun = performance.now()
  for (let i = 0; i < 20; i++) expect((await recommend(url)).status).toBe(200)
  // they would be closed for their lateness after this: the honest ones have not waited for that
  expect(performance.now() - begun).toBeLessThan(LIMITS.head)
})

test('of too many connections the one is closed that has owed the rest for longest', async () => {
  const { url, port } = await start({ connections: 8 })
  const halves: ReturnType<typeof raw>[] = []
  for (let i = 0; i < 8; i++) {
    halves.push(raw(port, 'GET /health HTTP/1.1\r\n'))
    await opened(halves[i]!.socket)
  }
  await recommend(url)
  expect(await halves[0]!.heard).toBe('')
  expect(halves[7]!.socket.destroyed).toBe(false)
})

test('a head that does not arrive in its time, and a body that does not, end with 408', async () => {
  const { port } = await start({ head: 200, whole: 400 })
  for (const half of ['GET /health HTTP/1.1\r\n', HEAD]) expect(await raw(port, half).heard).toMatch(/^HTTP\/1\.1 408 /)
})

test('at its end it answers what it let in, lets nobody else in, and waits no longer than its limit', async () => {
  const { url, port, server } = await start({ drain: 500 })
  // whoever hears "continue" has been let in
  const expecting = HEAD.replace('\r\n\r\n', '\r\nexpect: 100-continue\r\n\r\n')
  const asked = Array.from({ length: 5 }, () => raw(port, expecting))
  for (const { socket } of asked) expect(await firstPart(socket)).toMatch(/^HTTP\/1\.1 100 /)
  const begun = performance.now()
  const closed = server.close()
  await expect(recommend(url)).rejects.toThrow()
  const [silent, ...honest] = asked
  for (const { socket } of honest) socket.write('{"user": "u7"}')
  for (const { heard } of honest) expect(await heard).toMatch(/ 200 OK\r\n[^]*"items":/)
  expect(await silent!.heard).not.toContain(' 200 ')
  await closed
  expect(performance.now() - begun).toBeLessThan(5_000)
})

test.each([
  ['//', 400],
  ['//evil.example/health', 400],
  ['http://127.0.0.1/health', 400],
  ['/nothing', 404],
  ['/health', 200],
])('GET %s is answered with %i, and without the token with 401', async (target, status) => {
  const { port } = await start()
  const ask = (authorization: string): string => `GET ${target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${authorization}\r\n`
  expect(await raw(port, ask('')).heard).toMatch(/^HTTP\/1\.1 401 /)
  expect(await raw(port, ask(`authorization: Bearer ${TOKEN}\r\n`)).heard).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
})

test('probes are open where they were asked to be, by no other name and for nothing else', async () => {
  const { url, port } = await start({}, { openProbes: true })
  const statuses = await Promise.all(
    ['/health', '/metrics', '/openapi.json', '/health/x'].map(async (path) => (await fetch(url + path)).status),
  )
  expect(statuses).toEqual([200, 200, 401, 401])
  expect(await raw(port, 'GET /health HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n').heard).toMatch(/^HTTP\/1\.1 403 /)
})

test('a body that nests without end is refused', async () => {
  const { url } = await start()
  const deep = `{"user": "u7", "filter": {"genre": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`
  const answer = await fetch(`${url}/recommend`, { method: 'POST', headers: { authorization: `Bearer ${TOKEN}` }, body: deep })
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('deep')])
})
