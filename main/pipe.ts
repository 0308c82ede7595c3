/**
 * `pylon pipe`: an engine at the other end of stdin and stdout, for programs such as the Python client. It says hello, answers the contract's
 * calls and posts its events; when stdin ends, jobs are asked to stop and it leaves. stderr is for people.
 */
import { parseArgs } from 'node:util'
import { exitCode, fromErrorShape, toErrorShape } from './contract/errors.ts'
import { FedChannel } from './contract/channel.ts'
import { serveVerbs } from './contract/rpc.ts'
import { FRAME_LIMIT } from './contract/wire.ts'
import { openEngine } from './engine/index.ts'
import { pylonVersion } from './engine/files/version.ts'
import { homeFolder } from './engine/store/workspace.ts'
import { forkJob } from './hosts/child.ts'
import { entryBeside } from './hosts/entry-beside.ts'
import { PipeReader, pipeBytes } from './hosts/pipe-frames.ts'

/** Of what is spoken; another number is another contract of frames. */
const VERSION = 1

try {
  await speak()
} catch (error) {
  const shape = toErrorShape(error)
  process.stdout.write(pipeBytes({ kind: 'failure', id: null, error: shape }))
  process.stderr.write(`error: ${shape.message}\n`)
  process.exitCode = exitCode(shape.code)
}

async function speak(): Promise<void> {
  const { values } = parseArgs({ options: { home: { type: 'string' } } })
  const home = homeFolder(values.home)
  const fork = (): ReturnType<typeof forkJob> => forkJob()
  const engine = openEngine({
    home,
    fork,
    purpose: 'change',
    forkServer: () => forkJob(entryBeside('./hosts/serve', import.meta.url)),
  })
  const channel = new FedChannel((message) => void process.stdout.write(pipeBytes(message)))
  serveVerbs(channel, engine)
  channel.post({ kind: 'hello', version: VERSION, pylon: pylonVersion(), home })
  let failure: unknown = null
  try {
    const reader = new PipeReader(FRAME_LIMIT.down, (message) => channel.receive(message))
    for await (const bytes of process.stdin as AsyncIterable<Buffer>) reader.feed(bytes)
  } catch (error) {
    failure = error
  }
  channel.end('stdin ended')
  await engine.close()
  if (failure !== null) throw fromErrorShape(toErrorShape(failure))
}
