/** A function over named tensors that can be traced to a graph, or run as it is. */
import type { Dimension } from './graph.ts'
import type { Tensor } from './tf.ts'

/** The tensors of a program by name; {@link ./port.ts} makes and reads them. */
export type Tensors = Record<string, Tensor>

/** One input as a program declares it; float32 where it does not say. */
export interface ProgramInput {
  readonly name: string
  readonly shape: readonly Dimension[]
  readonly dtype?: 'float32' | 'int32'
}

/** A function over named tensors with the shapes it takes. A named dimension (`'batch'`) may have any size when it runs. */
export interface Program {
  readonly inputs: readonly ProgramInput[]
  /** Pure: no reading of numbers, no tensors from outside. Intermediate tensors are disposed by the caller's scope. */
  readonly run: (inputs: Tensors) => Tensors
}
