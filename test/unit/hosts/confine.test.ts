/** Pages of a web host name only paths they may: for every verb that takes one. */
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { EventListener } from '../../../main/contract/rpc.ts'
import { verbs, type VerbName } from '../../../main/contract/verbs.ts'
import { checkPaths, confine, PATH_INPUTS } from '../../../main/hosts/confine.ts'
import type { Confinement } from '../../../main/hosts/engine-options.ts'
import type { HostedEngine } from '../../../main/hosts/hub.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

async function folders(): Promise<Confinement & { base: string }> {
  const base = await temporaryFolder()
  for (const name of ['data', 'uploads/g', 'downloads', 'secret']) await mkdir(join(base, name), { recursive: true })
  await writeFile(join(base, 'secret', 'key'), '')
  await symlink(join(base, 'secret'), join(base, 'data', 'escape'))
  return { base, roots: [join(base, 'data')], uploads: join(base, 'uploads'), downloads: join(base, 'downloads') }
}

test('every input that speaks of a file or folder is in the table', () => {
  const speaking = (Object.keys(verbs) as VerbName[]).flatMap((verb) => {
    const { properties = {} } = z.toJSONSchema(verbs[verb].input, { io: 'input', unrepresentable: 'any' }) as {
      properties?: Record<string, { type?: string; description?: string; enum?: unknown }>
    }
    const { read = [], trust = [], write = [] } = PATH_INPUTS[verb] ?? {}
    return Object.entries(properties)
      .filter(
        ([name, { type, enum: choices }]) =>
          (type === 'string' || type === 'array') && choices === undefined && ![...read, ...trust, ...write].includes(name),
      )
      .filter(([name, { description = '' }]) => /\b(file|files|folder|path|directory|zip)\b/i.test(`${name} ${description}`))
      .map(([name]) => `${verb} ${name}`)
  })
  // columns of files, a split by files, a folder of runs: none is a path
  expect(speaking).toMatchInlineSnapshot(`
    [
      "datasets.import map",
      "datasets.import split",
      "datasets.inspect map",
      "runs.edit folder",
      "serving.ask path",
    ]
  `)
})

test('paths within are taken, others are refused with the name of the input', async () => {
  const { base, ...within } = await folders()
  const outcome = (verb: VerbName, input: Record<string, unknown>): string => {
    try {
      checkPaths(verb, input, within)
      return 'taken'
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as { place: string }).place}`
    }
  }
  const at = (path: string): string => join(base, path)
  expect([
    outcome('datasets.import', { path: at('data') }),
    outcome('datasets.import', { path: at('data/none.csv') }),
    outcome('datasets.import', { interactions: at('uploads/g/a.csv'), users: at('data/u.sqlite#people') }),
    outcome('datasets.inspect', { files: [at('data/a.csv')] }),
    outcome('runs.export', { out: at('downloads/1/run') }),
    outcome('runs.start', { spec: { match: { module: { path: at('data/score.js') } } } }),
  ]).toEqual(Array(6).fill('taken'))
  expect([
    outcome('datasets.import', { path: at('secret/key') }),
    outcome('datasets.import', { path: at('data/../secret/key') }),
    outcome('datasets.import', { items: at('data/escape/key') }),
    outcome('datasets.import', { users: at('datax') }),
    outcome('datasets.import', { test: at('secret/x.sqlite#t') }),
    outcome('datasets.inspect', { files: [at('data/a.csv'), '/etc/passwd'] }),
    outcome('bundles.import', { path: 'relative.zip' }),
    outcome('runs.export', { out: at('uploads/g/run') }),
    outcome('runs.start', { config: at('uploads/g/config.json') }),
    outcome('runs.start', { spec: { match: { module: { path: at('uploads/g/score.js') } } } }),
    outcome('runs.start', { spec: JSON.stringify({ match: { module: { path: at('uploads/g/score.js') } } }) }),
    outcome('specs.estimate', { spec: { match: { module: { path: '/tmp/score.js' } } } }),
    outcome('runs.start', { set: ['match.module.path=/tmp/score.js'] }),
    outcome('runs.start', { set: ['match={"module":{"path":"/tmp/score.js"}}'] }),
  ]).toMatchInlineSnapshot(`
    [
      "bad-input path",
      "bad-input path",
      "bad-input items",
      "bad-input users",
      "bad-input test",
      "bad-input files",
      "bad-input path",
      "bad-input out",
      "bad-input config",
      "bad-input match.module.path",
      "bad-input match.module.path",
      "bad-input match.module.path",
      "bad-input match.module.path",
      "bad-input set",
    ]
  `)
})

test('uploads go when their import is done, and stay when it failed', async () => {
  const { base, ...within } = await folders()
  const upload = join(base, 'uploads', 'g', 'a.csv')
  await writeFile(upload, '')
  let announce: EventListener = () => undefined
  const starter: HostedEngine = {
    call: async () => ({ job: 'j1' }) as never,
    subscribe: (listener) => {
      announce = listener
      return () => undefined
    },
    close: async () => undefined,
  }
  const engine = confine(starter, within)
  const end = (state: 'done' | 'failed'): void => announce('job.finished', { job: 'j1', run: null, state, result: null, error: null })
  const input = { name: 'x', interactions: upload } as never
  await engine.call('datasets.import', input)
  end('failed')
  expect(await readdir(within.uploads)).toEqual(['g'])
  await engine.call('datasets.import', input)
  end('done')
  await expect.poll(() => readdir(within.uploads)).toEqual([])
})
