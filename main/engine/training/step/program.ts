/**
 * One training step as a program: forward through both towers, the loss, and the gradient of everything trained. The item side's
 * rows are the batch's positives followed by its negatives, so one pass of the item tower serves all.
 */
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { Dimension } from '../../compute/graph.ts'
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../compute/tf.ts'
import type { Program, Tensors } from '../../compute/program.ts'
import { towerInputs } from '../../towers/build.ts'
import { type Candidates, lossOf, type LossTerms } from '../../towers/candidates.ts'
import { withoutGradient } from '../../towers/layers.ts'
import { type LoadedModule, type Match, matchOf } from '../../towers/match.ts'
import { mimicLoss } from '../../towers/augment.ts'
import { nearestInterest } from '../../towers/interests.ts'
import { LOG_TEMPERATURE, type TwoTower } from '../../towers/model.ts'
import { type Block, type CandidatePlan, candidatePlan, negativeCount, type StepShape } from '../candidates/plan.ts'

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
      const kept: Tensors = plan.memory > 0 ? { [ITEM_VECTORS]: tf.slice2d(vectors!, [0, 0], [plan.batch, model.dim]) } : {}
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
export function lossInputs({ batch, blocks, memory, pooled }: CandidatePlan, dim: number): Program['inputs'] {
  return [
    ...rowInputs(batch),
    ...(pooled ? [{ name: 'group', shape: [batch] }] : []),
    ...blocks.flatMap(({ name, kind, count }) => blockInputs(name, kind === 'shared' ? [count] : [batch, count])),
    ...(memory === 0 ? [] : [{ name: MEMORY, shape: [memory, dim] }, ...rowInputs(batch, MEMORY), ...blockInputs(MEMORY, [memory])]),
  ]
}

/** Name of the memory's vectors, [memory × dim], and of what belongs to its term of the loss. */
export const MEMORY = 'memory'
/** An input of a row of the batch, of a term of the loss. */
export const rowInput = (name: 'positive_bias' | 'weight' | 'inverse_count', term?: typeof MEMORY): string =>
  term === undefined ? name : `${name}:${term}`

const rowInputs = (batch: number, term?: typeof MEMORY): Program['inputs'] =>
  (['positive_bias', 'weight', 'inverse_count'] as const).map((name) => ({ name: rowInput(name, term), shape: [batch] }))

const blockInputs = (name: string, biasShape: number[]): Program['inputs'] => [
  { name: `bias:${name}`, shape: biasShape },
  { name: `masked:${name}`, shape: [`pairs_${name}`, 2], dtype: 'int32' as const },
  { name: `mask_value:${name}`, shape: [`pairs_${name}`] },
]

/**
 * The loss of a batch from its vectors: users [batch × d] and item rows as the plan lays them out; plus the same loss over a memory
 * (Wang et al. 2020, XBM, whose loss over the memory is a term of its own). The memory's term trains the users alone: its vectors are
 * constants, so that nothing would push back what pulls a positive to its user, and all items would drift to all users. In one softmax
 * with the batch a memory of one batch's size halves recall on the sample market.
 */
export function batchLoss(
  spec: TwoTowerSpec,
  match: Match,
  plan: CandidatePlan,
  users: Tensor2D,
  items: Tensor2D,
  inputs: Tensors,
): Tensor {
  const positives = rowsOf(items, 0, plan.batch)
  const term = (name: typeof MEMORY | undefined, own: Pick<LossTerms, 'positives' | 'candidates'>): Tensor =>
    lossOf(spec.loss, match, {
      ...own,
      users,
      temperature: temperatureOf(spec, inputs),
      positiveBias: inputs[rowInput('positive_bias', name)] as Tensor1D,
      weight: inputs[rowInput('weight', name)] as Tensor1D,
      inverseCount: inputs[rowInput('inverse_count', name)] as Tensor1D,
      group: plan.pooled ? (inputs['group'] as Tensor1D) : null,
    })
  const batch = term(undefined, { positives, candidates: plan.blocks.map((block) => candidatesOf(block, plan, items, inputs)) })
  if (plan.memory === 0) return batch
  const vectors = inputs[MEMORY] as Tensor2D
  const memory = { ...correctionOf(MEMORY, inputs), kind: 'shared' as const, vectors, hardest: null }
  return tf.add(batch, term(MEMORY, { positives: withoutGradient(positives), candidates: [memory] }))
}

function candidatesOf({ name, kind, from, count, hardest }: Block, { batch }: CandidatePlan, items: Tensor2D, inputs: Tensors): Candidates {
  const vectors = rowsOf(items, from, kind === 'shared' ? count : batch * count)
  return { ...correctionOf(name, inputs), kind, vectors, hardest }
}

const correctionOf = (name: string, inputs: Tensors): Pick<Candidates, 'bias' | 'masked' | 'maskValue'> => ({
  bias: inputs[`bias:${name}`]!,
  masked: inputs[`masked:${name}`] as Tensor2D,
  maskValue: inputs[`mask_value:${name}`] as Tensor1D,
})

function rowsOf(x: Tensor2D, from: number, count: number): Tensor2D {
  return from === 0 && count === x.shape[0] ? x : tf.slice2d(x, [from, 0], [count, x.shape[1]])
}

/** Fixed, fed, or e^log_temperature kept above its minimum. */
function temperatureOf({ match: { temperature } }: TwoTowerSpec, inputs: Tensors): number | Tensor {
  if (temperature.kind === 'fixed') return temperature.value
  if (temperature.kind === 'scheduled') return inputs[TEMPERATURE]!
  return tf.maximum(tf.exp(inputs[LOG_TEMPERATURE]!), temperature.minimum)
}
