/** The inputs and weights of a tower as ports of a program: the rows of a batch, dropout masks, and dense weights with how they start. */
import { Port } from '../compute/port.ts'
import type { Dimension } from '../compute/graph.ts'
import type { Tensors } from '../compute/program.ts'
import type { Tensor } from '../compute/tf.ts'
import type { Sequence } from '../features/encoded.ts'

/** Glorot uniform over the fans (Glorot & Bengio 2010, eq. 16), zeros or ones. */
export type Init = 'glorot' | 'zeros' | 'ones'

/** A dense weight and how it starts. */
export class Weight<S extends readonly number[] = readonly number[]> extends Port<S> {
  readonly init: Init

  constructor(name: string, shape: S, init: Init) {
    super(name, shape)
    this.init = init
  }
}

/** Makes a weight of what is being built and lists it: the order of the list is that in which weights are drawn. */
export type AddWeight = <const S extends readonly number[]>(name: string, shape: S, init: Init) => Weight<S>

/** A list of weights whose names begin with `prefix`, and what adds to it. */
export function weightList(prefix = '', list: Weight[] = []): { readonly list: Weight[]; readonly add: AddWeight } {
  return {
    list,
    add(name, shape, init) {
      const weight = new Weight(`${prefix}${name}`, shape, init)
      list.push(weight)
      return weight
    },
  }
}

/** [rows × width], a row per entity (or per vector of an entity). */
export type RowPort = Port<readonly [Dimension, number]>

interface Input {
  readonly name: string
  /** what it adds to the width of the tower's input */
  readonly width: number
  /** for bags: their table, and whether they are of the entity or of the request context */
  readonly table: string | null
  readonly feature: string | null
  /** whether training changes the table */
  readonly isTrained: boolean
}

/** A dense block, or the pooled embeddings of one bag. */
export interface PooledPort extends Input {
  readonly kind: 'dense' | 'context' | 'bag'
  readonly values: RowPort
  readonly sequence: null
}

/** A history to be encoded, its table's rows one by one. */
export interface HistoryPort extends Input {
  readonly kind: 'sequence'
  /** [rows × length × dim] */
  readonly values: Port<readonly [Dimension, number, number]>
  /** [rows × length]: 1 for an item and 0 for padding */
  readonly mask: RowPort
  /** [rows × length] int32 codes; null where the encoder does not read them */
  readonly ages: RowPort | null
  readonly events: RowPort | null
  readonly sequence: SequenceSize & Sequence & { readonly interests: number }
  readonly weights: readonly Weight[]
  /** of a causal encoder, whose history rows then may be windows that examples share; null: each example has its own history */
  readonly shared: SharedPorts | null
  /** [rows × width], or [rows × interests × width] */
  encode(inputs: Tensors): Tensor
}

/** Where the examples of a step stand in windows of several: a window's places are encoded in one pass, and each example reads one. */
export interface SharedPorts {
  /** [rows] int32: place among all windows' places, window · length + place */
  readonly places: Port<readonly [Dimension]>
  /** [rows × 1]: 0 where an example has no history, else 1 */
  readonly known: RowPort
}

/** One input of a tower, a row per entity. */
export type InputPort = PooledPort | HistoryPort

/** Sizes of a sequence. */
export interface SequenceSize {
  readonly length: number
  /** of an item's embedding */
  readonly dim: number
}

/** A dropout mask the trainer draws: entries 0 or 1/(1−rate). */
export interface MaskPort {
  readonly values: RowPort
  readonly rate: number
}

/** All that enters for an input, in the order programs declare it. */
export function portsOf(input: InputPort): Port[] {
  if (input.kind !== 'sequence') return [input.values]
  return [input.values, input.mask, input.ages, input.events].filter((each) => each !== null)
}
