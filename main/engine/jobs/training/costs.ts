/** What a fit took: the part of a job's result that trained runs and trials of a search have in common. */

/** What fitting gives, whatever the model. */
export interface Fit {
  readonly epochs: number
  readonly bestEpoch: number
  /** of training alone */
  readonly seconds: number
  readonly examples: number
  /** it was trained elsewhere: its seconds are not among this job's */
  readonly isElsewhere?: boolean
}

export interface FitCosts {
  readonly epochs: number
  readonly bestEpoch: number
  /** of the whole job, and of what was trained elsewhere */
  readonly seconds: number
  readonly examplesPerSecond: number
  readonly peakRssMb: number
}

/** @param started performance.now() when the job began */
export function fitCosts({ epochs, bestEpoch, seconds, examples, isElsewhere = false }: Fit, started: number): FitCosts {
  return {
    epochs,
    bestEpoch,
    seconds: (performance.now() - started) / 1000 + (isElsewhere ? seconds : 0),
    examplesPerSecond: seconds === 0 ? 0 : examples / seconds,
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  }
}
