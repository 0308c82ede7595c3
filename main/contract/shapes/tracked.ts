/** What a tracker tells of a run, whichever tracker it is: names, settings, and metrics by step. */

export const TRACKED_KINDS = ['mlflow', 'tensorboard', 'csv'] as const
export type TrackedKind = (typeof TRACKED_KINDS)[number]

/** A curve as it was told: ascending steps, one value each; NaN where there was no number. */
export interface TrackedCurve {
  readonly steps: Float64Array
  readonly values: Float64Array
}

export interface TrackedRunRead {
  readonly name: string
  /** what the source calls it, the same at each reading */
  readonly from: string
  /** what it lies in there */
  readonly experiment: string | null
  /** how it ended, in the source's words */
  readonly status: string | null
  readonly params: Readonly<Record<string, string>>
  readonly curves: ReadonlyMap<string, TrackedCurve>
}

export interface TrackedSourceRead {
  readonly kind: TrackedKind
  /** what wrote it, as it says */
  readonly version: string
  readonly runs: readonly TrackedRunRead[]
  /** what a reader should know: what was left out, what stands twice */
  readonly notes: readonly string[]
}
