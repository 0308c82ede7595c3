/**
 * One training step as a program: forward through both towers, the loss, and the gradient of everything trained. The item side's
 * rows are the batch's positives followed by the sampled negatives, so one pass of the item tower serves both.
 */
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Dimension } from '../compute/graph.ts'
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../compute/tf.ts'
import type { Program, Tensors } from '../compute/trace.ts'
import { towerInputs } from '../towers/build.ts'
import { losses } from '../towers/losses.ts'
import { LOG_TEMPERATURE, type TwoTower } from '../towers/model.ts'

/** Prefix of the output that holds the gradient of an input. */
export const GRADIENT = 'gradient:'

export interface StepShape {
  readonly batch: number
  /** extra candidates drawn for the batch; 0 for in-batch losses */
  readonly negatives: number
}

/** How many candidates a loss draws beside the batch. */
export function negativeCount(spec: TwoTowerSpec): number {
  return spec.loss.kind === 'sampled-softmax' ? spec.loss.negatives : 0
}

/** The inputs that get a gradient: pooled embeddings of every bag and every dense weight. */
export function trainedInputs(model: TwoTower): string[] {
  const bags = [...model.user.ports, ...model.item.ports].filter((port) => port.table !== null).map((port) => port.name)
  return [...bags, ...model.weights.map((weight) => weight.name)]
}

/** Outputs: `loss`, and `gradient:NAME` for each of {@link trainedInputs}. */
export function stepProgram(model: TwoTower, spec: TwoTowerSpec, { batch, negatives }: StepShape): Program {
  const trained = trainedInputs(model)
  return {
    inputs: [
      ...towerInputs(model.user, batch, true),
      ...towerInputs(model.item, batch + negatives, true),
      ...(spec.match.temperature.kind === 'learned' ? [{ name: LOG_TEMPERATURE, shape: [] as Dimension[] }] : []),
      { name: 'bias', shape: [batch + negatives] },
      { name: 'weight', shape: [batch] },
      { name: 'masked', shape: ['pairs', 2], dtype: 'int32' as const },
      { name: 'mask_value', shape: ['pairs'] },
    ],
    run(inputs) {
      const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
        const replaced: Tensors = { ...inputs, ...Object.fromEntries(trained.map((name, i) => [name, tensors[i]!])) }
        return loss(model, spec, replaced, { batch, negatives })
      })(trained.map((name) => inputs[name]!))
      return { loss: value, ...Object.fromEntries(trained.map((name, i) => [`${GRADIENT}${name}`, grads[i]!])) }
    },
  }
}

function loss(model: TwoTower, spec: TwoTowerSpec, inputs: Tensors, { batch, negatives }: StepShape): Tensor {
  const users = scaled(model.user.forward(inputs), spec, inputs)
  const items = model.item.forward(inputs)
  const bias = inputs['bias'] as Tensor1D
  const split = negatives > 0
  return losses[spec.loss.kind]({
    users,
    positives: split ? tf.slice2d(items, [0, 0], [batch, model.dim]) : items,
    negatives: split ? tf.slice2d(items, [batch, 0], [negatives, model.dim]) : null,
    positiveBias: split ? tf.slice1d(bias, 0, batch) : bias,
    negativeBias: split ? tf.slice1d(bias, batch, negatives) : null,
    weight: inputs['weight'] as Tensor1D,
    masked: inputs['masked'] as Tensor2D,
    maskValue: inputs['mask_value'] as Tensor1D,
  })
}

/** User vectors over the temperature: fixed, or e^log_temperature kept above its minimum. */
function scaled(users: Tensor2D, spec: TwoTowerSpec, inputs: Tensors): Tensor2D {
  const { temperature } = spec.match
  if (temperature.kind === 'fixed') return tf.mul(users, 1 / temperature.value)
  return tf.div(users, tf.maximum(tf.exp(inputs[LOG_TEMPERATURE]!), temperature.minimum))
}
