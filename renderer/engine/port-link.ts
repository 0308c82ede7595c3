/**
 * The engine of the desktop program: a MessagePort that the preload hands over, a new one for each life of the engine. What the shell
 * says of the engine comes beside it, as window messages of the preload.
 */
import { FedChannel } from '@contract/channel.ts'
import type { DesktopBridge } from '@contract/host.ts'
import { engineFactSchema } from '@contract/host.ts'
import { decodeFrame, encodeFrame, FRAME_LIMIT } from '@contract/wire.ts'
import { reasonOf, type Link, type LinkListener } from './link.ts'

/** As the socket would carry it: a clone refuses the proxies that a page's reactive state is made of. */
const plain = (message: unknown): unknown => decodeFrame(encodeFrame(message), FRAME_LIMIT.down)

export function openPort(bridge: DesktopBridge, listener: LinkListener): Link {
  let life: FedChannel | null = null
  let port: MessagePort | null = null

  const end = (reason: string): void => {
    port?.close()
    port = null
    life?.end(reason)
    life = null
  }
  const take = (next: MessagePort): void => {
    end('another engine took over')
    port = next
    const mine = (life = new FedChannel((message) => next.postMessage(plain(message))))
    next.onmessage = ({ data }) => mine.receive(data)
    listener.up(mine)
  }
  const onWindowMessage = (event: MessageEvent): void => {
    if (event.source !== window) return
    const message: unknown = event.data
    const kind = typeof message === 'object' && message !== null && 'kind' in message ? message.kind : null
    if (kind === 'pylon:port' && event.ports[0] !== undefined) take(event.ports[0])
    else if (kind === 'host') {
      const fact = engineFactSchema.safeParse(message)
      if (!fact.success) return
      if (fact.data.engine === 'ready') bridge.connect()
      else {
        end(fact.data.reason ?? 'it ended')
        listener.down(reasonOf(fact.data), fact.data.reason)
      }
    }
  }
  addEventListener('message', onWindowMessage)
  bridge.connect()
  return {
    close: () => {
      removeEventListener('message', onWindowMessage)
      end('closed here')
    },
  }
}
