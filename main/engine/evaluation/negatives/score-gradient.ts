/**
 * The loss of a batch as a function of its scores alone, and its gradient of each score: the training loss itself over a match that hands
 * the scores through, differentiated by the tracer. So what it says of a pair is what training does with that pair.
 */
import type { LossSpec } from '../../../contract/shapes/spec.ts'
import { mergeByName, port, type Port, withGradients } from '../../compute/port.ts'
import type { Program } from '../../compute/program.ts'
import { type Rank, type Tensor2D, type Tensor3D, tf } from '../../compute/tf.ts'
import { lossOf } from '../../towers/candidates.ts'
import type { Match, ScoreFunction } from '../../towers/match.ts'
import type { CandidatePlan } from '../../training/candidates/plan.ts'
import { lossInputs, type LossPorts } from '../../training/candidates/ports.ts'
import { LOSS } from '../../training/step/program.ts'

export interface ScorePorts {
  /** [batch × 1], before temperature and correction */
  readonly positive: Port<readonly [number, number]>
  /** in the order of the plan's blocks, [batch × candidates] */
  readonly blocks: readonly Port<readonly [number, number]>[]
}

export const scorePorts = ({ batch, blocks }: CandidatePlan): ScorePorts => ({
  positive: port('scores:positive', [batch, 1]),
  blocks: blocks.map(({ name, count }) => port(`scores:${name}`, [batch, count])),
})

/** The scores are handed through: they stand where vectors do elsewhere. */
const GIVEN: Match = { kind: 'function', score: { all: (_, scores) => scores, paired: (_, scores) => scores } }

/** Outputs: {@link LOSS}, and of each of `scores` its gradient ({@link gradientOf}). The memory's term is left out. */
export function scoreGradientProgram(loss: LossSpec, plan: CandidatePlan, ports: LossPorts, temperature: number): Program {
  const scores = scorePorts(plan)
  const inputs = [scores.positive, ...scores.blocks]
  const open: LossPorts = { ...ports, memory: null }
  return {
    inputs: [...inputs.map((each) => each.declare()), ...lossInputs(open)],
    run(given) {
      const { rows, mates, blocks } = open
      const { value, gradients } = withGradients(inputs, given, (replaced) => {
        const positives = scores.positive.read(replaced)
        return lossOf(loss, GIVEN, {
          users: positives,
          positives,
          temperature,
          positiveBias: rows.positiveBias.read(replaced),
          weight: rows.weight.read(replaced),
          inverseCount: rows.inverseCount.read(replaced),
          mates: mates?.read(replaced) ?? null,
          candidates: plan.blocks.map(({ kind, hardest }, k) => ({
            kind,
            hardest,
            vectors: scores.blocks[k]!.read(replaced),
            bias: blocks[k]!.bias.read(replaced),
            masked: blocks[k]!.masked.read(replaced),
            maskValue: blocks[k]!.maskValue.read(replaced),
          })),
        })
      })
      return mergeByName([LOSS.write(value), gradients])
    },
  }
}

export const USERS = port('users', ['rows', 'dim'])
export const ITEMS = port('items', ['columns', 'dim'])
export const SCORES = port('scores', ['rows', 'columns'])

/** Scores as the model matches, before the temperature: of all pairs, or of each row with its own n items. */
export function scoreProgram(match: Match, kind: 'shared' | 'rows', sizes: { rows: number; columns: number; dim: number }): Program {
  const score = match.kind === 'function' ? match.score : innerProducts(match)
  return {
    inputs: [USERS.declare(sizes), ITEMS.declare(sizes)],
    run: (inputs) => SCORES.write(score[kind === 'shared' ? 'all' : 'paired'](USERS.read(inputs), ITEMS.read(inputs))),
  }
}

function innerProducts({ users, items }: Extract<Match, { kind: 'inner' }>): ScoreFunction {
  return {
    all: (u, v) => tf.matMul<Tensor2D>(users(u), items(v), false, true),
    paired(u, v) {
      const [wideUsers, wideItems] = [users(u), items(v)]
      const [rows, width] = wideUsers.shape
      const products = tf.matMul<Tensor3D>(tf.reshape(wideItems, [rows, -1, width]), tf.reshape(wideUsers, [rows, width, 1]))
      return tf.reshape<Rank.R2>(products, [rows, -1])
    },
  }
}
