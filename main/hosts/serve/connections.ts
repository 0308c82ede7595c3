/**
 * The open connections, at most so many. For one more, another is closed that waits for no answer: first the one that has owed us the
 * rest of its request for longest, then the one that has been idle for longest. Half a request holds no place against whole ones.
 *
 * A request changes fields here, and no set: the tables of a Set or Map that is filled and emptied all the time are made anew again and again, each
 * held by the one before it, so that what requests leave grows old and a full collection stops this thread for some 10 ms every few seconds.
 */
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** For the rare newcomer that finds only connections whose answers are being worked out. */
const FULL = 'HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'

/** What a connection is at: the order in which places are taken from them; one that is being answered keeps its own. */
const [FRESH, UNFINISHED, IDLE, ANSWERED] = [0, 1, 2, 3]

interface Place {
  at: number
  /** the count of changes when it came to be at that */
  since: number
}

export class Connections {
  readonly #most: number
  readonly #places = new Map<Socket, Place>()
  #changes = 0

  constructor(maxConnections: number) {
    this.#most = maxConnections
  }

  get size(): number {
    return this.#places.size
  }

  /** A new connection: it has a place, or hears that there is none. */
  enter(socket: Socket): void {
    if (this.#places.size >= this.#most && !this.#makeRoom()) {
      socket.end(FULL)
      socket.destroySoon()
      return
    }
    this.#places.set(socket, { at: FRESH, since: this.#changes++ })
    socket.once('close', () => this.#places.delete(socket))
  }

  /** The head of a request has come. */
  begins(socket: Socket, response: ServerResponse): void {
    this.#comes(socket, UNFINISHED)
    response.once('close', () => this.#comes(socket, IDLE))
  }

  /** The request is whole: its connection stays until it is answered. */
  holds(socket: Socket): void {
    this.#comes(socket, ANSWERED)
  }

  /** Ends those that ask for nothing. */
  closeIdle(): void {
    for (const [socket, { at }] of [...this.#places]) if (at === FRESH || at === IDLE) socket.destroy()
  }

  #comes(socket: Socket, at: number): void {
    const place = this.#places.get(socket)
    if (place === undefined) return
    place.at = at
    place.since = this.#changes++
  }

  #makeRoom(): boolean {
    let [last, worst]: [Socket | null, Place] = [null, { at: ANSWERED, since: 0 }]
    for (const [socket, place] of this.#places)
      if (place.at < worst.at || (place.at === worst.at && place.since < worst.since)) [last, worst] = [socket, place]
    if (last === null) return false
    this.#places.delete(last)
    last.destroy()
    return true
  }
}
