/**
 * How late the event loop is. While it was held (a bundle that loads, the collection of garbage) requests lay in the kernel; what is read
 * first after that came at any time since, and is counted from the earliest, so that nobody's wait is thought shorter than it was.
 */
const EVERY_MS = 20

export class Lateness {
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
