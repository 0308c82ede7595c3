/** What a server tells and keeps of its requests: JSON lines on stderr, and ids and features in a file for `pylon skew`. Real processes. */
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'node:http'
import { spawnSync } from 'node:child_process'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { requestLine } from '../../main/engine/serving/request-lines.ts'
import { RequestRecorder } from '../../main/hosts/serve/request-recorder.ts'
import { needing } from '../helpers/needs.ts'
import { bundledMarket, type ServingCommand, servingCommand } from '../helpers/served.ts'

const TOKEN = 'a-token-for-tests'
let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'pylon-logs-'))
  await bundledMarket(root, ['first.zip'])
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function start(...args: string[]): Promise<ServingCommand> {
  const command = await servingCommand(['--bundle', join(root, 'first.zip'), '--home', join(root, 'other'), ...args], {
    PYLON_SERVE_TOKEN: TOKEN,
  })
  onTestFinished(() => void command.process.kill('SIGTERM'))
  return command
}
const ask = (server: ServingCommand, path: string, body?: object, token = TOKEN): Promise<Response> =>
  fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
const stop = async (command: ServingCommand): Promise<void> => {
  command.process.kill('SIGTERM')
  expect(await command.ended).toBe(0)
}

/** One of each kind of outcome. */
async function askAll(server: ServingCommand): Promise<void> {
  await ask(server, '/v1/recommend', { user: 'u7', k: 3, exclude: ['secret-item'] })
  await ask(server, '/recommend', { features: {}, history: ['i3', 'gone'], filter: { genre: 'g1' } })
  await ask(server, '/recommend', { user: 'nobody' })
  await ask(server, '/recommend', { user: 'u7' }, 'a-wrong-token')
  await ask(server, '/secret/path')
  await ask(server, '/health')
}

test('as JSON: a line for each request with what it was about, and no body, path or token', async () => {
  const server = await start('--log', 'json')
  const { version } = (await (await ask(server, '/health')).json()) as { version: string }
  await askAll(server)
  await stop(server)
  const lines = server
    .stderr()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  const shared = {
    level: 'info',
    event: 'request',
    version,
    time: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
    ms: expect.any(Number) as unknown,
  }
  const none = { k: null, unknown: [], unknowns: 0, warnings: 0, error: null }
  expect(lines.slice(1)).toEqual([
    { ...shared, ...none, method: 'POST', route: '/recommend', status: 200, k: 3, unknown: ['secret-item'], unknowns: 1, warnings: 1 },
    { ...shared, ...none, method: 'POST', route: '/recommend', status: 200, k: 10, unknown: ['gone'], unknowns: 1, warnings: 1 },
    { ...shared, ...none, method: 'POST', route: '/recommend', status: 404, k: 10, error: 'not-found' },
    { ...shared, ...none, method: 'POST', route: 'other', status: 401, error: 'unauthorised' },
    { ...shared, ...none, method: 'GET', route: 'other', status: 404, error: 'not-found' },
    { ...shared, ...none, method: 'GET', route: '/health', status: 200 },
  ])
  expect(server.stderr()).not.toMatch(/token|secret\/path|genre|"g1/)
})

test('as text, the default: nothing of requests, and no file of them', async () => {
  const server = await start()
  await askAll(server)
  await stop(server)
  expect(server.stderr()).toBe('')
})

test('requests are kept by ids and features alone, in a file of its user', async () => {
  const path = join(root, 'requests.jsonl')
  const server = await start('--log-requests', path)
  await askAll(server)
  await stop(server)
  const text = await readFile(path, 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => requestLine.parse(JSON.parse(line)))
  expect(lines.map((line) => (line.kind === 'request' ? [line.status, line.asked] : line))).toEqual([
    { kind: 'requests', format: 1 },
    [200, { user: 'u7', exclude: ['secret-item'] }],
    [200, { features: {}, history: ['i3', 'gone'], exclude: [] }],
    [404, { user: 'nobody', exclude: [] }],
  ])
  expect(text).not.toMatch(/token|filter|secret\/path/)
  if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('its files stay within their limit, the newest lines kept; a folder that is not there is told', async () => {
  const folder = await mkdtemp(join(root, 'turning-'))
  const faults: string[] = []
  const options = { path: join(folder, 'log'), bytes: 40_000, onFault: (fault: string) => void faults.push(fault) }
  for (const half of [0, 1]) {
    const recorder = await RequestRecorder.open(options)
    for (let n = 0; n < 1000; n++) {
      recorder.record('/recommend', 'v', 200, { user: `u${half * 1000 + n}`, k: 3 })
      if (n % 50 === 0) await new Promise((turn) => setTimeout(turn, 2))
    }
    await recorder.close()
  }
  const files = (await readdir(folder)).sort()
  expect(files).toEqual(['log', 'log.1', 'log.2', 'log.3'])
  let size = 0
  const users: string[] = []
  for (const file of files.toReversed()) {
    const text = await readFile(join(folder, file), 'utf8')
    size += text.length
    for (const line of text.trimEnd().split('\n')) {
      const read = requestLine.parse(JSON.parse(line))
      if (read.kind === 'request') users.push(read.asked.user!)
    }
  }
  expect(size).toBeLessThanOrEqual(40_000)
  expect(size).toBeGreaterThan(30_000)
  expect(users.at(-1)).toBe('u1999')
  expect(users).toEqual(Array.from(users, (_, i) => `u${2000 - users.length + i}`)) // none is missing between
  expect(faults).toEqual([])
  await expect(RequestRecorder.open({ ...options, path: join(folder, 'nowhere', 'log') })).rejects.toThrow('a folder that is there')
})

const UNIT = join(import.meta.dirname, '../../packaging/serve/pylon-serve.service')

needing('program:systemd-analyze').test('the unit for systemd is one, by systemd-analyze verify', () => {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', UNIT], { encoding: 'utf8' })
  expect([status, stdout + stderr]).toEqual([0, ''])
})

test('the command line of the unit serves, and lets in what a proxy sends', async () => {
  const unit = await readFile(UNIT, 'utf8')
  const [, told = ''] = /^ExecStart=\/usr\/bin\/env pylon serve (.*)$/m.exec(unit)!
  const asked = told.split(' ').map((part) => (part.startsWith('/srv/') ? join(root, 'first.zip') : part))
  asked.splice(asked.indexOf('--port'), 2) // any that is free
  const server = await servingCommand([...asked, '--home', join(root, 'other')], { PYLON_SERVE_TOKEN: TOKEN })
  onTestFinished(() => void server.process.kill('SIGTERM'))
  const status = (headers: Record<string, string>): Promise<number> =>
    new Promise((done, fail) => {
      const sent = request(`${server.url}/v1/health`, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } }, (response) => {
        response.resume()
        done(response.statusCode!)
      })
      sent.once('error', fail)
      sent.end()
    })
  expect(await status({ host: '127.0.0.1' })).toBe(200)
  expect(await status({ host: 'recommend.example.com' })).toBe(403)
  expect(await status({ host: '127.0.0.1', origin: 'https://recommend.example.com' })).toBe(403)
  await stop(server)
})
