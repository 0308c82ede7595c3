/**
 * One training step as a program: forward through both towers, the loss, and the gradient of everything trained. The item side's
 * rows are the batch's positives followed by its negatives, so one pass of the item tower serves all.
 */
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { mergeByName, port, type Port, withGradients } from '../../compute/port.ts'
import type { Program, Tensors } from '../../compute/program.ts'
import { type Tensor, type Tensor2D, tf } from '../../compute/tf.ts'
import { towerInputs, trainedPorts } from '../../towers/build.ts'
import { type Candidates, lossOf, type LossTerms } from '../../towers/candidates.ts'
import { l2Normalise, withoutGradient } from '../../towers/layers.ts'
import { type LoadedModule, type Match, matchOf } from '../../towers/match.ts'
import { augmentedVectorLoss } from '../../towers/augment.ts'
import { nearestInterest } from '../../towers/nearest-interest.ts'
import { LOG_TEMPERATURE, type TwoTower } from '../../towers/two-tower.ts'
import { type Block, type CandidatePlan, candidatePlan, type StepShape } from '../candidates/plan.ts'
import { type BlockPorts, lossInputs, lossPorts, type LossPorts, type RowPorts } from '../candidates/ports.ts'

/** Output: the loss of the batch. */
export const LOSS = port('loss', [])
/** Output of the positives' vectors, where a memory keeps them. */
export const ITEM_VECTORS = port('item_vectors', ['batch', 'dim'])
/** Input of a scheduled temperature. */
export const TEMPERATURE = port('temperature', [])

/** The inputs that get a gradient: pooled embeddings of every bag and every dense weight. */
export function trainedInputs({ user, item, weights }: TwoTower): Port[] {
  return [...trainedPorts(user).tables, ...trainedPorts(item).tables, ...weights]
}

/**
 * Outputs: {@link LOSS}, a gradient of each of {@link trainedInputs}, and {@link ITEM_VECTORS} where a memory keeps them.
 * @param windows as of towerInputs
 */
export function stepProgram(
  model: TwoTower,
  spec: TwoTowerSpec,
  shape: StepShape,
  loaded: LoadedModule | null = null,
  windows: number | null = null,
): Program {
  const plan = candidatePlan(spec, shape)
  const ports = lossPorts(plan, model.dim)
  const match = matchOf(spec.match, loaded)
  return {
    inputs: [
      ...towerInputs(model.user, plan.batch, true, windows),
      ...towerInputs(model.item, plan.itemRows, true),
      ...temperatureInputs(spec),
      ...lossInputs(ports),
    ],
    run(inputs): Tensors {
      let vectors: Tensor2D | null = null
      const { value, gradients } = withGradients(trainedInputs(model), inputs, (replaced) => {
        const items = model.item.forward(replaced)
        vectors = tf.keep(items)
        const positives = rowsOf(items, 0, plan.batch)
        const users = nearestInterest(model.user.forward(replaced), positives)
        const mimicked = augmentedVectorLoss(spec, { users, positives, weight: ports.rows.weight.read(replaced), inputs: replaced })
        const lost = batchLoss({ spec, match, plan, ports }, users, items, replaced)
        return mimicked === null ? lost : tf.add(lost, mimicked)
      })
      const kept = plan.memory > 0 ? ITEM_VECTORS.write(tf.slice2d(vectors!, [0, 0], [plan.batch, model.dim])) : {}
      tf.dispose(vectors!)
      return mergeByName([LOSS.write(value), gradients, kept])
    },
  }
}

/** The learned temperature's logarithm, or the scheduled one's present value. */
export function temperatureInputs({ match: { temperature } }: TwoTowerSpec): Program['inputs'] {
  if (temperature.kind === 'fixed') return []
  return [(temperature.kind === 'learned' ? LOG_TEMPERATURE : TEMPERATURE).declare()]
}

/** What a batch's loss is made by. */
export interface BatchLoss {
  readonly spec: TwoTowerSpec
  readonly match: Match
  readonly plan: CandidatePlan
  /** of the plan */
  readonly ports: LossPorts
}

