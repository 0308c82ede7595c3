/** The two fits of a run: on train, where an epoch is chosen on the validation part, then anew on train and validation for as many. */
import { parseMetric } from '@contract/metrics.ts'
import type { EpochCurve, StepCurve } from '@contract/verbs/curves.ts'

type Told = Pick<EpochCurve, 'state' | 'bestEpoch' | 'epoch' | 'validation'>

/** The last epoch of the first fit; null where there is one fit, or its end is not known yet. */
export function lastOfFirstFit({ state, bestEpoch, epoch, validation }: Told): number | null {
  // the geometry of the vectors, which is told among them, is known of every epoch of both fits
  const ranked = Object.entries(validation).flatMap(([name, values]) => (parseMetric(name) === null ? [] : [values]))
  if (state !== 'finished' || bestEpoch === null || ranked.length === 0) return null
  const last = Math.max(...ranked.map((values) => values.findLastIndex(Number.isFinite)))
  // the final fit has no validation part left, and takes as many epochs as were best
  return last >= 0 && epoch.length - 1 - last === bestEpoch ? epoch[last]! : null
}

/** The first row of the final fit; the number of rows where there is none. */
export function finalFitRow({ step, epochs: { epoch, end } }: Pick<StepCurve, 'step' | 'epochs'>, last: number | null): number {
  const first = last === null ? -1 : epoch.findIndex((at) => at > last)
  const before = first < 0 ? Infinity : first === 0 ? 0 : end[first - 1]!
  const row = step.findIndex((at) => at > before)
  return row < 0 ? step.length : row
}
