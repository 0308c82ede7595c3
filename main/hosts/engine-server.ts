/**
 * One engine, several pages: what the process of an engine does for its host. Over the process's own channel the host opens and closes
 * connections and relays their frames unread; the frames are checked here. A host that can hand over ports does that instead, and hears
 * only of the engine's life. The engine ends with its host: at a `stop` in order, at the host's death at once (so do its jobs).
 */
import { type Channel, FedChannel } from '../contract/channel.ts'
import { toErrorShape, type ErrorShape } from '../contract/errors.ts'
import { serveVerbs, type EngineApi } from '../contract/rpc.ts'
import { decodeFrame, encodeFrame, FRAME_LIMIT, type Frame } from '../contract/wire.ts'

export type ToEngine =
  | { readonly kind: 'open'; readonly connection: number }
  | { readonly kind: 'frame'; readonly connection: number; readonly frame: Frame }
  | { readonly kind: 'close'; readonly connection: number }
  | { readonly kind: 'stop' }

export type FromEngine =
  | { readonly kind: 'ready' }
  /** it could not be opened; the process ends */
  | { readonly kind: 'failed'; readonly error: ErrorShape }
  | { readonly kind: 'frame'; readonly connection: number; readonly frame: Frame }

/** An engine that can be ended. */
export interface HostedEngine extends EngineApi {
  close(): Promise<void>
}

/** Serves the host at the other end of `parent`. `leave` ends this process. */
export function serveEngine(parent: Channel, open: () => HostedEngine, leave: (code: number) => void): { connect(channel: Channel): void } {
  const post = (message: FromEngine): void => parent.post(message)
  parent.onClose(() => leave(0))
  let engine: HostedEngine
  try {
    engine = open()
  } catch (error) {
    post({ kind: 'failed', error: toErrorShape(error) })
    setTimeout(() => leave(1), 100)
    return { connect: () => undefined }
  }
  const connections = new Map<number, FrameChannel>()
  parent.listen((message) => {
    const order = message as ToEngine
    if (order.kind === 'open') {
      const channel = new FrameChannel((frame) => post({ kind: 'frame', connection: order.connection, frame }))
      connections.set(order.connection, channel)
      serveVerbs(channel, engine)
    } else if (order.kind === 'frame') connections.get(order.connection)?.receive(order.frame)
    else if (order.kind === 'close') {
      connections.get(order.connection)?.close()
      connections.delete(order.connection)
    } else
      void engine.close().then(
        () => leave(0),
        () => leave(1),
      )
  })
  post({ kind: 'ready' })
  return { connect: (channel) => serveVerbs(channel, engine) }
}

/** A channel of frames: what is no frame of the contract is answered with an error and goes no further. */
class FrameChannel extends FedChannel {
  constructor(send: (frame: Frame) => void) {
    super((message) => send(encodeFrame(message)))
  }

  override receive(frame: unknown): void {
    let message: unknown
    try {
      message = decodeFrame(frame as Frame, FRAME_LIMIT.down)
    } catch (error) {
      return this.post({ kind: 'failure', id: null, error: toErrorShape(error) })
    }
    super.receive(message)
  }
}
