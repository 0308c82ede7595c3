/** A short tour of the pages, in the order of a first piece of work: which step is shown. It goes on after a reload, and can be left at any. */
import { useStored } from './useStored.ts'

export const TOUR = ['data', 'new-run', 'runs', 'compare', 'inspect', 'serve'] as const
const NONE = -1
const step = useStored(
  'tour',
  NONE,
  (value): value is number => typeof value === 'number' && Number.isInteger(value) && value < TOUR.length,
)

export function useTour() {
  return {
    /** -1: no tour */
    step,
    start: (): unknown => (step.value = 0),
    leave: (): unknown => (step.value = NONE),
  }
}
