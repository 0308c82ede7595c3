/**
 * The one thing a host has to provide: a way to post plain data and to receive it. Memory, child process, MessagePort and
 * WebSocket are adapters of it.
 */
export interface Channel {
  post(message: unknown): void
  /** at most one listener; messages that arrive before it is set are kept */
  listen(listener: (message: unknown) => void): void
  /** called once when the other side is gone */
  onClose(listener: (reason: string) => void): void
  close(): void
}

/** A channel over anything that posts: whoever makes it feeds it with what arrives, and ends it. */
export class FedChannel implements Channel {
  readonly #post: (message: unknown) => void
  readonly #closed: () => void
  readonly #early: unknown[] = []
  #listener: ((message: unknown) => void) | null = null
  readonly #closers: ((reason: string) => void)[] = []
  #ended: string | null = null

  /** @param closed called when this end closes it */
  constructor(post: (message: unknown) => void, closed: () => void = () => undefined) {
    this.#post = post
    this.#closed = closed
  }
  post(message: unknown): void {
    if (this.#ended === null) this.#post(message)
  }
  listen(listener: (message: unknown) => void): void {
    this.#listener = listener
    for (const message of this.#early.splice(0)) listener(message)
  }
  onClose(listener: (reason: string) => void): void {
    if (this.#ended === null) this.#closers.push(listener)
    else listener(this.#ended)
  }
  close(): void {
    this.end('closed here')
    this.#closed()
  }
  /** a message from the other side */
  receive(message: unknown): void {
    if (this.#ended !== null) return
    if (this.#listener === null) this.#early.push(message)
    else this.#listener(message)
  }
  /** @param reason becomes the end of a sentence */
  end(reason: string): void {
    if (this.#ended !== null) return
    const ended = (this.#ended = reason.replace(/\.$/, ''))
    for (const closer of this.#closers.splice(0)) closer(ended)
  }
}
