/** What a server lets in at most, and how long it lets anything wait: figures in one place, so that a test can make them small. */

export interface Limits {
  /** requests at the model's thread: one that is answered, and the next, so that the thread does not wait for it */
  readonly lanes: number
  /**
   * milliseconds of work that may lie at that thread besides: quick answers go in handfuls, as to wake a thread for each costs as much as a
   * short answer does
   */
  readonly handful: number
  /** requests that may wait for their turn */
  readonly waiting: number
  /** milliseconds after its arrival within which a request is begun, or refused: no answer is worked out that came too late */
  readonly patience: number
  /** milliseconds that a request may be expected to wait when it is let in, while the line still runs empty now and then */
  readonly burst: number
  /**
   * the same where the line has not been empty for as long as `burst`: there is more than can be done, and a long line
   * would help nobody
   */
  readonly standing: number
  /** bytes of a body */
  readonly body: number
  /** open connections; for one more the oldest is closed that waits for no answer */
  readonly connections: number
  /** milliseconds within which a request's head, and the whole of it, must have arrived */
  readonly head: number
  readonly whole: number
  /** milliseconds that a connection without a request is kept */
  readonly keepAlive: number
  /** milliseconds that answers under way have at the end */
  readonly drain: number
}

export const LIMITS: Limits = {
  lanes: 2,
  handful: 2,
  waiting: 512,
  patience: 250,
  burst: 100,
  standing: 50,
  body: 1 << 20,
  connections: 1024,
  head: 5_000,
  whole: 10_000,
  keepAlive: 30_000,
  drain: 5_000,
}
