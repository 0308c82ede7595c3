/**
 * A step whose batch does not fit the towers at once (Gao et al. 2021, GradCache): vectors first, a few rows at a time; the loss and its
 * gradient over all vectors; then the towers again, a few rows at a time, with those gradients. Costs a second forward pass; gives the
 * gradients of the plain step.
 */
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { compileProgram, type Executable, type ExecutorName } from '../../compute/executor.ts'
import { gradientOf, mergeByName, port, type Port, withGradients } from '../../compute/port.ts'
import type { Program } from '../../compute/program.ts'
import type { Feeds, Fetches } from '../../compute/graph-session.ts'
import { tf } from '../../compute/tf.ts'
import type { Side } from '../../dataset/dataset.ts'
import { rowPorts, type Tower, towerInputs, trainedPorts, VECTORS } from '../../towers/build.ts'
import { type LoadedModule, matchOf } from '../../towers/match.ts'
import { LOG_TEMPERATURE, type TwoTower } from '../../towers/two-tower.ts'
import { candidatePlan, type StepShape } from '../candidates/plan.ts'
import { lossInputs, lossPorts } from '../candidates/ports.ts'
import { batchLoss, ITEM_VECTORS, LOSS, temperatureInputs } from './program.ts'

/** All vectors of a side, which enter the loss as inputs of its own program. */
const vectorsOf = (side: Side, rows: number, dim: number): Port<readonly [number, number]> => port(`vectors:${side}`, [rows, dim])

export interface CacheOptions {
  readonly threads: number
  readonly executor?: ExecutorName
  readonly told?: (text: string) => void
  readonly loaded: LoadedModule | null
  /** rows of a tower at a time */
  readonly rows: number
}

/** The same feeds and fetches as the step's program. */
export async function cachedStep(model: TwoTower, spec: TwoTowerSpec, shape: StepShape, options: CacheOptions): Promise<Executable> {
  const plan = candidatePlan(spec, shape)
  const counts = { user: plan.batch, item: plan.itemRows }
  const loss = await compileProgram(lossProgram(spec, shape, model.dim, options.loaded), options)
  const learned = spec.match.temperature.kind === 'learned' ? [gradientOf(LOG_TEMPERATURE)] : []
  const towers: {
    tower: Tower
    vectors: ReturnType<typeof vectorsOf>
    count: number
    rows: number
    forward: Executable
    backward: Executable
  }[] = []
  for (const tower of [model.user, model.item]) {
    const count = counts[tower.side]
    const rows = Math.min(options.rows, count)
    const forward = await compileProgram(forwardProgram(tower, rows), options)
    const backward = await compileProgram(backwardProgram(tower, rows), options)
    towers.push({ tower, vectors: vectorsOf(tower.side, count, tower.dim), count, rows, forward, backward })
  }
  return {
    async run(feeds) {
      const made: Fetches[] = []
      for (const { tower, vectors, count, rows, forward } of towers) {
        const all = new Float32Array(count * tower.dim)
        for (const { from } of stretches(count, rows)) {
          all.set(VECTORS.take(await forward.run(slices(tower, feeds, count, from, rows))), from * tower.dim)
        }
        made.push(vectors.fetched(all))
      }
      const result = await loss.run({ ...feeds, ...mergeByName(made) })
      const items = vectorsOf('item', plan.itemRows, model.dim).take(mergeByName(made))
      const fetches: Fetches = {
        ...mergeByName([LOSS, ...learned].map((each) => each.fetched(each.take(result)))),
        ...ITEM_VECTORS.fetched(items.slice(0, plan.batch * model.dim)),
      }
      for (const { tower, vectors, count, rows, backward } of towers) {
        const gradient = gradientOf(vectors).take(result)
        for (const { from, done } of stretches(count, rows)) {
          const pull = gradient.slice(from * tower.dim, (from + rows) * tower.dim).fill(0, 0, done * tower.dim)
          const part = await backward.run({ ...slices(tower, feeds, count, from, rows), ...pullOf(tower, rows).feed(pull) })
          collect(tower, fetches, part, { from, done, rows, count })
        }
      }
      return fetches
    },
    async dispose() {
      await loss.dispose()
      for (const { forward, backward } of towers) await Promise.all([forward.dispose(), backward.dispose()])
    },
  }
}

