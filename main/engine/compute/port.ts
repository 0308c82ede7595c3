/**
 * The ports of programs: an input or output with its name, shape and type in one place. What declares it to the tracer, reads its tensor
 * in the program, and feeds or fetches its numbers around a run is the port, so that no name is written twice and no rank is assumed.
 */
import type { Dimension } from './graph.ts'
import type { ProgramInput, Tensors } from './program.ts'
import type { Feeds, Fetches, Numbers } from './graph-session.ts'
import { type Scalar, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, tf } from './tf.ts'

export type Shape = readonly Dimension[]

interface Ranks {
  0: Scalar
  1: Tensor1D
  2: Tensor2D
  3: Tensor3D
}

/** The tensor of a shape, where its rank is known. */
export type TensorOf<S extends Shape> = S['length'] extends keyof Ranks ? Ranks[S['length']] : Tensor

/** A named input or output of a program. */
export class Port<S extends Shape = Shape> {
  readonly name: string
  readonly shape: S
  readonly dtype: 'float32' | 'int32'

  constructor(name: string, shape: S, dtype: 'float32' | 'int32' = 'float32') {
    this.name = name
    this.shape = shape
    this.dtype = dtype
  }

  /** The input of a program, its named dimensions at other sizes (or names) where they are given. */
  declare(sizes: Readonly<Record<string, Dimension>> = {}): ProgramInput {
    const { name, shape, dtype } = this
    return { name, shape: shape.map((d) => (typeof d === 'string' ? (sizes[d] ?? d) : d)), dtype }
  }

  /** Its tensor within a program. @throws Error where it is missing or of another rank */
  read(tensors: Tensors): TensorOf<S> {
    const tensor = this.readIfGiven(tensors)
    if (tensor === null) throw new Error(`The program has no ${this.name}.`)
    return tensor
  }

  /** The same, or null where the program has none. @throws Error where it is of another rank */
  readIfGiven(tensors: Tensors): TensorOf<S> | null {
    const tensor = tensors[this.name]
    if (tensor === undefined) return null
    if (!fits(tensor, this.shape)) throw new Error(`${this.name} has rank ${tensor.rank}, not ${this.shape.length}.`)
    return tensor
  }

  /** Its tensor under its name: for a program's outputs, or to stand in for an input. */
  write(tensor: Tensor): Tensors {
    return { [this.name]: tensor }
  }

  /** Its numbers under its name, for a run. */
  feed(numbers: Numbers): Feeds {
    return { [this.name]: numbers }
  }

  /** The same of what a run gave. */
  fetched(numbers: Float32Array): Fetches {
    return { [this.name]: numbers }
  }

  /** Its numbers among those fed or fetched. @throws Error where they are missing */
  take<N extends Numbers>(numbers: Readonly<Record<string, N>>): N {
    const found = this.takeIfThere(numbers)
    if (found === null) throw new Error(`There is no ${this.name} among ${Object.keys(numbers).join(', ')}.`)
    return found
  }

  /** The same, or null where they are missing. */
  takeIfThere<N extends Numbers>(numbers: Readonly<Record<string, N>>): N | null {
    return numbers[this.name] ?? null
  }
}

export function port<const S extends Shape>(name: string, shape: S, dtype?: 'float32' | 'int32'): Port<S> {
  return new Port(name, shape, dtype)
}

/** The output with a loss's gradient of an input. */
export function gradientOf<S extends Shape>({ name, shape }: Port<S>): Port<S> {
  return new Port(`gradient:${name}`, shape)
}

/** A scalar of some inputs, and its gradient of each of the `trained` ones as outputs ({@link gradientOf}). */
export function withGradients(
  trained: readonly Port[],
  inputs: Tensors,
  scalar: (inputs: Tensors) => Tensor,
): { readonly value: Tensor; readonly gradients: Tensors } {
  const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) =>
    withRank(scalar(mergeByName([inputs, ...trained.map((each, i) => each.write(tensors[i]!))])), 0),
  )(trained.map((each) => each.read(inputs)))
  return { value, gradients: mergeByName(trained.map((each, i) => gradientOf(each).write(grads[i]!))) }
}

/** What several ports write, feed or declare by name, in one; of two of a name the later. */
export function mergeByName<T>(parts: readonly Readonly<Record<string, T>>[]): Record<string, T> {
  return Object.assign({}, ...parts) as Record<string, T>
}

/** A tensor whose rank is known here, and not to tfjs's types. @throws Error where it is another */
export function withRank<R extends keyof Ranks>(tensor: Tensor, rank: R): Ranks[R] {
  if (!isRanked(tensor, rank)) throw new Error(`A tensor has rank ${tensor.rank}, not ${rank}.`)
  return tensor
}

function isRanked<R extends keyof Ranks>(tensor: Tensor, rank: R): tensor is Ranks[R] {
  return tensor.rank === rank
}

function fits<S extends Shape>(tensor: Tensor, shape: S): tensor is TensorOf<S> & Tensor {
  return tensor.rank === shape.length
}
