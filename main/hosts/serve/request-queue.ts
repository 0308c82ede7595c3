/**
 * The queue of requests of a served model. The model's thread answers one after the other; the next is handed to it
 * before it asks, so that it never waits for us. This thread is held by nothing: whoever comes is seen at once, and
 * refused where the line is too long.
 *
 * How long is too long follows the controlled delay of Facebook's servers ("Fail at Scale", ACM Queue 13(8), 2015): while the line runs
 * empty now and then, a burst may build a long one; where it has not been empty for a while, more comes than can be done, and only a
 * short one is let stand. The wait is foretold by the pace of the last turns. One turn that was held up (a busy machine, garbage that is
 * collected) foretells nothing: those who came meanwhile are answered late, not refused.
 */
import type { Limits } from './limits.ts'

type RequestQueueLimits = Pick<Limits, 'lanes' | 'handful' | 'waiting' | 'patience' | 'burst' | 'standing'>

interface Waiting {
  readonly since: number
  /** never rejects */
  run(): Promise<void>
  refuse(): void
}

/** Rejects what waited too long or stands too far back. Made once: thousands a second are refused, and a stack for each costs time. */
export const BUSY = new Error('More requests come than can be answered: try again after a second.')

/** Requests at the model's thread at most, however quick it is. */
const MOST_LANES = 16
/** Turns that the pace is the mean of, but for the slowest two of them. */
const TURNS = 32
/** A turn of so many times the pace was held up; for as long as that the line does not stand. */
const HELD_UP = 10

export class RequestQueue {
  readonly #limits: RequestQueueLimits
  readonly #waiting: Waiting[] = []
  #under = 0
  /** milliseconds from the beginning of one turn to the next, of the last ones in busy times; the next is written over the oldest */
  readonly #turns = new Float64Array(TURNS).fill(1)
  #nextTurn = 0
  #pace = 1
  #begun = 0
  /** when it was last seen empty */
  #empty = 0

  constructor(limits: RequestQueueLimits) {
    this.#limits = limits
  }

  /** How many may lie at the model's thread: as many as it answers in a moment. */
  get #lanes(): number {
    const { lanes, handful } = this.#limits
    return Math.max(lanes, Math.min(MOST_LANES, Math.floor(handful / this.#pace)))
  }

  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Whether a request that came at `since` (of `performance.now()`) would be begun in time. Where the line runs empty now and then, what
   * came while this thread was held up is answered late rather than not; where it does not, the late ones are the ones to refuse.
   */
  admits(since: number): boolean {
    const now = performance.now()
    const { waiting, patience, burst, standing } = this.#limits
    if (this.#under < this.#lanes) return true
    const isStanding = now - this.#empty > burst
    if (isStanding && now - since > patience) return false
    return this.#waiting.length < waiting && this.#waiting.length * this.#pace <= (isStanding ? standing : burst)
  }

  /**
   * The result of `task`, in its turn.
   * @param isWanted asked when the turn has come: what nobody waits for any more is not worked out
   * @throws BUSY where it cannot be begun within the patience of the limits
   */
  turn<T>(since: number, task: () => Promise<T>, isWanted: () => boolean = () => true): Promise<T> {
    if (!this.admits(since)) return Promise.reject(BUSY)
    return this.#stand(since, task, isWanted)
  }

  /** Further turns of what was begun already: they wait behind the others, however long, and are not refused. */
  again<T>(task: () => Promise<T>): Promise<T> {
    return this.#stand(Infinity, task, () => true)
  }

  #stand<T>(since: number, task: () => Promise<T>, isWanted: () => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (): Promise<void> => {
        try {
          if (isWanted()) resolve(await task())
          else reject(BUSY)
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      if (this.#waiting.length === 0) this.#empty = performance.now()
      this.#waiting.push({ since, run, refuse: () => reject(BUSY) })
      this.#fill()
    })
  }

  #fill(): void {
    while (this.#under < this.#lanes) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      const begun = performance.now()
      if (this.#waiting.length === 0) this.#empty = begun
      if (begun - next.since > this.#limits.patience) next.refuse()
      else void this.#run(next, begun)
    }
  }

  async #run(next: Waiting, begun: number): Promise<void> {
    this.#begun = begun
    const before = ++this.#under
    await next.run()
    this.#under--
    // where others wait the next turn begins now, else as long a turn is to be expected as this one was, and those before it
    const turn = this.#waiting.length > 0 ? performance.now() - this.#begun : (performance.now() - begun) / before
    this.#took(turn)
    this.#fill()
  }

  #took(turn: number): void {
    this.#empty = Math.min(performance.now(), this.#empty + Math.max(0, turn - HELD_UP * this.#pace))
    this.#turns[this.#nextTurn] = turn
    this.#nextTurn = (this.#nextTurn + 1) % TURNS
    let [sum, slowest, second] = [0, 0, 0]
    for (const each of this.#turns) {
      sum += each
      second = Math.max(second, Math.min(each, slowest))
      slowest = Math.max(slowest, each)
    }
    this.#pace = (sum - slowest - second) / (TURNS - 2)
  }
}
