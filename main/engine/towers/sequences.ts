/** How a history enters a tower row by row: its ports, what is added to the rows (place, age, event), and its encoder. */
import type { SequenceInput } from '../../contract/shapes/features.ts'
import type { Dimension } from '../compute/graph.ts'
import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../compute/tf.ts'
import type { Program, Tensors } from '../compute/program.ts'
import { AGE_CODES } from '../features/history.ts'
import type { ContextBag, Sequence } from '../features/types.ts'
import type { Side } from '../dataset/types.ts'
import type { InputPort, WeightShape } from './build.ts'
import { encoderOf, interestsOf } from './encoders.ts'

export interface SequencePort extends Sequence {
  /** width of a row */
  readonly dim: number
  readonly interests: number
}

/** Names of the ports beside a sequence's own, all [rows × length]: `mask` float32 1 for an item and 0 for padding; `ages` and `events` int32 codes. */
export const sequenceNames = (name: string): { mask: string; ages: string; events: string } => ({
  mask: `${name}.mask`,
  ages: `${name}.ages`,
  events: `${name}.events`,
})

export function sequencePort(side: Side, { feature, table, dim }: ContextBag & { readonly dim: number }, sequence: Sequence): InputPort {
  const size = { length: sequence.length, dim }
  return {
    name: `${side}.sequence.${feature}`,
    width: encoderOf(sequence.encoder).width(sequence.encoder, size),
    kind: 'sequence',
    table,
    feature,
    sequence: { ...sequence, dim, interests: interestsOf(sequence.encoder) },
  }
}

/** What of a batch enters for a sequence. */
export function sequenceInputs({ name, sequence }: InputPort, rows: Dimension): Program['inputs'] {
  const { length, dim, inputs } = sequence!
  const { mask, ages, events } = sequenceNames(name)
  return [
    { name, shape: [rows, length, dim] },
    { name: mask, shape: [rows, length] },
    ...(inputs.includes('age') ? [{ name: ages, shape: [rows, length], dtype: 'int32' as const }] : []),
    ...(inputs.includes('event') ? [{ name: events, shape: [rows, length], dtype: 'int32' as const }] : []),
  ]
}

/** Rows of the embedding of each input; a code of 0 is "unknown" and, in padding, nothing. */
const rowsOf: Readonly<Record<SequenceInput, (sequence: SequencePort) => number>> = {
  position: ({ length }) => length,
  age: () => AGE_CODES,
  event: ({ events }) => events + 1,
}

export function sequenceWeights({ name, sequence }: InputPort): WeightShape[] {
  if (sequence === null) return []
  const { dim, inputs, encoder } = sequence
  return [
    ...inputs.map((input): WeightShape => ({ name: `${name}.${input}`, shape: [rowsOf[input](sequence), dim], init: 'glorot' })),
    ...encoderOf(encoder)
      .weights(encoder, sequence)
      .map(([short, shape, init]): WeightShape => ({ name: `${name}.${short}`, shape, init })),
  ]
}

/** [rows × width], or [rows × interests × width]. */
export function encodeSequence({ name, sequence }: InputPort, inputs: Tensors): Tensor {
  const { encoder, inputs: added } = sequence!
  const { mask, ages, events } = sequenceNames(name)
  let x = inputs[name] as Tensor3D
  if (added.includes('position')) x = tf.add(x, tf.expandDims(inputs[`${name}.position`]!, 0))
  if (added.includes('age')) x = tf.add(x, embedded(inputs[ages] as Tensor2D, inputs[`${name}.age`] as Tensor2D))
  if (added.includes('event')) x = tf.add(x, embedded(inputs[events] as Tensor2D, inputs[`${name}.event`] as Tensor2D))
  const present = inputs[mask] as Tensor2D
  return encoderOf(encoder).encode(encoder, { x, mask: present, size: sequence!, weight: (short) => inputs[`${name}.${short}`]! })
}

/** Rows of a small table by codes [rows × length], as a product with one-hot codes: its gradient is a GEMM, not a scatter. */
function embedded(codes: Tensor2D, table: Tensor2D): Tensor3D {
  const [count, dim] = table.shape
  const hot = tf.oneHot(tf.reshape(codes, [-1]), count)
  return tf.reshape(tf.matMul(tf.cast(hot, 'float32') as Tensor2D, table), [-1, codes.shape[1], dim])
}
