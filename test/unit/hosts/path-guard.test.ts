/** What pages of a browser host may name: every path of the contract is marked, and what is accepted lies in a folder that was allowed. */
import { mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, relative } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { mapPaths, pathsOf } from '../../../main/contract/paths.ts'
import type { EventListener } from '../../../main/contract/rpc.ts'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { verbs, type VerbName } from '../../../main/contract/verbs.ts'
import { ANY_PATH, isWithin, PathGuard, splitTable } from '../../../main/engine/files/path-guard.ts'
import type { HostedEngine } from '../../../main/hosts/engine-server.ts'
import { removeUploadsOnImport } from '../../../main/hosts/imported-uploads.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

interface Place {
  readonly base: string
  readonly guard: PathGuard
  readonly uploads: string
  readonly outcome: (verb: VerbName, input: object) => string
}

/** A user's folder with links in and out, a secret one, and a workspace with uploads and downloads. */
async function place(allowCode = false): Promise<Place> {
  const base = await temporaryFolder()
  const at = (path: string): string => join(base, path)
  for (const name of ['data/inner', 'home/tmp/uploads/g', 'home/tmp/downloads/1', 'home/runs', 'secret', 'datax'])
    mkdirSync(at(name), { recursive: true })
  for (const name of ['data/a.csv', 'data/x#y', 'data/score.js', 'secret/key', 'secret/key.sqlite', 'home/tmp/uploads/g/up.js'])
    writeFileSync(at(name), '')
  symlinkSync(at('secret'), at('data/escape'))
  symlinkSync(at('secret/key'), at('data/key.csv'))
  symlinkSync(at('secret/none'), at('data/dangling'))
  symlinkSync(at('data/circle'), at('data/circle'))
  symlinkSync(at('home/tmp/uploads'), at('data/uploads'))
  symlinkSync('/', at('data/top'))
  symlinkSync(at('data/inner'), at('data/within'))
  const [root, uploads, downloads] = [at('data'), at('home/tmp/uploads'), at('home/tmp/downloads')]
  const guard = new PathGuard({
    read: [root, uploads],
    write: allowCode ? [downloads] : [root, downloads],
    code: allowCode ? [root] : [],
    workspace: at('home'),
  })
  const outcome = (verb: VerbName, input: object): string => {
    try {
      guard.input(verbs[verb].input, input)
      return 'taken'
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as { place: string }).place}`
    }
  }
  return { base, guard, uploads, outcome }
}

test('the paths of the contract', () => {
  const marked = (Object.keys(verbs) as VerbName[]).flatMap((verb) => pathsOf(verbs[verb].input).map((path) => `${verb} ${path}`))
  expect([...marked, ...pathsOf(specSchema).map((path) => `spec ${path}`)]).toMatchInlineSnapshot(`
    [
      "datasets.import append.*: table",
      "datasets.import also.*: table",
      "datasets.import path: table",
      "datasets.import interactions: table",
      "datasets.import users: table",
      "datasets.import items: table",
      "datasets.import test: table",
      "datasets.inspect append.*: table",
      "datasets.inspect also.*: table",
      "datasets.inspect path: table",
      "datasets.inspect interactions: table",
      "datasets.inspect users: table",
      "datasets.inspect items: table",
      "datasets.inspect test: table",
      "datasets.inspect files.*: read",
      "runs.start config: read",
      "runs.start log.*: write",
      "runs.tell to: write",
      "cluster.export config: read",
      "cluster.export out: write",
      "cluster.follow path: read",
      "serving.skew log: read",
      "recommendations.write out: write",
      "reports.write textFile: read",
      "reports.write out: write",
      "search.start file: read",
      "search.start config: read",
      "search.start log.*: write",
      "search.resume log.*: write",
      "search.add log.*: write",
      "search.export out: write",
      "runs.export out: write",
      "bundles.verify path: read",
      "bundles.delta from: read",
      "bundles.delta to: read",
      "bundles.delta out: write",
      "bundles.apply path: read",
      "bundles.apply onto: read",
      "bundles.apply out: write",
      "bundles.import path: read",
      "segments.save file: read",
      "segments.export out: write",
      "tracked.import path: read",
      "serving.start bundle: read",
      "serving.start state: write",
      "serving.start logRequests: write",
      "serving.swap bundle: read",
      "workspace.backup out: write",
      "workspace.restore from: read",
      "spec match.module.path: code",
    ]
  `)
})

test('every input that speaks of a file or folder is marked', () => {
  const speaking = (Object.keys(verbs) as VerbName[]).flatMap((verb) => {
    const { properties = {} } = z.toJSONSchema(verbs[verb].input, { io: 'input', unrepresentable: 'any' }) as {
      properties?: Record<string, { type?: string; description?: string; enum?: unknown }>
    }
    const marked = pathsOf(verbs[verb].input).map((path) => path.split(/[.:]/)[0]!)
    return Object.entries(properties)
      .filter(
        ([name, { type, enum: choices }]) => (type === 'string' || type === 'array') && choices === undefined && !marked.includes(name),
      )
      .filter(([name, { description = '' }]) => /\b(file|files|folder|path|directory|zip)\b/i.test(`${name} ${description}`))
      .map(([name]) => `${verb} ${name}`)
  })
  // columns of files, a split by files, a folder of runs: none is a path
  expect(speaking).toMatchInlineSnapshot(`
    [
      "datasets.import map",
      "datasets.import split",
      "datasets.import delimiter",
      "datasets.import quote",
      "datasets.import comment",
      "datasets.inspect map",
      "datasets.inspect delimiter",
      "datasets.inspect quote",
      "datasets.inspect comment",
      "runs.edit folder",
      "serving.ask path",
    ]
  `)
})

test('paths within are taken, others are refused with the name of the input', async () => {
  const { base, outcome } = await place()
  const at = (path: string): string => join(base, path)
  expect([
    outcome('datasets.import', { path: at('data') }),
    outcome('datasets.import', { path: at('data/none.csv') }),
    outcome('datasets.import', { path: at('data/within') }),
    outcome('datasets.import', { interactions: at('home/tmp/uploads/g/a.csv'), users: at('data/u.sqlite#people') }),
    outcome('datasets.import', { interactions: at('data/x#y') }),
    outcome('datasets.inspect', { files: [at('data/a.csv')] }),
    outcome('runs.start', { config: at('home/tmp/uploads/g/config.json'), set: [] }),
    outcome('runs.export', { out: at('home/tmp/downloads/1/run') }),
    outcome('runs.export', { out: at('data/new/deeper') }),
  ]).toEqual(Array(9).fill('taken'))
  expect([
    outcome('datasets.import', { path: at('secret/key') }),
    outcome('datasets.import', { path: `${at('data')}/../secret/key` }),
    outcome('datasets.import', { items: at('data/escape/key') }),
    outcome('datasets.import', { items: at('data/key.csv') }),
    outcome('datasets.import', { items: at('data/dangling') }),
    outcome('datasets.import', { items: at('data/circle') }),
    outcome('datasets.import', { users: at('datax') }),
    outcome('datasets.import', { test: at('secret/key.sqlite#t') }),
    outcome('datasets.import', { test: at('data/escape/key.sqlite#t') }),
    outcome('datasets.import', { test: '/dev/zero' }),
    outcome('datasets.inspect', { files: [at('data/a.csv'), '/etc/passwd'] }),
    outcome('bundles.import', { path: 'relative.zip' }),
    outcome('serving.start', { bundle: at('secret') }),
    outcome('runs.start', { config: at('secret/key') }),
    outcome('runs.export', { out: at('home/tmp/uploads/g/run') }),
    outcome('runs.export', { out: at('home/runs/new') }),
    outcome('runs.export', { out: at('data/dangling') }),
  ]).toMatchInlineSnapshot(`
    [
      "bad-input path",
      "bad-input path",
      "bad-input items",
      "bad-input items",
      "bad-input items",
      "bad-input items",
      "bad-input users",
      "bad-input test",
      "bad-input test",
      "bad-input test",
      "bad-input files[1]",
      "bad-input path",
      "bad-input bundle",
      "bad-input config",
      "bad-input out",
      "bad-input out",
      "bad-input out",
    ]
  `)
})

test('a socket, pipe or device in an allowed folder is neither a file nor a folder', async () => {
  const { base, outcome } = await place()
  const path = join(base, 'data', 's.csv')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  expect(outcome('datasets.import', { interactions: path })).toBe('bad-input interactions')
  server.close()
})

test('code: never without --allow-code; with it only below the roots, never from the workspace, and the roots are not written', async () => {
  const named = (of: Place, path: string): string => {
    const spec = specSchema.parse({ match: { kind: 'module', module: { path: join(of.base, path) } } })
    try {
      const { match } = of.guard.input(specSchema, spec) as { match: { module: { path: string } } }
      return relative(of.base, match.module.path)
    } catch (error) {
      return (error as Error).message.replaceAll(of.base, '')
    }
  }
  const paths = ['data/score.js', 'data/inner/../score.js', 'home/tmp/uploads/g/up.js', 'data/uploads/g/up.js', 'secret/key']
  const [closed, open] = [await place(), await place(true)]
  expect(paths.map((path) => named(closed, path))).toMatchInlineSnapshot(`
    [
      "match.module.path: /data/score.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "match.module.path: /data/score.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "match.module.path: /home/tmp/uploads/g/up.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "match.module.path: /data/uploads/g/up.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "match.module.path: /secret/key may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
    ]
  `)
  expect(paths.map((path) => named(open, path))).toMatchInlineSnapshot(`
    [
      "data/score.js",
      "data/score.js",
      "match.module.path: /home/tmp/uploads/g/up.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "match.module.path: /data/uploads/g/up.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "match.module.path: /secret/key may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
    ]
  `)
  expect(open.outcome('runs.export', { out: join(open.base, 'data/new') })).toBe('bad-input out')
  // a root that holds the workspace
  const all = { ...open, guard: new PathGuard({ ...open.guard.policy!, read: [open.base], write: [open.base], code: [open.base] }) }
  expect(paths.map((path) => named(all, path))).toMatchInlineSnapshot(`
    [
      "data/score.js",
      "data/score.js",
      "match.module.path: /home/tmp/uploads/g/up.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "match.module.path: /data/uploads/g/up.js may not be named by a page: it would be run with your rights; put it into a folder of your own and start the host with --root FOLDER --allow-code.",
      "secret/key",
    ]
  `)
  expect(() => all.guard.check(join(open.base, 'home/runs/new'), 'write', 'out')).toThrow('host was started with')
})

test('whatever is accepted, in any spelling, is in an allowed folder', async () => {
  const { base, guard } = await place(true)
  const { read, write, code } = guard.policy!
  const folders = { read, table: read, write, code }
  const known = ['data', 'home', 'home/tmp/uploads/g', 'secret'].flatMap((folder) =>
    readdirSync(join(base, folder)).map((name) => join(folder, name)),
  )
  const part = fc.oneof(
    fc.constantFrom(
      '.',
      '..',
      '',
      'data',
      'secret',
      'key',
      'escape',
      'within',
      'top',
      'uploads',
      'g',
      'up.js',
      'circle',
      'dangling',
      'a.csv',
    ),
    fc.constantFrom(
      '~',
      '...',
      '%2e%2e',
      'a\\..\\..',
      'x#y',
      '#t',
      'http:',
      'file:',
      'proc',
      'self',
      'root',
      'cwd',
      'é',
      ' ',
      'C:',
      '*',
      '$HOME',
    ),
    fc.string({ maxLength: 8 }).filter((text) => !text.includes('\0')),
  )
  const start = fc.oneof(
    fc.constantFrom(
      base,
      `${base}/data`,
      `${base}/home/tmp/uploads`,
      '/',
      '//',
      '',
      '.',
      '\\\\host\\share',
      '/proc/self/root',
      '/proc/self/cwd',
    ),
    fc.constantFrom(
      ...['file://', 'file:', 'ftp://', 's3://', 'http://'].map((scheme) => `${scheme}${base}/data`),
      `${base}/data/top${base}`,
    ),
    fc.constantFrom(...known.map((path) => join(base, path))),
  )
  const spelled = fc
    .tuple(start, fc.array(part, { maxLength: 6 }), fc.constantFrom('', '/', '#t', '#../t', ' ', '\n'))
    .map(([from, parts, end]) => [from, ...parts].join('/') + end)
  let taken = 0
  fc.assert(
    fc.property(spelled, fc.constantFrom('read', 'table', 'write', 'code'), (path, access) => {
      let result: string
      try {
        result = guard.check(path, access, 'x')
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-input', place: 'x' })
        return
      }
      taken++
      const [file] = access === 'table' ? splitTable(result) : [result]
      let real = file
      try {
        real = realpathSync(file)
      } catch {
        // it is not there (yet)
      }
      expect(real).toBe(file)
      expect(folders[access].some((folder) => isWithin(real, folder))).toBe(true)
      if (access === 'code') expect(isWithin(real, join(base, 'home'))).toBe(false)
    }),
    { numRuns: 5000, seed: 11 },
  )
  expect(taken).toBeGreaterThan(300)
})

test('a NUL is refused by the schema, before any file is looked at', () => {
  for (const [verb, input] of [
    ['bundles.import', { path: '/a\0b' }],
    ['datasets.inspect', { files: ['/a\0b'] }],
    ['runs.export', { run: 'r', format: 'bundle', out: '/a\0b' }],
  ] as const)
    expect(verbs[verb].input.safeParse(input).success).toBe(false)
  expect(specSchema.safeParse({ match: { kind: 'module', module: { path: 'a\0b' } } }).success).toBe(false)
})

test('who acts for the user may name anything, made absolute', () => {
  expect(ANY_PATH.check('a/../b.csv', 'read', 'path')).toBe(join(process.cwd(), 'b.csv'))
  const input = { name: 'x' }
  expect(mapPaths(verbs['datasets.import'].input, input, () => '')).toBe(input)
})

test('uploads go when their import is done, and stay when it failed', async () => {
  const { base, uploads } = await place()
  const upload = join(uploads, 'g', 'a.csv')
  await writeFile(upload, '')
  await mkdir(join(uploads, 'h'))
  let announce: EventListener = () => undefined
  const starter: HostedEngine = {
    call: async () => ({ job: 'j1' }) as never,
    subscribe: (listener) => {
      announce = listener
      return () => undefined
    },
    close: async () => undefined,
  }
  const engine = removeUploadsOnImport(starter, uploads)
  const end = (state: 'done' | 'failed'): void => announce('job.finished', { job: 'j1', run: null, state, result: null, error: null })
  const input = { name: 'x', interactions: upload, items: join(base, 'data', 'a.csv') } as never
  await engine.call('datasets.import', input)
  end('failed')
  expect(await readdir(uploads)).toEqual(['g', 'h'])
  await engine.call('datasets.import', input)
  end('done')
  await expect.poll(() => readdir(uploads)).toEqual(['h'])
  expect(await readdir(join(base, 'data'))).toContain('a.csv')
})
