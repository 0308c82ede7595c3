/** What the `pylon` command loads, and where the paths begin that are typed. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { verbs, type VerbDefinition } from '../../../main/contract/verbs.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const BIN = join(ROOT, 'main', 'bin.js')
const HOOK = pathToFileURL(resolve(import.meta.dirname, '../../helpers/loaded-modules.ts')).href

const run = async (args: readonly string[], options: { cwd?: string; env?: Record<string, string> } = {}): Promise<string> =>
  (await promisify(execFile)(process.execPath, args, { ...options, env: { ...process.env, ...options.env } })).stdout

/** The packages that `pylon ...args` loads. */
function loadedBy(args: readonly string[]): Promise<string[]> {
  return withWorkspace(async (folder) => {
    const list = join(folder, 'loaded')
    await run(['--import', HOOK, BIN, ...args], { env: { LOADED_MODULES: list, PYLON_HOME: join(folder, 'home') } })
    return readFileSync(list, 'utf8').split('\n')
  })
}

describe('nothing heavy is loaded before it is used', () => {
  test.each([
    [['--version'], ['']],
    [['--help'], ['commander', 'zod']],
    [['runs'], ['better-sqlite3', 'commander', 'zod']],
    [['datasets'], ['better-sqlite3', 'commander', 'zod']],
  ])('pylon %s', async (args, packages) => {
    expect(await loadedBy(args)).toEqual(packages)
  })
})

test.each(['bin.js', 'cli.ts'])('who has read enough may leave: %s ends as ever and says nothing', async (entry) => {
  const child = spawn(process.execPath, [join(ROOT, 'main', entry), '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>])
  expect([code, said]).toEqual([0, ''])
})

test('no verb has the name of a program of its own', () => {
  const words = Object.values<VerbDefinition>(verbs).map(({ cli }) => cli)
  expect(['start', 'demo'].filter((word) => words.includes(word))).toEqual([])
})

describe('a relative path means', () => {
  const manifest = join(ROOT, 'package.json')
  /** Where `pylon datasets --home made-here` makes its workspace when it runs in the checkout: below the caller's folder, or not at all. */
  const made = (env: Record<string, string>): Promise<string[]> =>
    withWorkspace(async (folder) => {
      const caller = join(realpathSync(folder), 'caller')
      mkdirSync(caller)
      const home = env['npm_lifecycle_event'] === 'pylon' ? 'made-here' : join(folder, 'home')
      await run([BIN, 'datasets', '--home', home], { cwd: ROOT, env: { INIT_CWD: caller, ...env } })
      return readdirSync(caller)
    })

  test('the folder of who typed `npm run pylon`', async () => {
    expect(await made({ npm_lifecycle_event: 'pylon', npm_package_json: manifest })).toEqual(['made-here'])
  })

  test('the working folder below any other script', async () => {
    expect(await made({ npm_lifecycle_event: 'test', npm_package_json: manifest })).toEqual([])
  })

  test('the working folder of a script of another project', () =>
    withWorkspace(async (folder) => {
      const [project, caller] = [join(folder, 'project'), join(folder, 'caller')]
      for (const each of [project, caller]) mkdirSync(each)
      const env = { INIT_CWD: caller, npm_lifecycle_event: 'pylon', npm_package_json: join(project, 'package.json') }
      await run([BIN, 'datasets', '--home', 'made-here'], { cwd: project, env })
      expect([readdirSync(project), readdirSync(caller)]).toEqual([['made-here'], []])
    }))
})
