/** An engine at the other end of a pipe: it says hello, answers the contract's calls and posts its events, until the input ends. */
import type { Readable, Writable } from 'node:stream'
import { FedChannel } from '../contract/channel.ts'
import { serveVerbs } from '../contract/rpc.ts'
import { FRAME_LIMIT } from '../contract/wire.ts'
import { pylonVersion } from '../engine/files/version.ts'
import { openEngine } from '../engine/index.ts'
import { forkJob } from './child.ts'
import { entryBeside } from './entry-beside.ts'
import { PipeReader, pipeBytes } from './pipe-frames.ts'

/** Of what is spoken; another number is another contract of frames. */
const VERSION = 1

/**
 * Returns when the input has ended and the engine is closed, which stops its jobs with their checkpoints.
 * @throws PylonError where the workspace cannot be opened, or bad-input where what came is no frame
 */
export async function servePipe(home: string, input: Readable, output: Writable): Promise<void> {
  const engine = openEngine({
    home,
    fork: () => forkJob(),
    purpose: 'change',
    forkServer: () => forkJob(entryBeside('./serve', import.meta.url)),
  })
  try {
    const channel = new FedChannel((message) => void output.write(pipeBytes(message)))
    serveVerbs(channel, engine)
    channel.post({ kind: 'hello', version: VERSION, pylon: pylonVersion(), home })
    const reader = new PipeReader(FRAME_LIMIT.down, (message) => channel.receive(message))
    for await (const bytes of input as AsyncIterable<Buffer>) reader.feed(bytes)
    channel.end('the input ended')
  } finally {
    await engine.close()
  }
}
