/**
 * A page of the browser host as an attacker, over the real contract: code in an upload that it tries to have run in every spelling, and
 * links below a root that lead out of it. The code would leave a mark.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import type { VerbInput } from '../../main/contract/verbs.ts'
import { openEngine } from '../../main/engine/index.ts'
import { trustModule } from '../../main/engine/towers/match-module.ts'
import { forkJob } from '../../main/hosts/child.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { startWebHost } from '../../main/hosts/web.ts'
import { openSocket, signIn } from '../helpers/socket-channel.ts'

let base: string
const at = (path: string): string => join(base, path)
/** a matching function that leaves a mark when it is loaded */
const code = (mark: string): string =>
  `import { writeFileSync } from 'node:fs'\nwriteFileSync(${JSON.stringify(at(mark))}, '')\nexport default (tf, users, items) => tf.matMul(users, items, false, true)\n`
/** the smallest run */
const small = { training: { epochs: 1 } }
const spec = (path: string, sha256: string | null = null): object => ({ ...small, match: { kind: 'module', module: { path, sha256 } } })
let mine = ''

/** Forty people, each with eight of thirty things. */
const seen = (): string =>
  `user,item\n${Array.from({ length: 320 }, (_, k) => `u${k >> 3},i${((k >> 3) * 7 + (k & 7) * 3) % 30}`).join('\n')}\n`

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'pylon-test-')))
  for (const folder of ['page', 'data/loose', 'data/known', 'secret']) await mkdir(at(folder), { recursive: true })
  await writeFile(at('page/index.html'), '<!doctype html>')
  await writeFile(at('data/mine.mjs'), code('mine-ran'))
  await writeFile(at('secret/ratings.csv'), 'userId,movieId,rating,timestamp\nstolen,1,5,1\nstolen,2,5,2\n')
  await writeFile(at('data/loose/seen.csv'), 'user,item\nu,1\nu,2\n')
  await symlink(at('secret/ratings.csv'), at('data/loose/items.csv'))
  await symlink(at('secret/ratings.csv'), at('data/known/ratings.csv'))
  await writeFile(at('data/known/movies.csv'), 'movieId,title,genres\n1,a,\n')
  // what its user did at home, where any path goes: a dataset, and a run whose match is a function of their own
  const engine = openEngine({ home: at('home'), fork: () => forkJob() })
  const [near, far] = memoryChannels()
  serveVerbs(far, engine)
  const client = createClient(near)
  await writeFile(at('seen.csv'), seen())
  await (
    await startJob(client, 'datasets.import', { name: 'market', interactions: at('seen.csv') })
  ).finished
  const { started, finished } = await startJob(client, 'runs.start', { dataset: 'market', spec: spec(at('data/mine.mjs')) })
  await finished
  mine = started.run
  await engine.close()
  expect(existsSync(at('mine-ran'))).toBe(true)
  await rm(at('mine-ran'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

interface Attacker {
  readonly client: Client
  /** sends a file; answers where it lies */
  readonly upload: (name: string, body: string) => Promise<string>
  /** where the uploaded code lies */
  readonly evil: string
}

async function asPage(options: { roots?: string[]; allowCode?: boolean }, attack: (attacker: Attacker) => Promise<void>): Promise<void> {
  const host = await startWebHost({ home: at('home'), page: at('page'), roots: [at('data')], ...options })
  try {
    const origin = `http://127.0.0.1:${host.port}`
    const cookie = await signIn(host)
    const upload = async (name: string, body: string): Promise<string> => {
      const answer = await fetch(`${origin}/host/upload?name=${encodeURIComponent(name)}&group=${name.replaceAll(/\W/g, '-')}`, {
        method: 'POST',
        body,
        headers: { origin, cookie, 'content-type': 'application/octet-stream' },
      })
      return ((await answer.json()) as { path: string }).path
    }
    const { channel } = await openSocket(host)
    const client = createClient(channel)
    try {
      await attack({ client, upload, evil: await upload('evil.mjs', code('evil-ran')) })
    } finally {
      client.close()
    }
  } finally {
    await host.close()
  }
  expect(existsSync(at('evil-ran'))).toBe(false)
}

/** How a job ended, or was refused: `code place`. */
async function ending(job: Promise<{ finished: Promise<unknown> }>): Promise<string> {
  try {
    await (
      await job
    ).finished
    return 'ran'
  } catch (error) {
    const { code: kind, place, message } = error as { code: string; place?: string; message: string }
    return `${kind} ${place ?? message}`.replaceAll(base, '')
  }
}

test('an uploaded file is not run, however it is named', () =>
  asPage({}, async ({ client, evil }) => {
    const start = (input: Omit<VerbInput<'runs.start'>, 'dataset'>): Promise<string> =>
      ending(startJob(client, 'runs.start', { dataset: 'market', ...input }))
    const text = (...parts: string[]): Promise<string> => start({ spec: parts.join('') })
    const json = JSON.stringify(spec(evil))
    const sets = [
      'match.module.path=PATH',
      ' match.module.path=PATH',
      '\tmatch.module.path =PATH',
      'match[module].path=PATH',
      'match[module][path]=PATH',
      'match..module...path=PATH',
      '[match]module]path=PATH',
      'match.module={"path":"PATH"}',
      'match[module]= {"path":"PATH"}',
      'match={"kind":"module","module":{"path":"PATH"}}',
      'match.module.path="PATH"',
    ]
    const { sha256 } = (await trustModule({ path: evil, sha256: null }))!
    const { home } = await client.call('system.about', {})
    await symlink(evil, at('data/link.mjs'))
    await writeFile(at('data/config.json'), `\ufeff${json}`)
    const spellings = {
      plain: evil,
      relative: relative(process.cwd(), evil),
      'by way of /proc': `/proc/self/root${evil}`,
      'as a URL': pathToFileURL(evil).href,
      'by a link below a root': at('data/link.mjs'),
    }
    const attempts: Record<string, string> = {
      'spec as an object': await start({ spec: spec(evil) }),
      'spec as text': await text(json),
      'spec with a byte-order mark': await text('\ufeff', json),
      'spec with blanks': await text('\n \t', json),
      'spec with a key twice': await text(`{"match":{},`, json.slice(1)),
      'spec with escaped keys': await text(json.replace('"module":', '"\\u006dodule":')),
      'spec that knows the hash': await start({ spec: spec(evil, sha256) }),
      'spec that another kind hides': await start({ spec: { match: { kind: 'dot', module: { path: evil, sha256 } } } }),
      'spec, then its kind set': await start({
        spec: { match: { kind: 'dot', module: { path: evil, sha256 } } },
        set: ['match.kind=module'],
      }),
      'a config below a root': await start({ config: at('data/config.json') }),
      'a function of the user without --allow-code': await start({ spec: spec(at('data/mine.mjs')) }),
      'a run with one, again': await start({ spec: (await client.call('runs.show', { run: mine })).spec }),
      'a run with one, resumed': await ending(startJob(client, 'runs.start', { resume: mine })),
      'a run with one, evaluated': await ending(startJob(client, 'runs.evaluate', { run: mine })),
      'a run with one, served': await ending(
        client.call('serving.start', { run: mine, port: 0 }).then(() => ({ finished: Promise.resolve() })),
      ),
      'a run with one, asked': await ending(
        client.call('neighbours.recommend', { run: mine, user: 'u1' }).then(() => ({ finished: Promise.resolve() })),
      ),
      estimate: await ending(
        client.call('specs.estimate', { dataset: 'market', spec: spec(evil, sha256) }).then(() => ({ finished: Promise.resolve() })),
      ),
      check: JSON.stringify((await client.call('specs.check', { spec: spec(evil, sha256) })).problems.map(({ place }) => place)),
      'a config outside': await start({ config: at('secret/config.json') }),
      'an export into the workspace': await ending(
        startJob(client, 'runs.export', { run: mine, format: 'vectors', out: join(home, 'runs', 'x') } as never),
      ),
    }
    for (const set of sets)
      attempts[`set ${JSON.stringify(set)}`] = await start({ recipe: 'two-tower', set: ['match.kind=module', set.replace('PATH', evil)] })
    for (const [how, path] of Object.entries(spellings)) attempts[`path ${how}`] = await start({ spec: spec(path) })
    expect(attempts).toMatchInlineSnapshot(`
      {
        "a config below a root": "bad-input match.module.path",
        "a config outside": "bad-input config",
        "a function of the user without --allow-code": "bad-input match.module.path",
        "a run with one, again": "bad-input match.module.path",
        "a run with one, asked": "bad-input match.module.path",
        "a run with one, evaluated": "bad-input match.module.path",
        "a run with one, resumed": "bad-input match.module.path",
        "a run with one, served": "bad-input match.kind",
        "an export into the workspace": "bad-input out",
        "check": "["match.module.path"]",
        "estimate": "bad-input match.module.path",
        "path as a URL": "bad-input match.module.path",
        "path by a link below a root": "bad-input match.module.path",
        "path by way of /proc": "bad-input match.module.path",
        "path plain": "bad-input match.module.path",
        "path relative": "bad-input match.module.path",
        "set " match.module.path=PATH"": "bad-input match.module.path",
        "set "[match]module]path=PATH"": "bad-input match.module.path",
        "set "\\tmatch.module.path =PATH"": "bad-input match.module.path",
        "set "match..module...path=PATH"": "bad-input match.module.path",
        "set "match.module.path=PATH"": "bad-input match.module.path",
        "set "match.module.path=\\"PATH\\""": "bad-input match.module.path",
        "set "match.module={\\"path\\":\\"PATH\\"}"": "bad-input match.module.path",
        "set "match={\\"kind\\":\\"module\\",\\"module\\":{\\"path\\":\\"PATH\\"}}"": "bad-input match.module.path",
        "set "match[module].path=PATH"": "bad-input match.module.path",
        "set "match[module]= {\\"path\\":\\"PATH\\"}"": "bad-input match.module.path",
        "set "match[module][path]=PATH"": "bad-input match.module.path",
        "spec as an object": "bad-input match.module.path",
        "spec as text": "bad-input match.module.path",
        "spec that another kind hides": "bad-input match.module.path",
        "spec that knows the hash": "bad-input match.module.path",
        "spec with a byte-order mark": "bad-input match.module.path",
        "spec with a key twice": "bad-input match.module.path",
        "spec with blanks": "bad-input match.module.path",
        "spec with escaped keys": "bad-input match.module.path",
        "spec, then its kind set": "bad-input match.module.path",
      }
    `)
    expect(existsSync(at('mine-ran'))).toBe(false)
  }))

test('with --allow-code a function below a root runs; an upload does not, nor what a page could have written', () =>
  asPage({ allowCode: true, roots: [at('data'), at('home')] }, async ({ client, evil }) => {
    const start = (path: string): Promise<string> => ending(startJob(client, 'runs.start', { dataset: 'market', spec: spec(path) }))
    expect(await start(at('data/mine.mjs'))).toBe('ran')
    expect(existsSync(at('mine-ran'))).toBe(true)
    expect(await ending(startJob(client, 'runs.evaluate', { run: mine }))).toBe('ran')
    expect(await start(evil)).toBe('bad-input match.module.path')
    expect(await start(at('data/link.mjs'))).toBe('bad-input match.module.path')
    const written = startJob(client, 'runs.export', { run: mine, format: 'npy', out: at('data/out') } as never)
    expect(await ending(written)).toMatch(/^bad-input (out|format)/)
    expect(await readdir(at('data'))).not.toContain('out')
  }))

test('links below a root that lead out of it are neither inspected nor imported', () =>
  asPage({}, async ({ client }) => {
    const inspection = await client.call('datasets.inspect', { path: at('data/loose') })
    expect(inspection.files.map(({ shown }) => shown)).toEqual(['seen.csv'])
    expect(inspection.problems.filter(({ file }) => file === 'items.csv')).toMatchInlineSnapshot(`
      [
        {
          "column": null,
          "file": "items.csv",
          "level": "warning",
          "message": "This file is not used: it is a link that leads nowhere, or out of the folders that may be read.",
          "role": null,
        },
      ]
    `)
    const known = await client.call('datasets.inspect', { path: at('data/known') })
    expect(JSON.stringify([known, inspection])).not.toContain('stolen')
    expect(known.problems[0]).toMatchObject({ level: 'warning', file: 'ratings.csv' })
    expect(await ending(startJob(client, 'datasets.import', { name: 'stolen', path: at('data/known') }))).toMatch(/^bad-input movies\.csv/)
    const remote = [
      'http://127.0.0.1:9/x.csv',
      's3://bucket/x.parquet',
      'ftp://127.0.0.1/x.csv',
      pathToFileURL(at('data/loose/seen.csv')).href,
      '~/x.csv',
    ]
    for (const path of remote)
      expect(await ending(startJob(client, 'datasets.import', { name: 'remote', interactions: path }))).toBe('bad-input interactions')
  }))

test('what is allowed goes on: an upload and a file below a root are imported; the upload goes then, the file stays', () =>
  asPage({}, async ({ client, upload }) => {
    const path = await upload('mine[1].csv', seen())
    await writeFile(at('data/mine*.csv'), seen())
    const uploaded = await startJob(client, 'datasets.import', { name: 'uploaded', interactions: path })
    expect(await uploaded.finished).toMatchObject({ users: 40 })
    await expect.poll(() => existsSync(path)).toBe(false)
    const named = await startJob(client, 'datasets.import', { name: 'named', interactions: at('data/mine*.csv') })
    expect(await named.finished).toMatchObject({ users: 40 })
    expect(existsSync(at('data/mine*.csv'))).toBe(true)
  }))
