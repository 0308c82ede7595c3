/**
 * What else the rows of a training curve can be drawn over, reckoned from all rows before any is left out. A hundred runs of 10,000 rows are
 * asked for at once: iterators and callbacks would take most of the time, and a column of doubles a third of what is sent.
 */
import type { StepColumns } from './store/curves.ts'

/** Epochs with rows, ascending, and the last step of each that has a row. */
export function epochEnds({ step, epoch }: Pick<StepColumns, 'step' | 'epoch'>): { epoch: Int32Array; end: Int32Array } {
  const [epochs, ends]: [number[], number[]] = [[], []]
  for (let i = 0; i < step.length; i++)
    if (i === step.length - 1 || epoch[i + 1] !== epoch[i]) {
      epochs.push(epoch[i]!)
      ends.push(step[i]!)
    }
  return { epoch: Int32Array.from(epochs), end: Int32Array.from(ends) }
}

/**
 * Seconds spent in steps up to each row, without validation and what else lies between them; NaN from a row on whose throughput is not known,
 * and where the size of a batch is not. Added up in doubles.
 * @param batch examples a step, null: not known
 */
export function secondsSpent(
  { step, examplesPerSecond }: Pick<StepColumns, 'step' | 'examplesPerSecond'>,
  batch: number | null,
): Float32Array {
  const seconds = new Float32Array(step.length)
  const size = batch ?? NaN
  let [before, spent] = [0, 0]
  for (let i = 0; i < step.length; i++) {
    const at = step[i]!
    spent += ((at - before) * size) / examplesPerSecond[i]!
    seconds[i] = spent
    before = at
  }
  return seconds
}
