/** Jobs for a cluster of a small market, exported from a workspace of their own and run over processes of this machine. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runPython } from './python.ts'
import { writeSmallMarket } from './small-market.ts'
import { answerOf } from './workspace.ts'

/** There is nothing until `begin`, which `end` removes. */
export function smallJobs(python: string | null) {
  let root = ''
  const at = (name: string): string => join(root, name)
  const ask = (...args: string[]): Promise<Record<string, unknown>> => answerOf(args, { home: at('home') })
  return {
    at,
    /** The answer of a verb. */
    ask,
    /** @param more further options of `export-job`. @returns its folder */
    exported: async (name: string, spec: object, ...more: string[]): Promise<string> => {
      writeFileSync(at(`${name}.json`), JSON.stringify(spec))
      await ask('export-job', '--dataset', 'd', '--config', at(`${name}.json`), '--out', at(name), '--files', '3', ...more)
      return at(name)
    },
    /** @returns what it printed */
    run: (folder: string, ...args: string[]): Promise<string> => runPython(python!, folder, ['run_job.py', ...args]),
    /** Makes the workspace, and the market its dataset `d`. */
    begin: async (): Promise<void> => {
      root = mkdtempSync(join(tmpdir(), 'pylon-jobs-'))
      const { interactions, items } = writeSmallMarket(root)
      await ask('import', '--name', 'd', '--interactions', interactions, '--items', items)
    },
    end: (): Promise<void> => rm(root, { recursive: true, force: true }),
  }
}
