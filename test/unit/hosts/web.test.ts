/**
 * What a web host refuses: strangers, foreign pages, paths out of bounds, frames that are too large; and that none of
 * it changes anything.
 */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { FRAME_LIMIT } from '../../../main/contract/wire.ts'
import { createClient } from '../../../main/contract/rpc.ts'
import { forkEngine } from '../../../main/hosts/fork-engine.ts'
import { startWebHost, type WebHost } from '../../../main/hosts/web.ts'
import { openSocket, signIn } from '../../helpers/socket-channel.ts'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'

const ECHO = new URL('../../helpers/echo-engine.ts', import.meta.url)

let base: string
let host: WebHost
let cookie: string
let origin: string

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'pylon-test-')))
  for (const folder of ['page/assets', 'data/inner', 'secret']) await mkdir(join(base, folder), { recursive: true })
  await writeFile(join(base, 'page', 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(base, 'page', 'assets', 'a.js'), '1')
  await writeFile(join(base, 'page', '.hidden'), 'hidden')
  await writeFile(join(base, 'secret', 'key'), 'secret')
  await writeFile(join(base, 'data', 'ratings.csv'), 'user,item\n')
  await symlink(join(base, 'secret'), join(base, 'data', 'escape'))
  await symlink(join(base, 'secret', 'key'), join(base, 'data', 'key'))
  await symlink(join(base, 'data', 'inner'), join(base, 'data', 'within'))
  host = await startWebHost({
    home: join(base, 'home'),
    page: join(base, 'page'),
    roots: [join(base, 'data')],
    uploadLimit: 1000,
    fork: (options, log) => forkEngine(options, log, ECHO),
  })
  origin = `http://127.0.0.1:${host.port}`
  cookie = await signIn(host)
})
afterAll(async () => {
  await host.close()
  await rm(base, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
  /** the same as text */
  readonly body: string
}

/** A request as it is given: fetch would mend paths and refuse headers. */
function ask(
  path: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: object; body?: string | Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: host.port, path, method, headers: { host: `127.0.0.1:${host.port}`, cookie, ...headers } },
      (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          const bytes = Buffer.concat(parts)
          resolve({ status: answer.statusCode!, headers: answer.headers, bytes, body: bytes.toString() })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const status = async (path: string, options?: Parameters<typeof ask>[1]): Promise<number> => (await ask(path, options)).status

const upload = (name: string, body: string | Buffer = 'x', headers: object = {}, group = 'g'): Promise<Answer> =>
  ask(`/host/upload?${new URLSearchParams({ name, group }).toString()}`, {
    method: 'POST',
    body,
    headers: { origin, 'content-type': 'application/octet-stream', ...headers },
  })

/** How a socket ended: its HTTP status, its close code, or `open`. */
function socket(headers: Record<string, string>): Promise<number | 'open'> {
  return new Promise((resolve) => {
    const tried = new WebSocket(`ws://127.0.0.1:${host.port}/engine`, { headers })
    tried.on('unexpected-response', (_request, answer) => {
      resolve(answer.statusCode!)
      tried.terminate()
    })
    tried.on('error', () => undefined)
    tried.on('open', () => {
      resolve('open')
      tried.close()
    })
  })
}

test('nothing is answered without the cookie', async () => {
  const stranger = { headers: { cookie: '' } }
  expect(
    await Promise.all(['/', '/assets/a.js', '/host/browse', '/host/download/x', '/nothing'].map((path) => status(path, stranger))),
  ).toEqual([401, 401, 401, 401, 401])
  expect((await upload('a.csv', 'x', { cookie: `pylon-${host.port}=${'A'.repeat(43)}` })).status).toBe(401)
  expect(await status('/', { headers: { cookie: cookie.replace(/=.*/, '=') } })).toBe(401)
  expect(await status('/')).toBe(200)
})

test('a token is good once, and a wrong one never', async () => {
  const exchange = (link: string): Promise<Answer> => ask(link.slice(origin.length), { headers: { cookie: '' } })
  const link = host.link()
  const wrong = await exchange(`${origin}/?token=${'A'.repeat(43)}`)
  expect([wrong.status, wrong.headers['set-cookie'], wrong.headers.location]).toEqual([303, undefined, '/'])
  const first = await exchange(link)
  expect([first.status, first.headers.location]).toEqual([303, '/'])
  expect(first.headers['set-cookie']?.[0]).toMatch(/^pylon-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
  expect((await exchange(link)).headers['set-cookie']).toBeUndefined()
  // a newer link makes an unused one void
  const [older, newer] = [host.link(), host.link()]
  expect((await exchange(older)).headers['set-cookie']).toBeUndefined()
  expect((await exchange(newer)).headers['set-cookie']).toHaveLength(1)
})

/** A request as its bytes are given here; the status it is answered with. */
function raw(...lines: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(host.port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
    socket.on('close', () => resolve(Number(answer.split(' ')[1])))
    socket.on('error', reject)
    socket.write(`${[...lines, 'connection: close'].join('\r\n')}\r\n\r\n`)
  })
}

test('the target of a request is read once, and what is no path is refused', async () => {
  const named = `host: 127.0.0.1:${host.port}`
  const asked = (target: string, ...headers: string[]): Promise<number> => raw(`GET ${target} HTTP/1.1`, named, ...headers)
  const signedIn = (target: string): Promise<number> => asked(target, `cookie: ${cookie}`)
  // no token in the query: no exchange, and no page
  expect(await Promise.all(['/?a#&token=x', '/?a%23&token', '/x?token=x', '//?token=x', '/#?token=x'].map((t) => asked(t)))).toEqual([
    400, 303, 401, 401, 400,
  ])
  const targets = [
    '//',
    '///',
    '//host/',
    '/\\',
    '/%',
    '/%zz',
    '/?%',
    '/?token',
    '/..',
    `http://127.0.0.1:${host.port}/`,
    'http://evil.example/',
    '*',
    'x',
  ]
  expect(Object.fromEntries(await Promise.all(targets.map(async (t) => [t.replace(String(host.port), 'PORT'), await signedIn(t)]))))
    .toMatchInlineSnapshot(`
    {
      "*": 400,
      "/%": 400,
      "/%zz": 400,
      "/..": 403,
      "//": 403,
      "///": 403,
      "//host/": 403,
      "/?%": 200,
      "/?token": 303,
      "/\\": 403,
      "http://127.0.0.1:PORT/": 400,
      "http://evil.example/": 400,
      "x": 400,
    }
  `)
  expect(await asked('/', `cookie: ${cookie}`, 'host: evil.example')).toBe(400)
  expect(await asked('/', `cookie: ${cookie}`, `origin: ${origin}`, 'origin: http://evil.example')).toBe(400)
  expect(await asked('/', 'cookie: a=b', `cookie: ${cookie}`)).toBe(200)
  expect(await raw('GET / HTTP/1.0', `cookie: ${cookie}`)).toBe(421)
  expect(await signedIn('/')).toBe(200)
})

test('a name that is not this machine is refused, whatever else is right', async () => {
  const named = (name: string): Promise<number> => status('/', { headers: { host: name } })
  expect(await Promise.all(['localhost:1', '127.0.0.1', '[::1]:80'].map(named))).toEqual([200, 200, 200])
  const foreign = [
    'evil.example',
    `evil.example:${host.port}`,
    '10.0.0.1',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'localhost@evil',
  ]
  expect(await Promise.all(foreign.map(named))).toEqual([421, 421, 421, 421, 421, 421])
  expect(await socket({ host: 'evil.example', cookie, origin: 'http://evil.example' })).toBe(421)
})

test('only pages of its own origin may ask, and what writes has to say its origin', async () => {
  const from = (value: string): Promise<number> => status('/host/browse', { headers: { origin: value } })
  expect(await Promise.all(['http://evil.example', 'null', 'http://localhost:1', 'nonsense', origin].map(from))).toEqual([
    403, 403, 403, 403, 200,
  ])
  expect((await upload('a.csv', 'x', { origin: 'http://evil.example' })).status).toBe(403)
  expect(await status('/host/place', { method: 'POST', body: '{"name":"x"}', headers: { 'content-type': 'application/json' } })).toBe(403)
})

test('a socket needs the cookie and the origin', async () => {
  expect(await Promise.all([socket({ origin }), socket({ cookie }), socket({ cookie, origin: 'http://evil.example' })])).toEqual([
    401, 403, 403,
  ])
  expect(await socket({ cookie, origin })).toBe('open')
})

test('static files stay within the page', async () => {
  const tries = [
    '/../secret/key',
    '/%2e%2e/secret/key',
    '/..%2fsecret%2fkey',
    '/assets/../../secret/key',
    '/assets/..%5c..%5csecret',
    '/.hidden',
    '//etc/passwd',
    '/%00',
  ]
  const answers = await Promise.all(tries.map((path) => ask(path)))
  expect(answers.filter(({ status: code, body }) => code === 200 || body.includes('secret'))).toEqual([])
  expect(await status('/assets/a.js')).toBe(200)
})

test('the path browser stays within its roots, links resolved', async () => {
  const folder = async (path: string): Promise<unknown> => {
    const { status: code, body } = await ask(`/host/browse?path=${encodeURIComponent(path)}`)
    return code === 200 ? (JSON.parse(body) as { entries: { name: string }[] }).entries.map(({ name }) => name) : code
  }
  const data = join(base, 'data')
  expect(await folder(data)).toEqual(['inner', 'within', 'ratings.csv'])
  expect(await folder(join(data, 'within'))).toEqual([])
  const outside = [
    base,
    join(data, '..'),
    join(data, 'escape'),
    `${data}/../secret`,
    '/',
    `${data}x`,
    join(data, 'ratings.csv'),
    'data',
    '',
  ]
  expect(await Promise.all(outside.map(folder))).toEqual([404, 404, 404, 404, 404, 404, 404, 404, 400])
  const { body } = await ask('/host/browse')
  expect((JSON.parse(body) as { entries: { path: string }[] }).entries.map(({ path }) => path)).toEqual([data])
})

test('uploads lie where they belong, whatever they are called', async () => {
  const names = [
    '../../../etc/x',
    '..\\..\\x',
    '.hidden',
    'a/b/c.csv',
    'con.csv',
    'x\u0000y',
    '...',
    'ratings.csv',
    'ratings.csv',
    '',
    '\u202evsc.exe',
    'LPT1.tar.gz',
    'COM¹',
    'a\ud800b.csv',
    ' . ',
    'x:y?.csv',
    `${'数'.repeat(100)}.csv.gz`,
    `${'数'.repeat(100)}.csv.gz`,
    `${'👩🏽‍💻'.repeat(60)}.parquet`,
    `${'é'.repeat(300)}.csv`,
    `a.${'b'.repeat(300)}`,
  ]
  const paths: string[] = []
  for (const name of names) {
    const { status: code, body } = await upload(name)
    expect([200, name === '' ? 400 : 200], name).toContain(code)
    if (code === 200) paths.push((JSON.parse(body) as { path: string }).path)
  }
  const folder = paths[0]!.slice(0, paths[0]!.lastIndexOf('/'))
  expect(folder.startsWith(join(base, 'home', 'tmp'))).toBe(true)
  expect(paths.every((path) => path.startsWith(`${folder}/`))).toBe(true)
  const stored = paths.map((path) => path.slice(folder.length + 1))
  expect(stored.filter((name) => Buffer.byteLength(`${name}.part`) > 255)).toEqual([])
  expect(stored).toEqual([
    'x',
    'x (2)',
    'hidden',
    'c.csv',
    '_con.csv',
    'x_y',
    'file',
    'ratings.csv',
    'ratings (2).csv',
    'vsc.exe',
    '_LPT1.tar.gz',
    '_COM¹',
    'a\ufffdb.csv',
    'file (2)',
    'x_y_.csv',
    `${'数'.repeat(64)}.csv.gz`,
    `${'数'.repeat(64)}.csv (2).gz`,
    `${'👩🏽‍💻'.repeat(12)}.parquet`,
    `${'é'.repeat(97)}.csv`,
    `a.${'b'.repeat(197)}`,
  ])
  expect((await readdir(folder)).toSorted()).toEqual(stored.toSorted())
  // two at once
  const both = await Promise.all([upload('same.csv', 'x', {}, 'both'), upload('same.csv', 'y', {}, 'both')])
  expect(both.map(({ body }) => (JSON.parse(body) as { path: string }).path.split('/').at(-1)).toSorted()).toEqual([
    'same (2).csv',
    'same.csv',
  ])
})

test('an upload that is too large, announced or not, leaves nothing behind', async () => {
  const large = Buffer.alloc(2000)
  const announced = await upload('large', large, {}, 'large')
  const streamed = await upload('large', large, { 'transfer-encoding': 'chunked' }, 'large')
  expect([announced.status, streamed.status]).toEqual([400, 400])
  expect((JSON.parse(streamed.body) as { message: string }).message).toMatch(/^large: larger than/)
  expect((await upload('x', 'x', {}, '../up')).status).toBe(400)
  const uploads = join(base, 'home', 'tmp', (await readdir(join(base, 'home', 'tmp')))[0]!, '1', 'uploads')
  expect(await readdir(join(uploads, 'large'))).toEqual([])
})

test('a download is of a place that was made for it', async () => {
  const made = await ask('/host/place', {
    method: 'POST',
    body: '{"name":"../run.onnx"}',
    headers: { origin, 'content-type': 'application/json' },
  })
  const { id, path } = JSON.parse(made.body) as { id: string; path: string }
  expect(await status(`/host/download/${id}`)).toBe(404)
  await mkdir(path)
  await writeFile(join(path, 'a.txt'), 'hello')
  const { headers, bytes } = await ask(`/host/download/${id}`)
  expect(headers['content-disposition']).toBe("attachment; filename*=UTF-8''run.onnx.zip")
  // a local file header of 30 bytes, the file's name, its bytes as they are, and the archive's end; a sign a byte, as the header holds the time
  const body = bytes.toString('latin1')
  expect([body.slice(0, 2), body.slice(30)]).toEqual(['PK', expect.stringMatching(/^run\.onnx\/a\.txthello[^]*PK/)])
  expect(await status('/host/download/..%2f..%2fsecret%2fkey')).toBe(404)
})

test('an oversized frame ends its own socket and nothing else', async () => {
  const { channel } = await openSocket(host)
  const client = createClient(channel)
  const { calls } = (await client.call('datasets.list', {})) as unknown as { calls: number }
  const code = await new Promise((resolve) => {
    const rude = new WebSocket(`ws://127.0.0.1:${host.port}/engine`, { headers: { cookie, origin } })
    rude.on('open', () => rude.send(Buffer.alloc(FRAME_LIMIT.down + 1)))
    rude.on('error', () => undefined)
    rude.on('close', resolve)
  })
  expect(code).toBe(1009)
  expect(await client.call('datasets.list', {})).toMatchObject({ calls: calls + 1 })
  client.close()
})

test('every answer carries the policy, which allows no code but files and no connection but to itself', async () => {
  for (const path of ['/', '/assets/a.js', '/nothing', '/host/browse']) {
    const { headers } = await ask(path)
    expect(headers['content-security-policy']).toContain(
      `default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'`,
    )
    expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${host.port} `)
    expect(headers['content-security-policy']).not.toContain('eval')
    expect([headers['x-content-type-options'], headers['x-frame-options'], headers['referrer-policy']]).toEqual([
      'nosniff',
      'DENY',
      'no-referrer',
    ])
  }
})
