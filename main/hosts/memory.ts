/** Two channels of one process, linked. Messages are cloned and arrive in a later turn, as they would across a process border. */
import type { Channel } from '../contract/channel.ts'

/** @returns the two ends; closing one closes the other */
export function memoryChannels(): [Channel, Channel] {
  const left = new End()
  const right = new End()
  left.other = right
  right.other = left
  return [left, right]
}

class End implements Channel {
  other!: End
  #listener: ((message: unknown) => void) | null = null
  #early: unknown[] = []
  #closers: ((reason: string) => void)[] = []
  #closed = false

  post(message: unknown): void {
    if (this.#closed) return
    const copy: unknown = structuredClone(message)
    setImmediate(() => this.other.#receive(copy))
  }

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) listener(message)
  }

  onClose(listener: (reason: string) => void): void {
    this.#closers.push(listener)
  }

  close(): void {
    this.#close('closed')
    this.other.#close('closed by the other side')
  }

  #receive(message: unknown): void {
    if (this.#closed) return
    if (this.#listener === null) this.#early.push(message)
    else this.#listener(message)
  }

  #close(reason: string): void {
    if (this.#closed) return
    this.#closed = true
    for (const closer of this.#closers) closer(reason)
  }
}
