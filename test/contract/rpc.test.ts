/**
 * One contract over every channel there is: the same calls, errors, events and refusals through memory, a port, a child
 * process and a web host.
 */
import { fork } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import type { Channel } from '../../main/contract/channel.ts'
import { Cancelled, PylonError } from '../../main/contract/errors.ts'
import { createClient, serveVerbs, startJob, type Client } from '../../main/contract/rpc.ts'
import { childChannel } from '../../main/hosts/child.ts'
import { forkEngine } from '../../main/hosts/fork-engine.ts'
import { memoryChannels } from '../../main/hosts/memory-channels.ts'
import { nodePortChannel } from '../../main/hosts/message-ports.ts'
import { startWebHost } from '../../main/hosts/web.ts'
import { echoEngine } from '../helpers/echo-engine.ts'
import { temporaryFolder } from '../helpers/folder.ts'
import { openSocket } from '../helpers/socket-channel.ts'

/** A channel to a fresh echo engine, and how to end it. */
interface Connection {
  readonly channel: Channel
  readonly end: () => unknown
}

const ECHO = new URL('../helpers/echo-engine.ts', import.meta.url)

const hosts: Record<string, () => Connection | Promise<Connection>> = {
  memory: () => {
    const [near, far] = memoryChannels()
    serveVerbs(far, echoEngine())
    return { channel: near, end: () => near.close() }
  },
  MessagePort: () => {
    const { port1, port2 } = new MessageChannel()
    serveVerbs(nodePortChannel(port2), echoEngine())
    const channel = nodePortChannel(port1)
    return { channel, end: () => channel.close() }
  },
  'child process': () => {
    const child = fork(fileURLToPath(ECHO), [], { serialization: 'advanced', execArgv: [] })
    return { channel: childChannel(child), end: () => void child.kill() }
  },
  'WebSocket of a web host': async () => {
    const page = await temporaryFolder()
    await writeFile(join(page, 'index.html'), '<!doctype html>')
    const host = await startWebHost({ home: await temporaryFolder(), page, fork: (options, log) => forkEngine(options, log, ECHO) })
    const { channel } = await openSocket(host)
    return { channel, end: () => host.close() }
  },
}

describe.each(Object.keys(hosts))('over %s', (name) => {
  const connected = async (body: (client: Client, channel: Channel) => Promise<void>): Promise<void> => {
    const { channel, end } = await hosts[name]!()
    try {
      await body(createClient(channel), channel)
    } finally {
      await end()
    }
  }

  test('a verb gets its input with the defaults filled in, and typed arrays travel as they are', () =>
    connected(async (client) => {
      expect(await client.call('neighbours.recommend', { run: 'r', user: 'u' })).toEqual({
        echo: { run: 'r', user: 'u', k: 10, includeSeen: false, ann: false },
        vector: new Float32Array([1, 2.5, NaN]),
        ranks: new Int32Array([7, -1]),
        counts: new BigInt64Array([2n ** 40n]),
        loss: NaN,
        missing: undefined,
      })
    }))

  test('answers find their calls', () =>
    connected(async (client) => {
      const answers = await Promise.all(['a', 'b', 'c'].map((user) => client.call('neighbours.recommend', { run: 'r', user })))
      expect(answers.map((answer) => (answer as unknown as { echo: { user: string } }).echo.user)).toEqual(['a', 'b', 'c'])
    }))

  test('an input that does not fit is refused at the border', () =>
    connected(async (client) => {
      const wrong = [{ run: 'r', k: 0 }, { run: 'r', kk: 1 }, {}] as never[]
      const errors = await Promise.all(wrong.map((input) => client.call('neighbours.recommend', input).catch((error: unknown) => error)))
      expect(errors.map((error) => (error as PylonError).message)).toMatchInlineSnapshot(`
        [
          "k: expected number to be >=1",
          "neighbours.recommend: unrecognized key: "kk"",
          "run: is needed: expected string",
        ]
      `)
      expect(await client.call('datasets.list', {})).toMatchObject({ calls: 1 })
    }))

  test('the three kinds of failure arrive as what they are', () =>
    connected(async (client) => {
      const fail = (job: string): Promise<unknown> => client.call('jobs.cancel', { job }).catch((error: unknown) => error)
      const expected = await fail('expected')
      expect(expected).toBeInstanceOf(PylonError)
      expect(expected).toMatchObject({ code: 'not-found', place: 'spec.x', message: 'spec.x: There is none.' })
      expect(await fail('cancelled')).toBeInstanceOf(Cancelled)
      const bug = await fail('bug')
      expect(bug).not.toBeInstanceOf(PylonError)
      expect((bug as Error).stack).toContain('echo-engine.ts')
    }))

  test('what is no call changes nothing and is answered with an error', () =>
    connected(async (client, channel) => {
      const refused = client.call('datasets.lisst' as 'datasets.list', {})
      await expect(refused).rejects.toMatchObject({ code: 'bad-input', message: 'There is no verb "datasets.lisst".' })
      for (const foreign of [
        'hello',
        42,
        null,
        [],
        { kind: 'call' },
        { kind: 'call', id: 1e9, verb: 'constructor', input: {} },
        { kind: 'call', id: -1, verb: 'datasets.list', input: {} },
        JSON.parse('{"id":9,"__proto__":{"verb":"x"}}') as unknown,
      ]) {
        channel.post(foreign)
      }
      expect(await client.call('datasets.list', {})).toMatchObject({ calls: 1 })
    }))

  test('a job is followed to its end, even where its facts come before the answer', () =>
    connected(async (client) => {
      const heard: string[] = []
      client.on('job.progress', ({ progress }) => heard.push(progress.stage))
      const { started, finished } = await startJob(client, 'runs.export', { run: 'r', format: 'onnx', out: 'o' })
      expect([started, await finished, heard]).toEqual([{ job: 'j1' }, 'mine', ['s']])
    }))

  test('a listener that was taken away hears nothing more', () =>
    connected(async (client) => {
      let heard = 0
      const stop = client.on('job.progress', () => heard++)
      await client.call('runs.export', { run: 'r', format: 'onnx', out: 'o' })
      stop()
      await client.call('runs.export', { run: 'r', format: 'onnx', out: 'o' })
      expect(heard).toBe(1)
    }))

  test('calls in flight fail when the channel is closed, and so do later ones', () =>
    connected(async (client, channel) => {
      const flying = client.call('datasets.list', {})
      channel.close()
      await expect(flying).rejects.toMatchObject({ code: 'unavailable' })
      await expect(client.call('datasets.list', {})).rejects.toMatchObject({ code: 'unavailable' })
    }))
})

test('a process that dies says how', async () => {
  const { channel } = await hosts['child process']!()
  const client = createClient(channel)
  await expect(client.call('jobs.cancel', { job: 'die' })).rejects.toMatchObject({ message: 'The engine is gone: exit code 7.' })
})
