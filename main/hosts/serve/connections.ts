/**
 * The open connections, at most so many. For one more, another is closed that waits for no answer: first the one that has owed us the
 * rest of its request for longest, then the one that has been idle for longest. Half a request holds no place against whole ones.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** For the rare newcomer that finds only connections whose answers are being worked out. */
const FULL = 'HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'

export class Connections {
  readonly #most: number
  readonly #open = new Set<Socket>()
  /** no head of a request yet; the longest first, as sets keep their order */
  readonly #fresh = new Set<Socket>()
  /** a head, but not the whole of its body */
  readonly #unfinished = new Set<Socket>()
  /** answered, and nothing new */
  readonly #idle = new Set<Socket>()

  constructor(maxConnections: number) {
    this.#most = maxConnections
  }

  get size(): number {
    return this.#open.size
  }

  /** A new connection: it has a place, or hears that there is none. */
  enter(socket: Socket): void {
    if (this.#open.size >= this.#most && !this.#makeRoom()) {
      socket.end(FULL)
      socket.destroySoon()
      return
    }
    this.#open.add(socket)
    this.#fresh.add(socket)
    socket.once('close', () => this.#forget(socket))
  }

  /** The head of a request has come. */
  begins(socket: Socket, response: ServerResponse): void {
    if (!this.#open.has(socket)) return
    this.#fresh.delete(socket)
    this.#idle.delete(socket)
    this.#unfinished.add(socket)
    response.once('close', () => {
      this.#unfinished.delete(socket)
      if (this.#open.has(socket)) this.#idle.add(socket)
    })
  }

  /** The request is whole: its connection stays until it is answered. */
  holds(socket: Socket): void {
    this.#unfinished.delete(socket)
  }

  /** Ends those that ask for nothing. */
  closeIdle(): void {
    for (const socket of [...this.#fresh, ...this.#idle]) socket.destroy()
  }

  #makeRoom(): boolean {
    for (const waiting of [this.#fresh, this.#unfinished, this.#idle]) {
      const [oldest] = waiting
      if (oldest === undefined) continue
      this.#forget(oldest)
      oldest.destroy()
      return true
    }
    return false
  }

  #forget(socket: Socket): void {
    for (const set of [this.#open, this.#fresh, this.#unfinished, this.#idle]) set.delete(socket)
  }
}
