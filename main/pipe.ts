/** `pylon pipe`: an engine over stdin and stdout, for programs such as the Python client. stderr is for people. */
import { parseArgs } from 'node:util'
import { badInput, exitCode, toErrorShape } from './contract/errors.ts'
import { homeFolder } from './engine/store/workspace.ts'
import { pipeBytes } from './hosts/pipe-frames.ts'
import { servePipe } from './hosts/pipe.ts'

try {
  await servePipe(homeFolder(homeOf(process.argv.slice(2))), process.stdin, process.stdout)
} catch (error) {
  const shape = toErrorShape(error)
  process.stdout.write(pipeBytes({ kind: 'failure', id: null, error: shape }))
  process.stderr.write(`error: ${shape.message}\n`)
  process.exitCode = exitCode(shape.code)
}

function homeOf(args: string[]): string | undefined {
  try {
    return parseArgs({ args, options: { home: { type: 'string' } } }).values.home
  } catch (error) {
    throw badInput(`${(error as Error).message} pylon pipe takes --home FOLDER alone.`)
  }
}
