/** How a history enters a tower row by row: its ports, what is added to the rows (place, age, event), and its encoder. */
import type { SequenceInput } from '../../contract/shapes/features.ts'
import { port, type Port, withRank } from '../compute/port.ts'
import { type Tensor2D, type Tensor3D, tf } from '../compute/tf.ts'
import { AGE_CODES } from '../features/history-rows.ts'
import type { ContextBag, Sequence } from '../features/encoded.ts'
import type { Side } from '../dataset/dataset.ts'
import { encoderOf, interestsOf } from './history-encoders.ts'
import { type HistoryPort, type SharedPorts, type Weight, weightList } from './tower-ports.ts'

/** Rows of the embedding of each input; a code of 0 is "unknown" and, in padding, nothing. */
const rowsOf: Readonly<Record<SequenceInput, (sequence: Sequence) => number>> = {
  position: ({ length }) => length,
  age: () => AGE_CODES,
  event: ({ events }) => events + 1,
}

/** The input of a history that its tower encodes. */
export function sequencePort(
  side: Side,
  { feature, table, dim, fixed }: ContextBag & { readonly dim: number },
  sequence: Sequence,
): HistoryPort {
  const { length, inputs: added, encoder: spec } = sequence
  const name = `${side}.sequence.${feature}`
  const weights = weightList(`${name}.`)
  const tables: Partial<Record<SequenceInput, Weight<readonly [number, number]>>> = Object.fromEntries(
    added.map((input) => [input, weights.add(input, [rowsOf[input](sequence), dim], 'glorot')]),
  )
  const encoder = encoderOf(spec)(spec, { length, dim }, weights.add)
  const codes = (input: SequenceInput, as: string) => (added.includes(input) ? port(`${name}.${as}`, ['rows', length], 'int32') : null)
  const values = port(name, ['rows', length, dim])
  const mask = port(`${name}.mask`, ['rows', length])
  const [ages, events] = [codes('age', 'ages'), codes('event', 'events')]
  const { encodeAll } = encoder
  // an item's age is that before one example, and windows are of several
  const shared: SharedPorts | null =
    encodeAll === undefined || ages !== null
      ? null
      : { places: port(`${name}.places`, ['rows'], 'int32'), known: port(`${name}.known`, ['rows', 1]) }
  return {
    name,
    width: encoder.width,
    kind: 'sequence',
    table,
    feature,
    isTrained: fixed !== true,
    sequence: { ...sequence, dim, interests: interestsOf(spec) },
    values,
    mask,
    ages,
    events,
    weights: weights.list,
    shared,
    encode(inputs) {
      const embedding = (codes: Port<readonly ['rows', number]>, table: Weight<readonly [number, number]>): Tensor3D =>
        embedded(codes.read(inputs), table.read(inputs))
      let x = values.read(inputs)
      if (tables.position !== undefined) x = tf.add(x, tf.expandDims(tables.position.read(inputs), 0))
      if (ages !== null) x = tf.add(x, embedding(ages, tables.age!))
      if (events !== null) x = tf.add(x, embedding(events, tables.event!))
      const history = { x, mask: mask.read(inputs), inputs }
      const places = shared?.places.readIfGiven(inputs) ?? null
      if (places === null) return encoder.encode(history)
      return tf.mul(tf.gather(encodeAll!(history), places), shared!.known.read(inputs))
    },
  }
}

/** Rows of a small table by codes [rows × length], as a product with one-hot codes: its gradient is a GEMM, not a scatter. */
function embedded(codes: Tensor2D, table: Tensor2D): Tensor3D {
  const [count, dim] = table.shape
  const hot = withRank(tf.oneHot(tf.reshape(codes, [-1]), count), 2)
  return tf.reshape(tf.matMul(tf.cast(hot, 'float32'), table), [-1, codes.shape[1], dim])
}
