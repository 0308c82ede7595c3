/** The main thread of a serving process: what its engine tells it to do, and its end. */
import { conflict, toErrorShape } from '../../contract/errors.ts'
import { isToServer, type FromServer, type ToServer } from '../../engine/serving/server-messages.ts'
import { parentChannel } from '../child.ts'
import { ModelServer } from './http.ts'
import { RequestRecorder } from './request-recorder.ts'
import { ServerLog } from './server-log.ts'
import { Versions } from './versions.ts'

type Answer = Extract<FromServer, { kind: 'done' }>['value']

/** @param entry the module that a thread of a model runs */
export function runServer(entry: URL): void {
  process.title = 'pylon serve'
  process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole process group: it is the parent's to handle
  process.on('SIGTERM', () => void stop())

  const channel = parentChannel()
  const post = (message: FromServer): void => channel.post(message)
  let versions: Versions | null = null
  let server: ModelServer | null = null
  let recorder: RequestRecorder | null = null

  channel.onClose(() => process.exit(0))
  channel.listen((message) => {
    if (!isToServer(message)) return void process.stderr.write('A message that is no question to a server was passed over.\n')
    answer(message).then(
      (value) => post({ id: message.id, kind: 'done', value }),
      (error: unknown) => post({ id: message.id, kind: 'failed', error: toErrorShape(error) }),
    )
  })

  async function answer(asked: ToServer): Promise<Answer> {
    if (asked.kind === 'start') {
      const { source, port, token, openProbes, threads, temp, log, told, record } = asked
      const serverLog = new ServerLog(told)
      recorder = record === null ? null : await RequestRecorder.open({ ...record, onFault: (fault) => serverLog.fault(fault) })
      versions = await Versions.open(source, { threads, temp, entry, log, onDeath: die })
      server = new ModelServer({ versions, token, openProbes, log: serverLog, recorder })
      return { url: await server.listen(port), version: versions.current.id, changes: versions.replayed }
    }
    if (asked.kind === 'stop') {
      await stop()
      return {}
    }
    if (versions === null || server === null) throw conflict('This server has not been started yet.')
    return asked.kind === 'swap' ? { version: (await versions.swap(asked.source)).id } : { stats: server.stats() }
  }

  /** Ends this process when what was let in is answered, and the last message is out. */
  async function stop(): Promise<void> {
    await server?.close()
    await recorder?.close()
    await versions?.saved().catch(() => undefined) // whoever was answered has heard of it
    setImmediate(() => process.exit(0))
  }
}

/** Without its model a server is none: its end is told by whoever started it, with these last words. */
function die(error: Error): void {
  process.stderr.write(`${error.stack ?? error.message}\n`, () => process.exit(1))
}
