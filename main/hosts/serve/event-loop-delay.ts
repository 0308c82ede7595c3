/**
 * How late the event loop of the sockets is. While this thread had no processor (a busy machine, a flood of requests to refuse) others lay
 * in the kernel; what is read first after that came at any time since, and is counted from the earliest.
 */
const EVERY_MS = 20

export class EventLoopDelay {
  readonly #timer: NodeJS.Timeout
  #due = performance.now() + EVERY_MS
  #late = 0

  constructor() {
    // timers fire before sockets are read, immediates after
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.#late = Math.max(0, now - this.#due)
      this.#due = now + EVERY_MS
      setImmediate(() => (this.#late = 0))
    }, EVERY_MS).unref()
  }

  /** The earliest time at which what is being read now may have arrived. */
  arrived(): number {
    return performance.now() - this.#late
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
