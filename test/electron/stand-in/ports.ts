/**
 * MessageChannelMain. A port that is handed to another process stays here as its proxy: what its peer posts goes to the carrier, what
 * the carrier brings goes to the peer.
 */
import { EventEmitter } from 'node:events'

/** Where a port was handed to. */
export interface Carrier {
  post(id: number, data: unknown): void
  close(id: number): void
}

let lastId = 0

export class StandInPort extends EventEmitter {
  readonly id = ++lastId
  peer!: StandInPort
  #carrier: Carrier | null = null
  #started = false
  #closed = false
  readonly #kept: unknown[] = []

  postMessage(data: unknown): void {
    this.peer.arrive(structuredClone(data))
  }

  start(): void {
    this.#started = true
    for (const data of this.#kept.splice(0)) this.emit('message', { data, ports: [] })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.emit('close')
    this.#carrier?.close(this.id)
    this.peer.close()
  }

  /** Hands this port to another process. */
  carry(carrier: Carrier): void {
    this.#carrier = carrier
    for (const data of this.#kept.splice(0)) carrier.post(this.id, data)
  }

  arrive(data: unknown): void {
    if (this.#closed) return
    if (this.#carrier !== null) this.#carrier.post(this.id, data)
    else if (this.#started) this.emit('message', { data, ports: [] })
    else this.#kept.push(data)
  }
}

export class MessageChannelMain {
  readonly port1 = new StandInPort()
  readonly port2 = new StandInPort()
  constructor() {
    this.port1.peer = this.port2
    this.port2.peer = this.port1
  }
}

export type PortMessage =
  { readonly kind: 'port'; readonly id: number; readonly data: unknown } | { readonly kind: 'port-close'; readonly id: number }

/** The ports that one other process holds. */
export class Carried implements Carrier {
  readonly #ports = new Map<number, StandInPort>()
  readonly #send: (message: PortMessage) => void

  constructor(send: (message: PortMessage) => void) {
    this.#send = send
  }

  take(ports: readonly StandInPort[]): number[] {
    for (const port of ports) {
      this.#ports.set(port.id, port)
      port.carry(this)
    }
    return ports.map(({ id }) => id)
  }
  post(id: number, data: unknown): void {
    this.#send({ kind: 'port', id, data })
  }
  close(id: number): void {
    if (this.#ports.delete(id)) this.#send({ kind: 'port-close', id })
  }
  /** the other process posted on a port of its own */
  hear(id: number, data: unknown): void {
    this.#ports.get(id)?.postMessage(data)
  }
  /** the other process closed a port, or all of them by ending */
  lost(id?: number): void {
    for (const [each, port] of [...this.#ports]) if (id === undefined || each === id) port.close()
  }
}
