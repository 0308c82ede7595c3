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

type Axes = Pick<StepCurve, 'step' | 'epochs' | 'examples' | 'seconds'>

/** x of each row of steps. */
export const xOfRows = (curve: Axes, axis: CurveAxis): ArrayLike<number> => curve[axis === 'epoch' ? 'epochs' : axis]

/** x of the ends of epochs, read off the rows of the same run; NaN where there are none. */
export const xOfEpochs = (epochs: ArrayLike<number>, axis: CurveAxis, rows: Axes | null): ArrayLike<number> =>
  axis === 'epoch'
    ? epochs
    : Float64Array.from(epochs, (at) => (rows === null ? NaN : valueAt({ x: rows.epochs, y: xOfRows(rows, axis) }, at)))
