/** The entry of a serving process, forked by an engine: one model, one HTTP server. The parent's end is its end. */
import { toErrorShape } from '../contract/errors.ts'
import type { FromServer, ToServer } from '../engine/serving/server-messages.ts'
import { parentChannel } from './child.ts'
import { ModelServer } from './serve/http.ts'
import { Versions } from './serve/versions.ts'

process.title = 'pylon serve'
process.on('SIGINT', () => undefined) // Ctrl-C reaches the whole process group: it is the parent's to handle

const channel = parentChannel()
let versions: Versions | null = null
let server: ModelServer | null = null

channel.onClose(() => process.exit(0))
channel.listen((message) => {
  const asked = message as ToServer
  answer(asked).then(
    (value) => post({ id: asked.id, kind: 'done', value }),
    (error: unknown) => post({ id: asked.id, kind: 'failed', error: toErrorShape(error) }),
  )
})

type Answer = Extract<FromServer, { kind: 'done' }>['value']

async function answer(asked: ToServer): Promise<Answer> {
  switch (asked.kind) {
    case 'start':
      versions = await Versions.open(asked.source, { threads: asked.threads, temp: asked.temp })
      server = new ModelServer(versions, asked.token)
      return { url: await server.listen(asked.port), version: versions.current.id }
    case 'swap':
      return { version: (await versions!.swap(asked.source)).id }
    case 'stats':
      return { stats: server!.stats() }
    case 'stop':
      await server?.close()
      await versions?.dispose()
      setImmediate(() => process.exit(0))
      return {}
  }
}

function post(message: FromServer): void {
  channel.post(message)
}