/** A stretch of rows: the last one begins early enough to be whole, and its first `done` rows have had their turn. */
interface Stretch {
  readonly from: number
  readonly done: number
}

function stretches(count: number, rows: number): Stretch[] {
  return Array.from({ length: Math.ceil(count / rows) }, (_, i) => {
    const from = Math.min(i * rows, count - rows)
    return { from, done: i * rows - from }
  })
}

/** A tower's inputs of `rows` of `count` rows: what has rows is cut, weights are as they are. */
function slices(tower: Tower, feeds: Feeds, count: number, from: number, rows: number): Feeds {
  const cut = rowPorts(tower, true).map((each) => {
    const all = each.take(feeds)
    const width = all.length / count
    return each.feed(all.subarray(from * width, (from + rows) * width))
  })
  return mergeByName([...cut, ...tower.weights.map((weight) => weight.feed(weight.take(feeds)))])
}

/** Gradients of ports take their rows, those of weights add up. */
function collect(
  tower: Tower,
  fetches: Fetches,
  part: Fetches,
  { from, done, rows, count }: Stretch & { rows: number; count: number },
): void {
  const { tables, weights } = trainedPorts(tower)
  for (const output of tables.map(gradientOf)) {
    const gradient = output.take(part)
    const width = gradient.length / rows
    const whole = output.takeIfThere(fetches) ?? new Float32Array(count * width)
    whole.set(gradient.subarray(done * width), (from + done) * width)
    Object.assign(fetches, output.fetched(whole))
  }
  for (const output of weights.map(gradientOf)) {
    const gradient = output.take(part)
    const sum = output.takeIfThere(fetches)
    if (sum === null) Object.assign(fetches, output.fetched(gradient.slice()))
    else for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]!
  }
}

function forwardProgram(tower: Tower, rows: number): Program {
  return { inputs: towerInputs(tower, rows, true), run: (inputs) => VECTORS.write(tower.forward(inputs)) }
}

/** Input: dL/d vectors of the rows at hand. */
const pullOf = ({ dim }: Tower, rows: number): Port<readonly [number, number]> => port('pull', [rows, dim])

/** Gradients of Σ pull·vectors. */
function backwardProgram(tower: Tower, rows: number): Program {
  const { tables, weights } = trainedPorts(tower)
  const pull = pullOf(tower, rows)
  return {
    inputs: [...towerInputs(tower, rows, true), pull.declare()],
    run: (inputs) =>
      withGradients([...tables, ...weights], inputs, (replaced) => tf.sum(tf.mul(tower.forward(replaced), pull.read(inputs)))).gradients,
  }
}

/** The loss over vectors that are there: its gradient of both sides and of the learned temperature. */
function lossProgram(spec: TwoTowerSpec, shape: StepShape, dim: number, loaded: LoadedModule | null): Program {
  const plan = candidatePlan(spec, shape)
  const ports = lossPorts(plan, dim)
  const match = matchOf(spec.match, loaded)
  const [users, items] = [vectorsOf('user', plan.batch, dim), vectorsOf('item', plan.itemRows, dim)]
  const learned = spec.match.temperature.kind === 'learned' ? [LOG_TEMPERATURE] : []
  return {
    inputs: [users.declare(), items.declare(), ...temperatureInputs(spec), ...lossInputs(ports)],
    run(inputs) {
      const { value, gradients } = withGradients([users, items, ...learned], inputs, (replaced) =>
        batchLoss({ spec, match, plan, ports }, users.read(replaced), items.read(replaced), replaced),
      )
      return mergeByName([LOSS.write(value), gradients])
    },
  }
}
