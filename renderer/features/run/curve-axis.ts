/** What the curves of training are drawn over: steps, epochs, examples or time. The choice is in the address, one for all charts of a page. */
import { computed, type ComputedRef, type WritableComputedRef } from 'vue'
import type { StepCurve } from '@contract/verbs/curves.ts'
import { valueAt } from '@/charts/series.ts'
import { useQueryState } from '@/composables/useQueryState.ts'

export const CURVE_AXES = ['step', 'epoch', 'examples', 'seconds'] as const
export type CurveAxis = (typeof CURVE_AXES)[number]
const isAxis = (value: string): value is CurveAxis => (CURVE_AXES as readonly string[]).includes(value)

/** `rows`: of what is known by step, at first over steps; `epochs`: of what is known by epoch, at first over epochs. */
export function useCurveAxis(): Record<'rows' | 'epochs', WritableComputedRef<CurveAxis>> & { readonly chosen: ComputedRef<boolean> } {
  const asked = useQueryState('over')
  const from = (first: CurveAxis): WritableComputedRef<CurveAxis> =>
    computed({ get: () => (isAxis(asked.value) ? asked.value : first), set: (axis) => (asked.value = axis) })
  return { rows: from('step'), epochs: from('epoch'), chosen: computed(() => isAxis(asked.value)) }
}

export type Axes = Pick<StepCurve, 'step' | 'epochs' | 'batch' | 'seconds'>

/** x of each row of steps: examples trained on count repeats, and are NaN where the size of a batch is not known. */
export function xOfRows(curve: Axes, axis: CurveAxis): ArrayLike<number> {
  if (axis === 'step' || axis === 'seconds') return curve[axis]
  return axis === 'epoch' ? epochsDone(curve) : Float64Array.from(curve.step, (at) => at * (curve.batch ?? NaN))
}

/** x of the ends of epochs, read off the rows of the same run; NaN where there are none. */
export function xOfEpochs(epochs: ArrayLike<number>, axis: CurveAxis, rows: Axes | null): ArrayLike<number> {
  if (axis === 'epoch') return epochs
  if (rows === null) return Float64Array.from(epochs, () => NaN)
  const curve = { x: epochsDone(rows), y: xOfRows(rows, axis) }
  return Float64Array.from(epochs, (at) => valueAt(curve, at))
}

/**
 * Epochs done at each row, with fractions; ends of epochs are known to within a row. An epoch begins where the one before it ends; the
 * last one, which may be under way, is as long as the one before it.
 */
function epochsDone({ step, epochs: { epoch, end } }: Axes): Float64Array {
  const out = new Float64Array(step.length)
  let [at, begin, length] = [0, 0, 0]
  for (let e = 0; e < epoch.length; e++) {
    const seen = end[e]! - begin
    length = e === epoch.length - 1 ? Math.max(seen, length) : seen
    for (; at < step.length && step[at]! <= end[e]!; at++) out[at] = epoch[e]! - 1 + (step[at]! - begin) / length
    begin = end[e]!
  }
  return out
}
