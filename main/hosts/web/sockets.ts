/**
 * The sockets of pages: each is a connection of the one engine. Frames go through unread; what the host itself says is
 * a fact of its own kind.
 */
import type { WebSocket } from '@fastify/websocket'
import type { EngineFact } from '../../contract/host.ts'
import { FRAME_LIMIT, type Frame } from '../../contract/wire.ts'
import type { EngineSupervisor } from '../engine-supervisor.ts'

const MAX_SOCKETS = 64
const PING_MS = 30_000
/** WebSocket close codes */
const TRY_LATER = 1013
const GOING = 1001

export class Sockets {
  readonly #open = new Map<number, WebSocket>()
  /** set before the first socket can come */
  keeper!: EngineSupervisor
  #next = 1

  add(socket: WebSocket): void {
    if (this.#open.size >= MAX_SOCKETS) return socket.close(TRY_LATER, `more than ${MAX_SOCKETS} pages`)
    const connection = this.#next++
    this.#open.set(connection, socket)
    let alive = true
    const pings = setInterval(() => {
      if (!alive) return socket.terminate()
      alive = false
      socket.ping()
    }, PING_MS)
    socket.on('pong', () => (alive = true))
    socket.on('error', () => socket.terminate()) // an oversized or broken frame: ws has closed it with the fitting code
    socket.on('message', (data: Buffer, binary: boolean) => {
      const frame: Frame = binary ? Uint8Array.from(data) : data.toString('utf8')
      this.keeper.post({ kind: 'frame', connection, frame })
    })
    socket.on('close', () => {
      clearInterval(pings)
      this.#open.delete(connection)
      this.keeper.post({ kind: 'close', connection })
    })
    if (this.keeper.process !== null) this.keeper.post({ kind: 'open', connection })
    socket.send(JSON.stringify(this.keeper.fact))
  }

  /** Tells every page; a ready engine is told of every page first. */
  fact(fact: EngineFact): void {
    for (const [connection, socket] of this.#open) {
      if (fact.engine === 'ready') this.keeper.post({ kind: 'open', connection })
      socket.send(JSON.stringify(fact))
    }
  }

  frame({ connection, frame }: { connection: number; frame: Frame }): void {
    const socket = this.#open.get(connection)
    if (socket === undefined) return
    if (socket.bufferedAmount > FRAME_LIMIT.up) return socket.close(TRY_LATER, 'the page reads too slowly')
    socket.send(frame)
  }

  close(): void {
    for (const socket of this.#open.values()) socket.close(GOING, 'the host was ended')
  }
}
