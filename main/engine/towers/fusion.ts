/**
 * How a tower's inputs meet: side by side, or as tokens of a transformer layer whose summary token goes on (ItemSage, Baltescu et al.
 * 2022), so that what one input says may depend on the others.
 */
import type { TowerSpec } from '../../contract/shapes/spec.ts'
import type { Tensors } from '../compute/program.ts'
import { type Rank, type Tensor2D, tf } from '../compute/tf.ts'
import type { Side } from '../dataset/dataset.ts'
import { transformerLayer } from './history-encoders.ts'
import { denseLayer, normLayer } from './layers.ts'
import type { AddWeight, InputPort } from './tower-ports.ts'

type AttentionSpec = Extract<TowerSpec['fusion'], { kind: 'attention' }>

/**
 * [rows × dim] from the inputs' [rows × port width]. Weights: a projection of each input to a token, the summary's token, the layer and
 * its last norm.
 */
export function attentionFusion(
  side: Side,
  { dim, heads, feedForward }: AttentionSpec,
  ports: readonly InputPort[],
  add: AddWeight,
): (parts: readonly Tensor2D[], inputs: Tensors) => Tensor2D {
  const projections = ports.map(({ name, width }) => denseLayer(name.replace('.', '.token.'), width, dim, add))
  const addFusionWeight: AddWeight = (name, shape, init) => add(`${side}.fusion.${name}`, shape, init)
  // starts at 0, so that at first it says nothing but what the inputs say: a constant in it would make all items alike
  const start = addFusionWeight('summary', [1, dim], 'zeros')
  const size = { length: ports.length + 1, dim }
  const layer = transformerLayer('', size, heads, feedForward * dim, addFusionWeight)
  const norm = normLayer('norm', dim, addFusionWeight)
  return (parts, inputs) => {
    const tokens = parts.map((part, i) => projections[i]!(part, inputs))
    // the summary in every row, without a shape that depends on the rows
    const summary = tf.add<Tensor2D>(tf.mul(tokens[0]!, 0), start.read(inputs))
    const stacked = tf.reshape<Rank.R2>(tf.concat([summary, ...tokens], 1), [-1, dim])
    const mixed = tf.reshape<Rank.R3>(layer(stacked, null, inputs), [-1, size.length, dim])
    return norm(tf.reshape<Rank.R2>(tf.slice3d(mixed, [0, 0, 0], [-1, 1, -1]), [-1, dim]), inputs)
  }
}
