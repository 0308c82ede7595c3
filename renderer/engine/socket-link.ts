/**
 * The engine behind a web host: one WebSocket at `/engine` of the page's own origin, opened again with growing pauses when it breaks.
 * The host says on it whether the engine lives; each life gets a channel of its own, so that no answer outlives the engine it came from.
 */
import { FedChannel } from '@contract/channel.ts'
import { engineFactSchema, HOST_PATHS } from '@contract/host.ts'
import { decodeFrame, encodeFrame, FRAME_LIMIT } from '@contract/wire.ts'
import { reasonOf, type Link, type LinkListener, type LostReason } from './link.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 5_000

export function openSocket(listener: LinkListener, origin: string = location.origin): Link {
  let socket: WebSocket | null = null
  let life: FedChannel | null = null
  let pause = FIRST_PAUSE_MS
  let timer: ReturnType<typeof setTimeout> | undefined
  let closed = false

  const down = (reason: LostReason, detail: string | null): void => {
    life?.end(detail ?? 'the connection broke')
    life = null
    if (!closed) listener.down(reason, detail)
  }
  const up = (): void => {
    const to = socket!
    life = new FedChannel((message) => {
      if (to.readyState === WebSocket.OPEN) to.send(encodeFrame(message))
    })
    listener.up(life)
  }
  const onFrame = (frame: unknown): void => {
    const message = decodeFrame(frame as string | ArrayBuffer, FRAME_LIMIT.up)
    const fact = engineFactSchema.safeParse(message)
    if (!fact.success) life?.receive(message)
    else if (fact.data.engine === 'ready') up()
    else down(reasonOf(fact.data), fact.data.reason)
  }
  const again = (): void => {
    clearTimeout(timer)
    if (!closed) timer = setTimeout(open, pause)
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
  }
  const open = (): void => {
    clearTimeout(timer)
    const mine = (socket = new WebSocket(`${origin.replace(/^http/, 'ws')}${HOST_PATHS.engine}`))
    mine.binaryType = 'arraybuffer'
    mine.onopen = () => (pause = FIRST_PAUSE_MS)
    mine.onmessage = ({ data }) => onFrame(data)
    mine.onclose = ({ reason }) => {
      if (mine !== socket) return
      socket = null
      void whyRefused(origin).then((why) => {
        down(why, reason === '' ? null : reason)
        again()
      })
    }
  }
  /** The network is back, or somebody looks again: no need to wait. */
  const now = (): void => {
    if (socket === null && !closed && document.visibilityState === 'visible') open()
  }
  addEventListener('online', now)
  document.addEventListener('visibilitychange', now)
  open()
  return {
    close: () => {
      closed = true
      clearTimeout(timer)
      removeEventListener('online', now)
      document.removeEventListener('visibilitychange', now)
      life?.end('closed here')
      socket?.close()
    },
  }
}

/** A refused handshake tells a page nothing; the host's answer to a plain request does. */
async function whyRefused(origin: string): Promise<LostReason> {
  try {
    const { status } = await fetch(`${origin}${HOST_PATHS.browse}`, { signal: AbortSignal.timeout(3_000) })
    return status === 401 ? 'session' : 'host'
  } catch {
    return 'host'
  }
}
