/**
 * Optimizers as updates of plain arrays: values, gradient and slots go in, values and slots are changed in place over a range.
 * Dense weights are one range; a table's update is called once per row that occurred (lazy: a row that did not occur keeps its
 * values and its moments, as in TensorFlow's LazyAdam). The step number is the caller's, so state is only arrays.
 */
import type { OptimizerSpec } from '../../../contract/shapes/spec.ts'

/** Slots are as long as the values; which there are depends on the kind. */
export type Slots = readonly Float32Array[]

/** The gradient of a step of something trained. */
export interface Gradient {
  readonly name: string
  readonly values: Float32Array
  readonly slots: Slots
  /** rows of a table that occurred, in order of first occurrence; null: of a dense weight, all of it */
  readonly rows: Int32Array | null
  /** numbers of a row; of a dense weight all it has */
  readonly width: number
  /** [rows × width] */
  readonly gradient: Float32Array
}

export interface Optimizer {
  /** names of the slots, for checkpoints */
  readonly slotNames: readonly string[]
  /** new slots for `size` values */
  createSlots(size: number): Slots
  /**
   * Prepares the updates of one step (1, 2, …) at a learning rate; the result changes values[at .. at+count) by
   * gradient[from .. from+count).
   */
  step(
    step: number,
    learningRate: number,
  ): (values: Float32Array, slots: Slots, at: number, gradient: Float32Array, from: number, count: number) => void
}

type Adam = Extract<OptimizerSpec, { kind: 'adam' }>
type Adagrad = Extract<OptimizerSpec, { kind: 'adagrad' }>

/** The optimizer of a spec. */
export function createOptimizer(spec: OptimizerSpec): Optimizer {
  return spec.kind === 'adam' ? adam(spec) : adagrad(spec)
}

/** Adam (Kingma & Ba 2015, algorithm 1) with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). */
function adam({ beta1, beta2, epsilon, weightDecay }: Adam): Optimizer {
  return {
    slotNames: ['m', 'v'],
    createSlots: (size) => [new Float32Array(size), new Float32Array(size)],
    step(step, learningRate) {
      const rate = (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step)
      const scaledEpsilon = epsilon * Math.sqrt(1 - beta2 ** step)
      const keep = 1 - learningRate * weightDecay
      return (values, slots, at, gradient, from, count) => {
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
    },
  }
}

/** Adagrad (Duchi et al. 2011), with the accumulator starting above 0 as in TensorFlow. */
function adagrad({ initialAccumulator, epsilon, weightDecay }: Adagrad): Optimizer {
  return {
    slotNames: ['accumulator'],
    createSlots: (size) => [new Float32Array(size).fill(initialAccumulator)],
    step(_step, learningRate) {
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
    },
  }
}
