/**
 * The one line of requests: each begins when the one before it has been answered, as a tower's run holds the thread anyway. Between two
 * turns the event loop goes round once, so whoever has come is seen, and refused where the line is too long, within one turn's time.
 *
 * How long is too long follows the controlled delay of Facebook's servers ("Fail at Scale", ACM Queue 13(8), 2015): while the line runs
 * empty now and then, a burst may build a long one; where it has not been empty for a while, more comes than can be done, and only a
 * short one is let stand. The wait is foretold by the pace of the last turns, in which the time for refusing others is contained.
 */
import type { Limits } from './limits.ts'

interface Waiting {
  readonly since: number
  /** never rejects */
  run(): Promise<void>
  refuse(): void
}

/** Rejects what waited too long or stands too far back. Made once: thousands a second are refused, and a stack for each costs time. */
export const BUSY = new Error('More requests come than can be answered: try again after a second.')

/** The weight of the newest turn in the pace. */
const NEWEST = 0.1

export class Line {
  readonly #limits: Pick<Limits, 'waiting' | 'patience' | 'burst' | 'standing'>
  readonly #waiting: Waiting[] = []
  #running = false
  /** milliseconds from the beginning of one turn to the next, a moving mean over busy times */
  #pace = 1
  #begun = 0
  /** when it was last seen empty */
  #empty = 0

  constructor(limits: Pick<Limits, 'waiting' | 'patience' | 'burst' | 'standing'>) {
    this.#limits = limits
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /** Whether a request that came at `since` (of `performance.now()`) would be begun in time. */
  admits(since: number): boolean {
    const now = performance.now()
    const { waiting, patience, burst, standing } = this.#limits
    if (now - since > patience || this.#waiting.length >= waiting) return false
    const allowed = now - this.#empty > burst ? standing : burst
    return !this.#running || this.#waiting.length * this.#pace <= allowed
  }

  /**
   * The result of `task`, in its turn.
   * @param isWanted asked when the turn has come: what nobody waits for any more is not worked out
   * @throws BUSY where it cannot be begun within the patience of the limits
   */
  turn<T>(since: number, task: () => Promise<T> | T, isWanted: () => boolean = () => true): Promise<T> {
    if (!this.admits(since)) return Promise.reject(BUSY)
    return this.#stand(since, task, isWanted)
  }

  /** Further turns of what was begun already: they wait behind the others, however long, and are not refused. */
  again<T>(task: () => Promise<T> | T): Promise<T> {
    return this.#stand(Infinity, task, () => true)
  }

  #stand<T>(since: number, task: () => Promise<T> | T, isWanted: () => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          if (isWanted()) resolve(await task())
          else reject(BUSY)
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      this.#waiting.push({ since, run, refuse: () => reject(BUSY) })
      if (this.#running) return
      this.#running = true
      this.#empty = performance.now()
      setImmediate(() => void this.#next(false))
    })
  }

  async #next(goesOn: boolean): Promise<void> {
    const begun = performance.now()
    if (goesOn) this.#pace += NEWEST * (begun - this.#begun - this.#pace)
    this.#begun = begun
    let next = this.#waiting.shift()
    while (next !== undefined && begun - next.since > this.#limits.patience) {
      next.refuse()
      next = this.#waiting.shift()
    }
    await next?.run()
    if (this.#waiting.length > 0) setImmediate(() => void this.#next(true))
    else {
      if (!goesOn) this.#pace += NEWEST * (performance.now() - begun - this.#pace)
      this.#running = false
    }
  }
}
