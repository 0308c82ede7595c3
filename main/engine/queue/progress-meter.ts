/**
 * Progress of one job, made fit for people: at most four reports a second and one at each change of stage, with a rate over the
 * last seconds and the time that is left in the stage at that rate.
 */
import type { Progress } from '../../contract/shapes/progress.ts'

const EVERY_MS = 250
/** The rate is taken over at least this long where there is so much. */
const WINDOW_MS = 5_000

export type ProgressListener = (progress: Progress, perSecond: number | null, etaSeconds: number | null) => void

export class ProgressMeter {
  readonly #report: ProgressListener
  readonly #now: () => number
  #stage: string | null = null
  #marks: { at: number; done: number }[] = []
  #reported = -Infinity
  #held: Progress | null = null

  constructor(report: ProgressListener, now: () => number = () => performance.now()) {
    this.#report = report
    this.#now = now
  }

  take(progress: Progress): void {
    const at = this.#now()
    if (progress.stage !== this.#stage) {
      this.#flush()
      this.#stage = progress.stage
      this.#marks = []
      this.#reported = -Infinity
    }
    this.#held = progress
    if (at - this.#reported < EVERY_MS && progress.done !== progress.total) return
    this.#marks.push({ at, done: progress.done })
    while (this.#marks.length > 2 && at - this.#marks[1]!.at >= WINDOW_MS) this.#marks.shift()
    this.#flush()
    this.#reported = at
  }

  /** Reports what is still held back. */
  end(): void {
    this.#flush()
  }

  #flush(): void {
    if (this.#held === null) return
    const { done, total } = this.#held
    const first = this.#marks[0]
    const last = this.#marks.at(-1)
    const seconds = first === undefined || last === undefined ? 0 : (last.at - first.at) / 1000
    const perSecond = seconds > 0 && last!.done > first!.done ? (last!.done - first!.done) / seconds : null
    const held = this.#held
    this.#held = null
    this.#report(held, perSecond, perSecond === null || total === null ? null : Math.max(0, total - done) / perSecond)
  }
}
