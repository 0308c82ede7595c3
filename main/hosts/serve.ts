/**
 * The entry of a serving process, forked by an engine: one model, one HTTP server. The parent's end is its end. SIGTERM lets nobody in any
 * more, answers what was let in, and ends with exit code 0.
 */
import { PylonError, toErrorShape } from '../contract/errors.ts'
import { isToServer, type FromServer, type ToServer } from '../engine/serving/server-messages.ts'
import { guardModules } from '../engine/towers/match-module.ts'
import { guardOfProcess, parentChannel } from './child.ts'
import { ModelServer } from './serve/http.ts'
import { Versions } from './serve/versions.ts'

process.title = 'pylon serve'
process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole process group: it is the parent's to handle
process.on('SIGTERM', () => void stop())

guardModules(guardOfProcess())
const channel = parentChannel()
let versions: Versions | null = null
let server: ModelServer | null = null

channel.onClose(() => process.exit(0))
channel.listen((message) => {
  if (!isToServer(message)) return void process.stderr.write('A message that is no question to a server was passed over.\n')
  answer(message).then(
    (value) => post({ id: message.id, kind: 'done', value }),
    (error: unknown) => post({ id: message.id, kind: 'failed', error: toErrorShape(error) }),
  )
})

type Answer = Extract<FromServer, { kind: 'done' }>['value']

async function answer(asked: ToServer): Promise<Answer> {
  if (asked.kind === 'start') {
    const { source, port, token, openProbes, threads, temp } = asked
    versions = await Versions.open(source, { threads, temp })
    server = new ModelServer({ versions, token, openProbes })
    return { url: await server.listen(port), version: versions.current.id }
  }
  if (asked.kind === 'stop') {
    await stop()
    return {}
  }
  if (versions === null || server === null) throw new PylonError('conflict', 'This server has not been started yet.')
  return asked.kind === 'swap' ? { version: (await versions.swap(asked.source)).id } : { stats: server.stats() }
}

/** Ends this process when what was let in is answered, and the last message is out. */
async function stop(): Promise<void> {
  await server?.close()
  setImmediate(() => process.exit(0))
}

function post(message: FromServer): void {
  channel.post(message)
}
