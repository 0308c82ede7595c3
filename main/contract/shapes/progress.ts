/** What a long stage yields while it works; the job posts it, the engine announces it, a bar or a line shows it. */
export interface Progress {
  /** What is being done, in the imperative: `read interactions`, `train`, `embed items`. */
  readonly stage: string
  readonly done: number
  /** null where the end is not known. */
  readonly total: number | null
  /** What is counted: `rows`, `examples`, `users`, `bytes`. */
  readonly unit: string
  readonly note?: string
}

/** A stage of long work: it yields its progress and ends with a result; `return()` stops it. */
export type Stage<T = void> = AsyncGenerator<Progress, T>
