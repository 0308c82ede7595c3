/** The page's end of a web host's socket, for Node: what the page itself does in `renderer/engine/socket-link.ts`. */
import { WebSocket } from 'ws'
import type { Channel } from '../../main/contract/channel.ts'
import { engineFactSchema, HOST_PATHS, type EngineFact } from '../../main/contract/host.ts'
import type { WebHost } from '../../main/hosts/web.ts'
import { decodeFrame, encodeFrame, FRAME_LIMIT } from '../../main/contract/wire.ts'

/** Resolves when the host says that the engine is ready. `onFact` hears that and whatever else the host says. */
export function socketChannel(socket: WebSocket, onFact: (fact: EngineFact) => void = () => undefined): Promise<Channel> {
  const kept: unknown[] = []
  let listener: ((message: unknown) => void) | null = null
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.on('message', (data: Buffer, binary: boolean) => {
      const message = decodeFrame(binary ? data : data.toString('utf8'), FRAME_LIMIT.up)
      const fact = engineFactSchema.safeParse(message)
      if (fact.success) {
        onFact(fact.data)
        if (fact.data.engine === 'ready') resolve(channel)
      } else if (listener === null) kept.push(message)
      else listener(message)
    })
    const channel: Channel = {
      post: (message) => socket.send(encodeFrame(message)),
      listen: (next) => {
        listener = next
        for (const message of kept.splice(0)) next(message)
      },
      onClose: (closer) => void socket.once('close', (code, reason) => closer(`${code} ${String(reason)}`.trim())),
      close: () => socket.close(),
    }
  })
}

/** Exchanges a fresh link for the session's cookie, as a browser does. */
export async function signIn(host: WebHost): Promise<string> {
  const answer = await fetch(host.link(), { redirect: 'manual' })
  return answer.headers.get('set-cookie')!.split(';')[0]!
}

/** A socket of its own to the host's engine, and the channel over it, when the engine is ready. */
export async function openSocket(
  host: WebHost,
  onFact?: (fact: EngineFact) => void,
): Promise<{ readonly socket: WebSocket; readonly channel: Channel }> {
  const origin = `http://127.0.0.1:${host.port}`
  const socket = new WebSocket(`${origin.replace('http', 'ws')}${HOST_PATHS.engine}`, { headers: { cookie: await signIn(host), origin } })
  return { socket, channel: await socketChannel(socket, onFact) }
}
