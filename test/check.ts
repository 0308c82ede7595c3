/** The quick look before a commit: types, lint, formatting, dead code. All are run, so that one look shows everything. */
import { spawnSync } from 'node:child_process'

const CHECKS: readonly (readonly [string, readonly string[]])[] = [
  ['types', ['tsc', '--noEmit']],
  ['types of the page', ['vue-tsc', '--noEmit', '-p', 'renderer']],
  ['lint', ['eslint', '.', '--max-warnings', '0', '--cache', '--cache-location', 'node_modules/.cache/eslint/']],
  ['formatting', ['prettier', '--check', '--log-level', 'warn', '.']],
  ['dead code', ['knip']],
]

let failed = 0
for (const [name, [command, ...args]] of CHECKS) {
  const started = performance.now()
  const { status } = spawnSync(`node_modules/.bin/${command!}`, args, { stdio: 'inherit', shell: process.platform === 'win32' })
  if (status !== 0) failed++
  console.log(`${status === 0 ? 'ok    ' : 'failed'} ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
}
process.exit(failed === 0 ? 0 : 1)
