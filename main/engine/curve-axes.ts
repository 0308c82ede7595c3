/** What else the rows of a training curve can be drawn over: epochs, examples and seconds of training, each reckoned from all rows. */
import type { StepColumns } from './store/curves.ts'

/** As long as the rows, ascending. */
export interface CurveAxes {
  /** epochs done, with fractions; ends of epochs are known to within a row */
  readonly epochs: Float64Array
  /** examples trained on, counting repeats; NaN where the size of a batch is not known */
  readonly examples: Float64Array
  /** spent in steps, without validation and what else lies between them; NaN from a row on whose throughput is not known */
  readonly seconds: Float64Array
}

/** @param batch examples a step, null: not known */
export function curveAxes({ step, epoch, examplesPerSecond }: StepColumns, batch: number | null): CurveAxes {
  // a hundred runs of 10,000 rows are asked for at once: iterators and callbacks would take most of the time
  const [examples, seconds] = [new Float64Array(step.length), new Float64Array(step.length)]
  const size = batch ?? NaN
  let [before, spent] = [0, 0]
  for (let i = 0; i < step.length; i++) {
    const at = step[i]!
    spent += ((at - before) * size) / examplesPerSecond[i]!
    seconds[i] = spent
    examples[i] = at * size
    before = at
  }
  return { epochs: epochsDone(step, epoch), examples, seconds }
}

/** An epoch begins where the last row of the one before ends; the last one, which may be under way, is as long as the one before it. */
function epochsDone(step: Int32Array, epoch: Int32Array): Float64Array {
  const out = new Float64Array(step.length)
  let [begin, length] = [0, 0]
  for (let from = 0; from < step.length;) {
    let to = from
    while (to + 1 < step.length && epoch[to + 1] === epoch[from]) to++
    const seen = step[to]! - begin
    length = to === step.length - 1 ? Math.max(seen, length) : seen
    for (let i = from; i <= to; i++) out[i] = epoch[i]! - 1 + (step[i]! - begin) / length
    begin = step[to]!
    from = to + 1
  }
  return out
}