/**
 * The loss of a batch from its vectors; with `training.matryoshka` the sum of it and of the losses of their first numbers alone, which a cosine
 * compares at length 1 (Kusupati et al. 2022, Matryoshka Representation Learning, eq. 1 with all weights 1).
 */
export function batchLoss(loss: BatchLoss, users: Tensor2D, items: Tensor2D, inputs: Tensors): Tensor {
  const { match, training } = loss.spec
  const whole = lossAtWidth(loss, users, items, (memory) => memory, inputs)
  return training.matryoshka.reduce((sum, width) => {
    const first = (x: Tensor2D): Tensor2D => {
      const prefix = tf.slice2d(x, [0, 0], [x.shape[0], width])
      return match.kind === 'cosine' ? l2Normalise(prefix) : prefix
    }
    return tf.add(sum, lossAtWidth(loss, first(users), first(items), first, inputs))
  }, whole)
}

/**
 * The loss of a batch from its vectors of one width: users [batch × d] and item rows as the plan lays them out; plus the same loss over a memory
 * (Wang et al. 2020, XBM, whose loss over the memory is a term of its own). The memory's term trains the users alone: its vectors are
 * constants, so that nothing would push back what pulls a positive to its user, and all items would drift to all users. In one softmax
 * with the batch a memory of one batch's size halves recall on the sample market.
 */
function lossAtWidth(
  { spec, match, plan, ports }: BatchLoss,
  users: Tensor2D,
  items: Tensor2D,
  atWidth: (memory: Tensor2D) => Tensor2D,
  inputs: Tensors,
): Tensor {
  const positives = rowsOf(items, 0, plan.batch)
  const term = (rows: RowPorts, of: Pick<LossTerms, 'positives' | 'candidates'>): Tensor =>
    lossOf(spec.loss, match, {
      ...of,
      users,
      temperature: temperatureOf(spec, inputs),
      positiveBias: rows.positiveBias.read(inputs),
      weight: rows.weight.read(inputs),
      inverseCount: rows.inverseCount.read(inputs),
      mates: ports.mates?.read(inputs) ?? null,
    })
  const candidates = plan.blocks.map((block, i) => ({
    ...correctionOf(ports.blocks[i]!, inputs),
    ...vectorsOf(block, plan, items),
  }))
  const batch = term(ports.rows, { positives, candidates })
  if (ports.memory === null) return batch
  const { vectors, rows, block } = ports.memory
  const memory = { ...correctionOf(block, inputs), kind: 'shared' as const, vectors: atWidth(vectors.read(inputs)), hardest: null }
  return tf.add(batch, term(rows, { positives: withoutGradient(positives), candidates: [memory] }))
}

function vectorsOf(
  { kind, from, count, hardest }: Block,
  { batch }: CandidatePlan,
  items: Tensor2D,
): Pick<Candidates, 'kind' | 'vectors' | 'hardest'> {
  return { kind, hardest, vectors: rowsOf(items, from, kind === 'shared' ? count : batch * count) }
}

const correctionOf = ({ bias, masked, maskValue }: BlockPorts, inputs: Tensors): Pick<Candidates, 'bias' | 'masked' | 'maskValue'> => ({
  bias: bias.read(inputs),
  masked: masked.read(inputs),
  maskValue: maskValue.read(inputs),
})

function rowsOf(x: Tensor2D, from: number, count: number): Tensor2D {
  return from === 0 && count === x.shape[0] ? x : tf.slice2d(x, [from, 0], [count, x.shape[1]])
}

/** Fixed, fed, or e^log_temperature kept above its minimum. */
function temperatureOf({ match: { temperature } }: TwoTowerSpec, inputs: Tensors): number | Tensor {
  if (temperature.kind === 'fixed') return temperature.value
  if (temperature.kind === 'scheduled') return TEMPERATURE.read(inputs)
  return tf.maximum(tf.exp(LOG_TEMPERATURE.read(inputs)), temperature.minimum)
}
