/** The page's end of a web host's socket, for Node: what the page itself does in `renderer/engine/socket.ts`. */
import type { WebSocket } from 'ws'
import type { Channel } from '../../main/contract/channel.ts'
import { engineFactSchema, type EngineFact } from '../../main/contract/host.ts'
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
