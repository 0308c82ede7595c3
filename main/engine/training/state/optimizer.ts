/**
 * Optimizers as updates of plain arrays: values, gradient and slots go in, values and slots are changed in place over a range.
 * Dense weights are one range; a table's update is called once per row that occurred (lazy: a row that did not occur keeps its
 * values and its moments, as in TensorFlow's LazyAdam). The step number is the caller's, so state is only arrays.
 */
import type { OptimizerSpec } from '../../../contract/shapes/spec.ts'
import type { AdamStep, GradientRows, NumberMemory, Slots } from './number-memory.ts'

export type { Slots } from './number-memory.ts'

/** The numbers of something that can be trained. */
export interface Numbers {
  readonly values: Float32Array
  /** none: it is not trained here */
  readonly slots: Slots
  /** where all of it lies, beside a gradient of as many numbers (none where it is not trained here); null: anywhere */
  readonly within: { readonly memory: NumberMemory; readonly gradient: Float32Array } | null
}

/** The gradient of a step of something trained. */
export interface Gradient extends GradientRows {
  readonly name: string
  /** where values, slots and gradient lie side by side, with loops of its own; null: anywhere */
  readonly memory: NumberMemory | null
}

export interface Optimizer {
  /** names of the slots, for checkpoints */
  readonly slotNames: readonly string[]
  /** new slots for `size` values; `take` gives them their memory, all 0 */
  createSlots(size: number, take?: (size: number) => Float32Array): Slots
  /**
   * Prepares the updates of one step (1, 2, …) at a learning rate; the result changes values[at .. at+count) by
   * gradient[from .. from+count).
   */
  step(
    step: number,
    learningRate: number,
  ): (values: Float32Array, slots: Slots, at: number, gradient: Float32Array, from: number, count: number) => void
  /** The same for all that a gradient is of, by its memory's own loop where it has one. */
  descend(step: number, learningRate: number): (gradient: Gradient) => void
}

/** Numbers in memory of their own. */
export const plainNumbers = (values: Float32Array, slots: Slots = []): Numbers => ({ values, slots, within: null })

const plainly = (size: number): Float32Array => new Float32Array(size)

/** Updates what a gradient is of, row by row. */
function eachRow({ rows, values, slots, width, gradient }: Gradient, update: ReturnType<Optimizer['step']>): void {
  if (rows === null) update(values, slots, 0, gradient, 0, width)
  else for (let i = 0; i < rows.length; i++) update(values, slots, rows[i]! * width, gradient, i * width, width)
}

type Adam = Extract<OptimizerSpec, { kind: 'adam' }>
type Adagrad = Extract<OptimizerSpec, { kind: 'adagrad' }>

/** The optimizer of a spec. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  return spec.kind === 'adam' ? adam(spec) : adagrad(spec)
}

/** Adam (Kingma & Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). */
function adam({ beta1, beta2, epsilon, weightDecay }: Adam): Optimizer {
  const numbersOf = (step: number, learningRate: number): AdamStep => ({
    beta1,
    beta2,
    rate: (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step),
    epsilon: epsilon * Math.sqrt(1 - beta2 ** step),
    keep: 1 - learningRate * weightDecay,
  })
  const updateBy =
    ({ rate, epsilon: scaledEpsilon, keep }: AdamStep): ReturnType<Optimizer['step']> =>
    (values, slots, at, gradient, from, count) => {
      const [m, v] = slots as [Float32Array, Float32Array]
      for (let i = 0; i < count; i++) {
        const g = gradient[from + i]!
        const mi = beta1 * m[at + i]! + (1 - beta1) * g
        const vi = beta2 * v[at + i]! + (1 - beta2) * g * g
        m[at + i] = mi
        v[at + i] = vi
        values[at + i] = keep * values[at + i]! - (rate * mi) / (Math.sqrt(vi) + scaledEpsilon)
      }
    }
  return {
    slotNames: ['m', 'v'],
    createSlots: (size, take = plainly) => [take(size), take(size)],
    step: (step, learningRate) => updateBy(numbersOf(step, learningRate)),
    descend(step, learningRate) {
      const numbers = numbersOf(step, learningRate)
      const update = updateBy(numbers)
      return (gradient) => {
        if (gradient.memory === null) eachRow(gradient, update)
        else gradient.memory.adam(gradient, numbers)
      }
    },
  }
}

/** Adagrad (Duchi et al. 2011), with the accumulator starting above 0 as in TensorFlow. */
function adagrad({ initialAccumulator, epsilon, weightDecay }: Adagrad): Optimizer {
  const step: Optimizer['step'] = (_step, learningRate) => {
    const keep = 1 - learningRate * weightDecay
    return (values, slots, at, gradient, from, count) => {
      const [accumulator] = slots as [Float32Array]
      for (let i = 0; i < count; i++) {
        const g = gradient[from + i]!
        const sum = accumulator[at + i]! + g * g
        accumulator[at + i] = sum
        values[at + i] = keep * values[at + i]! - (learningRate * g) / (Math.sqrt(sum) + epsilon)
      }
    }
  }
  return {
    slotNames: ['accumulator'],
    createSlots: (size, take = plainly) => [take(size).fill(initialAccumulator)],
    step,
    descend(...of) {
      const update = step(...of)
      return (gradient) => eachRow(gradient, update)
    },
  }
}
