/** A way to the engine that outlives engines: it brings a fresh channel for each life of the engine and says why one ended. */
import type { Channel } from '@contract/channel.ts'
import type { EngineFact } from '@contract/host.ts'

/**
 * Why there is no engine: `engine` it died and is being started again; `refused` it cannot open the workspace; `host` the host cannot be reached; `session` the host does
 * not know this page (it was started anew: its new link is needed).
 */
export type LostReason = 'engine' | 'refused' | 'host' | 'session'

/** What a host's fact that there is no engine means to a page. */
export const reasonOf = ({ engine }: EngineFact): LostReason => (engine === 'refused' ? 'refused' : 'engine')

export interface LinkListener {
  up(channel: Channel): void
  /** `detail` is a sentence of the host, where it gave one */
  down(reason: LostReason, detail: string | null): void
}

export interface Link {
  close(): void
}

/** The channel of one life of the engine, over anything that posts; the link feeds it. */
export class LifeChannel implements Channel {
  readonly #post: (message: unknown) => void
  readonly #kept: unknown[] = []
  #listener: ((message: unknown) => void) | null = null
  readonly #closers: ((reason: string) => void)[] = []
  #ended: string | null = null

  constructor(post: (message: unknown) => void) {
    this.#post = post
  }
  post(message: unknown): void {
    if (this.#ended === null) this.#post(message)
  }
  listen(listener: (message: unknown) => void): void {
    this.#listener = listener
    for (const message of this.#kept.splice(0)) listener(message)
  }
  onClose(listener: (reason: string) => void): void {
    if (this.#ended === null) this.#closers.push(listener)
    else listener(this.#ended)
  }
  close(): void {
    this.end('closed here')
  }
  /** a message from the engine */
  receive(message: unknown): void {
    if (this.#ended !== null) return
    if (this.#listener === null) this.#kept.push(message)
    else this.#listener(message)
  }
  /** @param reason becomes the end of a sentence */
  end(reason: string): void {
    if (this.#ended !== null) return
    const ended = (this.#ended = reason.replace(/\.$/, ''))
    for (const closer of this.#closers.splice(0)) closer(ended)
  }
}
