/**
 * A trained tower as a graph of its own, tables included: encoded features in, vectors out. It is the same forward function as in
 * training, traced with the weights as constants; a bag enters as padded rows of its table with a weight each (0: padding).
 */
import type { Graph } from '../compute/graph.ts'
import { type Tensor, type Tensor2D, tf } from '../compute/tf.ts'
import type { Program, Tensors } from '../compute/program.ts'
import { trace } from '../compute/trace.ts'
import type { InputPort, Tower } from '../towers/build.ts'
import { sequenceInputs, sequenceNames } from '../towers/sequences.ts'
import type { Trained } from '../training/embed.ts'

/**
 * Inputs `SIDE.dense`, `SIDE.context` [rows × width]; for each bag `NAME.rows` int32 and `NAME.weights` float32, both
 * [rows × any length]. The mean of n rows is n weights of 1/n; an empty bag is all padding. For a history that the tower encodes
 * `NAME.rows` int32, most recent first, and `NAME.mask` (and `.ages`, `.events`), all [rows × its length]. Output `vectors`
 * [rows × dim], or [rows·interests × dim].
 */
export function standaloneGraph(tower: Tower, trained: Trained): Promise<Graph> {
  return trace(standaloneProgram(tower, trained))
}

/** The same as a program, for the tests' reference executor. */
export function standaloneProgram(tower: Tower, trained: Trained): Program {
  return {
    inputs: tower.ports.flatMap((port) =>
      port.kind === 'bag'
        ? [
            { name: `${port.name}.rows`, shape: ['rows', `${port.name}.length`], dtype: 'int32' as const },
            { name: `${port.name}.weights`, shape: ['rows', `${port.name}.length`] },
          ]
        : port.sequence !== null
          ? [
              { name: `${port.name}.rows`, shape: ['rows', port.sequence.length], dtype: 'int32' as const },
              ...sequenceInputs(port, 'rows').slice(1),
            ]
          : [{ name: port.name, shape: ['rows', port.width] }],
    ),
    run(inputs) {
      const weights = Object.fromEntries(
        tower.weights.map(({ name, shape }) => [name, tf.tensor(trained.weights.get(name)!.values, [...shape])]),
      )
      const ports = Object.fromEntries(
        tower.ports.map((port) => [
          port.name,
          port.kind === 'bag'
            ? pooled(port, inputs, trained)
            : port.kind === 'sequence'
              ? rowByRow(port, inputs, trained)
              : inputs[port.name]!,
        ]),
      )
      return { vectors: tower.forward({ ...inputs, ...weights, ...ports }) }
    },
  }
}

/** Table rows [rows × length × dim], 0 where the mask is. */
function rowByRow(port: InputPort, inputs: Tensors, trained: Trained): Tensor {
  const { values, rows, dim } = trained.tables.get(port.table!)!
  const embedded = tf.gather(tf.tensor2d(values, [rows, dim]), inputs[`${port.name}.rows`]!)
  return tf.mul(embedded, tf.expandDims(inputs[sequenceNames(port.name).mask]!, 2))
}

/** Σ weight · table row, [rows × width]. */
function pooled(port: InputPort, inputs: Tensors, trained: Trained): Tensor2D {
  const { values, rows, dim } = trained.tables.get(port.table!)!
  const embedded = tf.gather(tf.tensor2d(values, [rows, dim]), inputs[`${port.name}.rows`]!)
  return tf.sum<Tensor2D>(tf.mul(embedded, tf.expandDims(inputs[`${port.name}.weights`]!, 2)), 1)
}
