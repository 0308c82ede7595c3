/**
 * Tells a run to MLflow while it trains. Nothing here holds a training up or ends it: what cannot be told now is told later, as the run's
 * rows lie in the workspace, and what is missing at the end is told by `pylon log`.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { shellWord } from '../../../contract/shell-word.ts'
import { Unreachable } from './client.ts'
import type { MlflowTelling } from './telling.ts'

/** Rows that come together are told together. */
const GATHER_MS = 1_000
/** Between two tries of a server that is away: twice as long each time, up to this. */
const TRY_AGAIN_MS = { first: 1_000, most: 30_000 } as const
/** How long the end of a run is waited with for a server that is away. */
const LAST_MS = 15_000

export interface FollowerWords {
  warn(text: string): void
  info(text: string): void
}

export class MlflowFollower {
  readonly #telling: MlflowTelling
  readonly #uri: string
  readonly #run: string
  readonly #words: FollowerWords
  #under: Promise<void> = Promise.resolve()
  #timer: NodeJS.Timeout | undefined
  #wait = 0
  /** nothing more is told: it ended, or the server refused */
  #isOver = false

  constructor(telling: MlflowTelling, { uri, run, words }: { readonly uri: string; readonly run: string; readonly words: FollowerWords }) {
    this.#telling = telling
    this.#uri = uri
    this.#run = run
    this.#words = words
  }

  /** There is something new. */
  hear(): void {
    if (this.#isOver || this.#timer !== undefined) return
    this.#timer = setTimeout(
      () => {
        this.#under = this.#try().then((isTold) => {
          this.#timer = undefined
          if (!isTold) this.hear()
        })
      },
      Math.max(GATHER_MS, this.#wait),
    ).unref()
  }

  /** The run has ended, and the source says how. Resolves when the server has all, or when it was waited for long enough. */
  async ended(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#under
    clearTimeout(this.#timer)
    const until = Date.now() + LAST_MS
    for (let wait: number = TRY_AGAIN_MS.first; !this.#isOver; wait *= 2) {
      if (await this.#try()) break
      if (Date.now() + wait < until) await sleep(wait)
      else {
        this.#words.warn(`MLflow at ${this.#uri} has not heard all of run ${this.#run}. When it answers again: ${this.#remedy()}`)
        break
      }
    }
    this.#isOver = true
  }

  /** @returns false where it is to be tried again */
  async #try(): Promise<boolean> {
    if (this.#isOver) return true
    try {
      for await (const _ of this.#telling.tell());
      if (this.#wait > 0) this.#words.info(`MLflow at ${this.#uri} answers again and has heard what it missed.`)
      this.#wait = 0
      return true
    } catch (error) {
      if (!(error instanceof Unreachable)) {
        this.#isOver = true
        this.#words.warn(`Run ${this.#run} is no longer told to MLflow: ${(error as Error).message} Then: ${this.#remedy()}`)
        return true
      }
      if (this.#wait === 0)
        this.#words.warn(`MLflow at ${this.#uri} cannot be reached (${error.message}): the training goes on, and it is told later.`)
      this.#wait = Math.min(TRY_AGAIN_MS.most, Math.max(TRY_AGAIN_MS.first, this.#wait * 2))
      return false
    }
  }

  #remedy(): string {
    return `pylon log ${this.#run} --to ${shellWord(`mlflow:${this.#uri}`)}`
  }
}
