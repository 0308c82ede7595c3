/**
 * What the command line costs before it does anything: CPU seconds (user + system, of all its processes) of `bin.js`, with Node's cache
 * of compiled code filled. Fails where a figure is over what it may be on a machine like the one of docs/notes.
 */
import { spawnSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { makeManyRuns } from '../helpers/many-runs.ts'
import { withWorkspace } from '../helpers/workspace.ts'

const BIN = resolve(import.meta.dirname, '../../main/bin.js')
const TIMES = 9
const RUNS = 10_000

/** The most a command may cost, in CPU seconds. */
const LIMITS: readonly (readonly [command: string, empty: number, full: number])[] = [
  ['--version', 0.15, 0.15],
  ['--help', 0.3, 0.3],
  ['runs', 0.3, 1.5],
  ['datasets', 0.3, 0.35],
]

export async function benchCli(): Promise<void> {
  await withWorkspace((folder) => {
    const [empty, full] = [join(folder, 'empty'), join(folder, 'full')]
    makeManyRuns(full, { runs: RUNS })
    console.log(`CPU seconds, median of ${TIMES}     empty   ${RUNS} runs`)
    for (const [command, ...limits] of LIMITS) {
      const seconds = [empty, full].map((home) => median(command, home))
      console.log(`  pylon ${command.padEnd(20)} ${seconds.map((each) => each.toFixed(3).padStart(10)).join('')}`)
      if (seconds.some((each, i) => each > limits[i]!)) {
        console.error(`  over the limit of ${limits.join(' and ')}`)
        process.exitCode = 1
      }
    }
  })
}

function median(command: string, home: string): number {
  cost(command, home) // fills the cache
  return Array.from({ length: TIMES }, () => cost(command, home)).sort((a, b) => a - b)[TIMES >> 1]!
}

/** A shell's account of its children. The Node is the one on the path, as for a user. */
function cost(command: string, home: string): number {
  const script = 'TIMEFORMAT="%U %S"; time node "$0" $1 >/dev/null'
  const { stderr, status } = spawnSync('bash', ['-c', script, BIN, command], {
    encoding: 'utf8',
    env: { ...process.env, PYLON_HOME: home },
  })
  if (status !== 0) throw new Error(`pylon ${command}: ${stderr}`)
  const [user = NaN, system = NaN] = stderr.trim().split(' ').map(Number)
  return user + system
}
