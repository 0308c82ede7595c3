/**
 * How a tower's inputs meet: side by side, or as tokens of a transformer layer whose summary token goes on (ItemSage, Baltescu et al.
 * 2022), so that what one input says may depend on the others.
 */
import type { TowerSpec } from '../../contract/shapes/spec.ts'
import { type Rank, type Tensor, type Tensor2D, tf } from '../compute/tf.ts'
import type { Tensors } from '../compute/program.ts'
import type { Side } from '../dataset/types.ts'
import type { InputPort, WeightShape } from './build.ts'
import { layerWeights, transformerLayer } from './encoders.ts'
import { denseLayer, layerNorm } from './layers.ts'

type AttentionSpec = Extract<TowerSpec['fusion'], { kind: 'attention' }>

const tokenName = (port: InputPort): string => port.name.replace('.', '.token.')

/** Weights of a fusion by attention: a projection of each input to a token, the summary's token, the layer and its last norm. */
export function fusionWeights(side: Side, { dim, feedForward }: AttentionSpec, ports: readonly InputPort[]): WeightShape[] {
  return [
    ...ports.flatMap((port): WeightShape[] => [
      { name: `${tokenName(port)}.kernel`, shape: [port.width, dim], init: 'glorot' },
      { name: `${tokenName(port)}.bias`, shape: [dim], init: 'zeros' },
    ]),
    // starts at 0, so that at first it says nothing but what the inputs say: a constant in it would make all items alike
    { name: `${side}.fusion.summary`, shape: [1, dim], init: 'zeros' },
    ...layerWeights('', dim, feedForward * dim).map(([name, shape, init]): WeightShape => ({
      name: `${side}.fusion.${name}`,
      shape,
      init,
    })),
    { name: `${side}.fusion.norm.gain`, shape: [dim], init: 'ones' },
    { name: `${side}.fusion.norm.offset`, shape: [dim], init: 'zeros' },
  ]
}

/** [rows × dim] from the inputs' [rows × port width]. */
export function fuseByAttention(
  side: Side,
  { dim, heads }: AttentionSpec,
  ports: readonly InputPort[],
  parts: readonly Tensor2D[],
  inputs: Tensors,
): Tensor2D {
  const tokens = parts.map((part, i) => {
    const name = tokenName(ports[i]!)
    return denseLayer(part, inputs[`${name}.kernel`] as Tensor2D, inputs[`${name}.bias`]!)
  })
  // the summary in every row, without a shape that depends on the rows
  const summary = tf.add<Tensor2D>(tf.mul(tokens[0]!, 0), inputs[`${side}.fusion.summary`]!)
  const size = { length: tokens.length + 1, dim }
  const weight = (name: string): Tensor => inputs[`${side}.fusion.${name}`]!
  const stacked = tf.reshape<Rank.R2>(tf.concat([summary, ...tokens], 1), [-1, dim])
  const mixed = tf.reshape<Rank.R3>(transformerLayer('', stacked, null, heads, { size, weight }), [-1, size.length, dim])
  const out = tf.reshape<Rank.R2>(tf.slice3d(mixed, [0, 0, 0], [-1, 1, -1]), [-1, dim])
  return layerNorm(out, weight('norm.gain'), weight('norm.offset'))
}
