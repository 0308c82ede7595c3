/** What the parts of the chaos run share: how they are asked, what they report, and chance by a seed. */
import { random } from '../../main/engine/training/random.ts'

export interface PartOptions {
  /** how many kills, inputs, moments; the parts that last a time take none */
  readonly count: number
  readonly minutes: number
  /** the number of the first case, to go on with what was begun */
  readonly from: number
  readonly seed: number
  /** a folder of the part's own, absolute, empty, removed afterwards */
  readonly folder: string
  /** aborted when the run is asked to end early: what was counted until then is reported */
  readonly signal: AbortSignal
  /** hears where the part is */
  readonly say: (line: string) => void
}

export interface PartReport {
  /** what was done, with its number */
  readonly done: string
  /** each with what reproduces it */
  readonly failures: readonly string[]
  /** what else is worth a line; the reason where it could not run */
  readonly notes: readonly string[]
}

export type Part = (options: PartOptions) => Promise<PartReport>

/** Chance of the one case `number` of a part: it does not depend on the cases before it. */
export class Chance {
  readonly #stream: ReturnType<typeof random>
  constructor(seed: number, number: number) {
    this.#stream = random(seed, 'shuffle', number)
  }
  /** in [0, 1) */
  share(): number {
    return this.#stream.uniform()
  }
  /** in [0, n) */
  below(n: number): number {
    return this.#stream.below(n)
  }
  pick<T>(from: readonly T[]): T {
    return from[this.#stream.below(from.length)]!
  }
}
