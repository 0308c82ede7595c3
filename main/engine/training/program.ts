/**
 * One training step as a program: forward through both towers, the loss, and the gradient of everything trained. The item side's
 * rows are the batch's positives followed by its negatives, so one pass of the item tower serves all.
 */
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Dimension } from '../compute/graph.ts'
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../compute/tf.ts'
import type { Program, Tensors } from '../compute/trace.ts'
import { towerInputs } from '../towers/build.ts'
import { type Candidates, lossOf } from '../towers/candidates.ts'
import { type LoadedModule, type Match, matchOf } from '../towers/match.ts'
import { mimicLoss } from '../towers/augment.ts'
import { nearestInterest } from '../towers/interests.ts'
import { LOG_TEMPERATURE, type TwoTower } from '../towers/model.ts'
import { type Block, type CandidatePlan, candidatePlan, negativeCount, type StepShape } from './plan.ts'

export { negativeCount, type StepShape }

/** Prefix of the output that holds the gradient of an input. */
export const GRADIENT = 'gradient:'
/** Output of the positives' vectors, [batch × dim], where a memory keeps them. */
export const ITEM_VECTORS = 'item_vectors'

/** The inputs that get a gradient: pooled embeddings of every bag and every dense weight. */
export function trainedInputs(model: TwoTower): string[] {
  const bags = [...model.user.ports, ...model.item.ports].filter((port) => port.table !== null).map((port) => port.name)
  return [...bags, ...model.weights.map((weight) => weight.name)]
}

/** Outputs: `loss`, `gradient:NAME` for each of {@link trainedInputs}, and `item_vectors` where a memory keeps them. */
export function stepProgram(model: TwoTower, spec: TwoTowerSpec, shape: StepShape, loaded: LoadedModule | null = null): Program {
  const trained = trainedInputs(model)
  const plan = candidatePlan(spec, shape)
  const match = matchOf(spec.match, loaded)
  const remembers = plan.blocks.some(({ name }) => name === 'memory')
  return {
    inputs: [
      ...towerInputs(model.user, plan.batch, true),
      ...towerInputs(model.item, plan.itemRows, true),
      ...temperatureInputs(spec),
      ...lossInputs(plan, model.dim),
    ],
    run(inputs): Tensors {
      let vectors: Tensor2D | null = null
      const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
        const replaced: Tensors = { ...inputs, ...Object.fromEntries(trained.map((name, i) => [name, tensors[i]!])) }
        const items = model.item.forward(replaced)
        vectors = tf.keep(items)
        const positives = rowsOf(items, 0, plan.batch)
        const users = nearestInterest(model.user.forward(replaced), positives)
        const mimicked = mimicLoss(spec, { users, positives, weight: replaced['weight'] as Tensor1D, inputs: replaced })
        const lost = batchLoss(spec, match, plan, users, items, replaced)
        return mimicked === null ? lost : tf.add(lost, mimicked)
      })(trained.map((name) => inputs[name]!))
      const gradients = Object.fromEntries(trained.map((name, i) => [`${GRADIENT}${name}`, grads[i]!]))
      const kept: Tensors = remembers ? { [ITEM_VECTORS]: tf.slice2d(vectors!, [0, 0], [plan.batch, model.dim]) } : {}
      tf.dispose(vectors!)
      return { loss: value, ...gradients, ...kept }
    },
  }
}

/** The learned temperature's logarithm, or the scheduled one's present value. */
export function temperatureInputs({ match: { temperature } }: TwoTowerSpec): Program['inputs'] {
  if (temperature.kind === 'fixed') return []
  return [{ name: temperature.kind === 'learned' ? LOG_TEMPERATURE : TEMPERATURE, shape: [] as Dimension[] }]
}

/** Input of a scheduled temperature. */
export const TEMPERATURE = 'temperature'

/** What the loss reads beside vectors. */
export function lossInputs({ batch, blocks, pooled }: CandidatePlan, dim: number): Program['inputs'] {
  return [
    { name: 'bias', shape: [batch] },
    { name: 'weight', shape: [batch] },
    { name: 'inverse_count', shape: [batch] },
    ...(pooled ? [{ name: 'group', shape: [batch] }] : []),
    ...blocks.flatMap(({ name, kind, count, from }) => [
      ...(from === null ? [{ name: `vectors:${name}`, shape: [count, dim] }] : []),
      { name: `bias:${name}`, shape: kind === 'shared' ? [count] : [batch, count] },
      { name: `masked:${name}`, shape: [`pairs_${name}`, 2], dtype: 'int32' as const },
      { name: `mask_value:${name}`, shape: [`pairs_${name}`] },
    ]),
  ]
}

/** The loss of a batch from its vectors: users [batch × d] and item rows as the plan lays them out. */
export function batchLoss(
  spec: TwoTowerSpec,
  match: Match,
  plan: CandidatePlan,
  users: Tensor2D,
  items: Tensor2D,
  inputs: Tensors,
): Tensor {
  return lossOf(spec.loss, match, {
    users,
    positives: rowsOf(items, 0, plan.batch),
    temperature: temperatureOf(spec, inputs),
    positiveBias: inputs['bias'] as Tensor1D,
    candidates: plan.blocks.map((block) => candidatesOf(block, plan, items, inputs)),
    weight: inputs['weight'] as Tensor1D,
    inverseCount: inputs['inverse_count'] as Tensor1D,
    group: plan.pooled ? (inputs['group'] as Tensor1D) : null,
  })
}

function candidatesOf({ name, kind, from, count, hardest }: Block, { batch }: CandidatePlan, items: Tensor2D, inputs: Tensors): Candidates {
  return {
    kind,
    vectors: from === null ? (inputs[`vectors:${name}`] as Tensor2D) : rowsOf(items, from, kind === 'shared' ? count : batch * count),
    bias: inputs[`bias:${name}`]!,
    masked: inputs[`masked:${name}`] as Tensor2D,
    maskValue: inputs[`mask_value:${name}`] as Tensor1D,
    hardest,
  }
}

function rowsOf(x: Tensor2D, from: number, count: number): Tensor2D {
  return from === 0 && count === x.shape[0] ? x : tf.slice2d(x, [from, 0], [count, x.shape[1]])
}

/** Fixed, fed, or e^log_temperature kept above its minimum. */
function temperatureOf({ match: { temperature } }: TwoTowerSpec, inputs: Tensors): number | Tensor {
  if (temperature.kind === 'fixed') return temperature.value
  if (temperature.kind === 'scheduled') return inputs[TEMPERATURE]!
  return tf.maximum(tf.exp(inputs[LOG_TEMPERATURE]!), temperature.minimum)
}
