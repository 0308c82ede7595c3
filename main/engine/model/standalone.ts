/**
 * A trained tower as a graph of its own, tables included: encoded features in, vectors out. It is the same forward function as in
 * training, traced with the weights as constants; a bag enters as padded rows of its table with a weight each (0: padding).
 */
import type { Graph } from '../compute/graph.ts'
import { mergeByName, port, type Port, withRank } from '../compute/port.ts'
import type { Program, Tensors } from '../compute/program.ts'
import { type Tensor, type Tensor2D, type Tensor3D, tf } from '../compute/tf.ts'
import { trace } from '../compute/trace.ts'
import { type Tower, VECTORS } from '../towers/build.ts'
import { type HistoryPort, type PooledPort, portsOf } from '../towers/tower-ports.ts'
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
  const entries = tower.ports.map((input) =>
    input.kind === 'bag' ? pooled(input, trained) : input.kind === 'sequence' ? rowByRow(input, trained) : asItIs(input),
  )
  return {
    inputs: entries.flatMap(({ ports }) => ports.map((each) => each.declare())),
    run(inputs) {
      const weights = tower.weights.map((weight) => weight.write(tf.tensor(trained.weights.get(weight.name)!.values, [...weight.shape])))
      return VECTORS.write(tower.forward(mergeByName([inputs, ...weights, ...entries.map(({ values }) => values(inputs))])))
    },
  }
}

/** How an input of a tower is made of a graph's own: what it declares, and the tensor that enters the tower. */
interface Entry {
  readonly ports: readonly Port[]
  readonly values: (inputs: Tensors) => Tensors
}

const asItIs = (input: PooledPort): Entry => ({ ports: portsOf(input), values: () => ({}) })

/** The port of which rows of its table an input reads; named beside the port itself. */
export const rowsPort = (name: string, length: number | string): Port<readonly ['rows', number | string]> =>
  port(`${name}.rows`, ['rows', length], 'int32')
export const weightsPort = (name: string, length: number | string): Port<readonly ['rows', number | string]> =>
  port(`${name}.weights`, ['rows', length])

/** Table rows [rows × length × dim], 0 where the mask is. */
function rowByRow(input: HistoryPort, trained: Trained): Entry {
  const [, ...beside] = portsOf(input)
  const rows = rowsPort(input.name, input.sequence.length)
  return {
    ports: [rows, ...beside],
    values: (inputs) => input.values.write(tf.mul(embedded(input, rows, trained, inputs), tf.expandDims(input.mask.read(inputs), 2))),
  }
}

/** Σ weight · table row, [rows × width]. */
function pooled(input: PooledPort, trained: Trained): Entry {
  const length = `${input.name}.length`
  const [rows, weights] = [rowsPort(input.name, length), weightsPort(input.name, length)]
  return {
    ports: [rows, weights],
    values: (inputs) =>
      input.values.write(tf.sum<Tensor2D>(tf.mul(embedded(input, rows, trained, inputs), tf.expandDims(weights.read(inputs), 2)), 1)),
  }
}

function embedded(
  { table }: PooledPort | HistoryPort,
  rows: Port<readonly ['rows', number | string]>,
  trained: Trained,
  inputs: Tensors,
): Tensor3D {
  const { values, rows: count, dim } = trained.tables.get(table!)!
  return withRank(tf.gather<Tensor>(tf.tensor2d(values, [count, dim]), rows.read(inputs)), 3)
}
