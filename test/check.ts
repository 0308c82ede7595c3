/**
 * The quick look before a commit: types, lint, formatting, dead code, who imports whom. All are run, so that one look shows everything;
 * two at a time, the slowest first.
 */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

const bin = (name: string): string => resolve(import.meta.dirname, '../node_modules/.bin', name)
const CACHE = 'node_modules/.cache'
const incremental = (name: string): string[] => ['--incremental', '--tsBuildInfoFile', `${CACHE}/${name}.tsbuildinfo`]
const CHECKS: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['lint', process.execPath, ['test/lint.ts']],
  ['types of the page', bin('vue-tsc'), ['--noEmit', '-p', 'renderer', ...incremental('vue-tsc')]],
  ['types', bin('tsc'), ['--noEmit', ...incremental('tsc')]],
  ['formatting', bin('prettier'), ['--check', '--log-level', 'warn', '--cache', '--cache-location', `${CACHE}/prettier.json`, '.']],
  [
    'lint of templates',
    bin('eslint'),
    ['renderer', '--max-warnings', '0', '--cache', '--cache-strategy', 'content', '--cache-location', `${CACHE}/eslint/`],
  ],
  ['dead code', bin('knip'), []],
  ['imports', process.execPath, ['test/imports.ts']],
]
const LANES = 2

/** @returns whether it found nothing; what it printed is shown in one piece, as another check runs beside it */
async function passes([name, command, args]: (typeof CHECKS)[number]): Promise<boolean> {
  const started = performance.now()
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], shell: process.platform === 'win32' })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => said.push(text))
  const status = await new Promise<number | null>((done) => child.once('close', done))
  console.log(`${said.join('')}${status === 0 ? 'ok    ' : 'failed'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  return status === 0
}

const waiting = [...CHECKS]
const lane = async (): Promise<boolean> => {
  let good = true
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) good = (await passes(check)) && good
  return good
}
const lanes = await Promise.all(Array.from({ length: LANES }, lane))
process.exit(lanes.every(Boolean) ? 0 : 1)
