/**
 * A step whose batch does not fit the towers at once (Gao et al. 2021, GradCache): vectors first, a few rows at a time; the loss and its
 * gradient over all vectors; then the towers again, a few rows at a time, with those gradients. Costs a second forward pass; gives the
 * gradients of the plain step.
 */
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { compile, type Executable, type ExecutorName } from '../../compute/executor.ts'
import type { Feeds, Fetches } from '../../compute/session.ts'
import { type Tensor, type Tensor2D, tf } from '../../compute/tf.ts'
import type { Program, Tensors } from '../../compute/program.ts'
import { type Tower, towerInputs } from '../../towers/build.ts'
import { type LoadedModule, matchOf } from '../../towers/match.ts'
import { LOG_TEMPERATURE, type TwoTower } from '../../towers/model.ts'
import { candidatePlan, type StepShape } from '../candidates/plan.ts'
import { batchLoss, GRADIENT, ITEM_VECTORS, lossInputs, temperatureInputs } from './program.ts'

export interface CacheOptions {
  readonly threads: number
  readonly executor?: ExecutorName
  readonly loaded: LoadedModule | null
  /** rows of a tower at a time */
  readonly rows: number
}

/** The same feeds and fetches as the step's program. */
export async function cachedStep(model: TwoTower, spec: TwoTowerSpec, shape: StepShape, options: CacheOptions): Promise<Executable> {
  const plan = candidatePlan(spec, shape)
  const counts = { user: plan.batch, item: plan.itemRows }
  const loss = await compile(lossProgram(spec, shape, model.dim, options.loaded), options)
  const towers: { tower: Tower; count: number; rows: number; forward: Executable; backward: Executable }[] = []
  for (const tower of [model.user, model.item]) {
    const count = counts[tower.side]
    const rows = Math.min(options.rows, count)
    const forward = await compile(forwardProgram(tower, rows), options)
    towers.push({ tower, count, rows, forward, backward: await compile(backwardProgram(tower, rows), options) })
  }
  return {
    async run(feeds) {
      const vectors: Record<string, Float32Array> = {}
      for (const { tower, count, rows, forward } of towers) {
        const all = new Float32Array(count * tower.dim)
        for (const { from } of stretches(count, rows)) {
          all.set((await forward.run(slices(tower, feeds, count, from, rows)))['vectors']!, from * tower.dim)
        }
        vectors[`vectors:${tower.side}`] = all
      }
      const result = await loss.run({ ...feeds, ...vectors })
      const fetches: Fetches = { loss: result['loss']! }
      if (LOG_TEMPERATURE in feeds) fetches[GRADIENT + LOG_TEMPERATURE] = result[GRADIENT + LOG_TEMPERATURE]!
      fetches[ITEM_VECTORS] = vectors['vectors:item']!.subarray(0, plan.batch * model.dim)
      for (const { tower, count, rows, backward } of towers) {
        for (const { from, done } of stretches(count, rows)) {
          const pull = result[`${GRADIENT}vectors:${tower.side}`]!.slice(from * tower.dim, (from + rows) * tower.dim).fill(
            0,
            0,
            done * tower.dim,
          )
          collect(tower, fetches, await backward.run({ ...slices(tower, feeds, count, from, rows), pull }), { from, done, rows, count })
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
function slices(tower: Tower, feeds: Feeds, count: number, from: number, rows: number): Record<string, Feeds[string]> {
  return Object.fromEntries(
    towerInputs(tower, 'rows', true).map(({ name, shape }) => {
      const feed = feeds[name]!
      const width = feed.length / count
      return [name, shape[0] === 'rows' ? feed.subarray(from * width, (from + rows) * width) : feed]
    }),
  )
}

/** Gradients of ports take their rows, those of weights add up. */
function collect(
  tower: Tower,
  fetches: Fetches,
  part: Fetches,
  { from, done, rows, count }: Stretch & { rows: number; count: number },
): void {
  for (const { name, table } of tower.ports) {
    if (table === null) continue
    const gradient = part[GRADIENT + name]!
    const width = gradient.length / rows
    const whole = (fetches[GRADIENT + name] ??= new Float32Array(count * width))
    whole.set(gradient.subarray(done * width), (from + done) * width)
  }
  for (const { name } of tower.weights) {
    const gradient = part[GRADIENT + name]!
    const sum = fetches[GRADIENT + name]
    if (sum === undefined) fetches[GRADIENT + name] = gradient.slice()
    else for (let i = 0; i < sum.length; i++) sum[i]! += gradient[i]!
  }
}

function forwardProgram(tower: Tower, rows: number): Program {
  return { inputs: towerInputs(tower, rows, true), run: (inputs) => ({ vectors: tower.forward(inputs) }) }
}

/** Gradients of Σ pull·vectors: pull is dL/d vectors. */
function backwardProgram(tower: Tower, rows: number): Program {
  const trained = [...tower.ports.filter(({ table }) => table !== null), ...tower.weights].map(({ name }) => name)
  return {
    inputs: [...towerInputs(tower, rows, true), { name: 'pull', shape: [rows, tower.dim] }],
    run(inputs) {
      const { grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
        const replaced: Tensors = { ...inputs, ...Object.fromEntries(trained.map((name, i) => [name, tensors[i]!])) }
        return tf.sum(tf.mul(tower.forward(replaced), inputs['pull']!))
      })(trained.map((name) => inputs[name]!))
      return Object.fromEntries(trained.map((name, i) => [GRADIENT + name, grads[i]!]))
    },
  }
}

/** The loss over vectors that are there: its gradient of both sides and of the learned temperature. */
function lossProgram(spec: TwoTowerSpec, shape: StepShape, dim: number, loaded: LoadedModule | null): Program {
  const plan = candidatePlan(spec, shape)
  const match = matchOf(spec.match, loaded)
  const vectors = [
    { name: 'vectors:user', shape: [plan.batch, dim] },
    { name: 'vectors:item', shape: [plan.itemRows, dim] },
  ]
  const learned = spec.match.temperature.kind === 'learned' ? [LOG_TEMPERATURE] : []
  const trained = [...vectors.map(({ name }) => name), ...learned]
  return {
    inputs: [...vectors, ...temperatureInputs(spec), ...lossInputs(plan, dim)],
    run(inputs) {
      const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
        const replaced: Tensors = { ...inputs, ...Object.fromEntries(trained.map((name, i) => [name, tensors[i]!])) }
        return batchLoss(spec, match, plan, replaced['vectors:user'] as Tensor2D, replaced['vectors:item'] as Tensor2D, replaced)
      })(trained.map((name) => inputs[name]!))
      return { loss: value, ...Object.fromEntries(trained.map((name, i) => [GRADIENT + name, grads[i]!])) }
    },
  }
}
