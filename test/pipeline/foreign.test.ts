/**
 * Whatever folder is named as the workspace: where it is none and not empty, no verb, host or server changes a byte, time or mode in it.
 */
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { main } from '../../main/cli/main.ts'
import { verbs, type CliVerbName, type VerbDefinition, type VerbName } from '../../main/contract/verbs.ts'
import { startWebHost } from '../../main/hosts/web.ts'
import { Database } from '../../main/engine/store/database.ts'
import { treeOf } from '../helpers/tree.ts'
import { pylon, withWorkspace } from '../helpers/workspace.ts'

/** Names that mean something to Pylon, and some that do not. */
const name = fc.constantFrom(
  'runs',
  'datasets',
  'tmp',
  'trash',
  'backups',
  'engines',
  'data',
  'src',
  'notes.md',
  'pylon.sqlite',
  'workspace.json',
  'reserve',
)
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'))
const content = fc.constantFrom('', 'x', '{}', '{"kind":"pylon"}', '{"kind":"pylon-workspace","format":"1"}', 'SQLite format 3\0', '[1]')
const folder = fc.array(fc.tuple(path, content, fc.constantFrom(0o644, 0o600, 0o444, 0o755)), { minLength: 1, maxLength: 8 })

/** What each verb is called with; a required input is given, and nothing of it is in the folder. */
const INPUTS: Partial<Record<VerbName, readonly string[]>> = {
  'datasets.import': ['--name', 'd', '--sample'],
  'runs.start': ['--dataset', 'd'],
  'runs.export': ['--run', 'r', '--format', 'vectors', '--out', 'out'],
  'system.doctor': ['--repair'],
}

const cliVerbs = (Object.keys(verbs) as VerbName[]).filter((verb): verb is CliVerbName => 'cli' in verbs[verb])

function argsOf(verb: CliVerbName): string[] {
  const { cli, positional, input }: VerbDefinition = verbs[verb]
  const given = INPUTS[verb] ?? []
  const positionals = positional === undefined || !Object.hasOwn(input.shape, positional) ? [] : ['x']
  return [...cli.split(' '), ...positionals, ...given]
}

function fill(home: string, entries: readonly (readonly [string, string, number])[]): void {
  for (const [at, text, mode] of entries) {
    try {
      mkdirSync(dirname(join(home, at)), { recursive: true })
      writeFileSync(join(home, at), text)
      chmodSync(join(home, at), mode)
    } catch {
      // a file where a folder would be, or the other way round: the rest of the folder stands
    }
  }
  symlinkSync('/nowhere', join(home, 'a link'))
}

test('no verb touches a folder that is no workspace', async () => {
  const printed = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')].map((spy) => spy.mockReturnValue(true))
  try {
    await fc.assert(
      fc.asyncProperty(folder, async (entries) =>
        withWorkspace(async (home) => {
          fill(home, entries)
          const before = treeOf(home)
          for (const verb of cliVerbs) {
            const code = await main([...argsOf(verb), '--home', home])
            expect(code, verb).not.toBe(1) // no bug
          }
          expect(treeOf(home)).toEqual(before)
        }),
      ),
      { numRuns: 12 },
    )
  } finally {
    for (const spy of printed) spy.mockRestore()
  }
}, 120_000)

test('neither does the host of the page, nor the command line as a process, nor is a database of another program opened there', () =>
  withWorkspace(async (home) => {
    const database = new Database(join(home, 'pylon.sqlite'), { steps: ['CREATE TABLE mine (x INTEGER) STRICT'] })
    database.run('INSERT INTO mine VALUES (1)')
    mkdirSync(join(home, 'runs', 'mlflow'), { recursive: true })
    writeFileSync(join(home, 'runs', 'mlflow', 'meta.yaml'), 'mine')
    const before = treeOf(home)
    await expect(startWebHost({ home, page: home })).rejects.toThrow(/is no Pylon workspace/)
    const runs = await pylon(['runs'], { home })
    expect([runs.code, runs.stderr]).toEqual([2, expect.stringMatching(/is no Pylon workspace, and it is not empty/)])
    const doctor = await pylon(['doctor'], { home })
    expect([doctor.code, doctor.stdout]).toEqual([0, expect.stringMatching(/cannot be opened[^]*is no Pylon workspace/)])
    expect(treeOf(home)).toEqual(before)
    database.close()
  }))
