/**
 * `npm test`: sets up what the chosen tests need and this machine lacks, runs vitest with the arguments that are given, and ends with
 * what did not run and why. Where CI is set, a test that was skipped for want of a tool, or without a reason, fails the run.
 */
import { createVitest, parseCLI } from 'vitest/node'
import { NEEDS } from './helpers/reasons.ts'
import { setUp, TOOLS } from './setup/install.ts'
import { isFault, tally } from './setup/tally.ts'

const { filter, options } = parseCLI(['vitest', 'run', ...process.argv.slice(2)])
const vitest = await createVitest({ ...options, run: true, watch: false })
const projects = new Set((await vitest.globTestSpecifications(filter)).map(({ project }) => project.name))
await setUp(Object.values(TOOLS).filter((tool) => tool.projects.some((name) => projects.has(name))))

try {
  await vitest.start(filter)
} catch (error) {
  // an Error of its own that vitest has told already, such as that no file has this name
  process.exitCode = 1
  if (projects.size > 0) console.error(error)
}
const { passed, failed, skipped, reasons } = tally(vitest.state.getTestModules(), vitest.config.testNamePattern)
const unhandled = vitest.state.getUnhandledErrors().length
await vitest.close()

if (skipped > 0) console.log(`Did not run:\n${reasons.map(([reason, tests]) => line(reason, tests)).join('\n')}\n`)
if (unhandled > 0) console.log(`${unhandled} errors outside of tests: see above\n`)
const faults = reasons.filter(([reason]) => isFault(reason)).reduce((sum, [, tests]) => sum + tests, 0)
if (isSet(process.env['CI']) && faults > 0) {
  console.log(`CI is set, and ${faults} tests did not run for want of what the set-up installs, or without a reason: that fails\n`)
  process.exitCode = 1
}
if (failed > 0 || unhandled > 0) process.exitCode = 1
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit()

function line(reason: string, tests: number): string {
  const remedy = Object.values(TOOLS).find(({ name, parts = [] }) => [name, ...parts].some((each) => reason === `${NEEDS} ${each}`))?.remedy
  return `${String(tests).padStart(5)}  ${reason}${remedy === undefined ? '' : `\n       ${remedy}`}`
}

/** As the common services set it: anything but nothing, 0 and false. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value)
}
