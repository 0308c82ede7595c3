/**
 * The second stage: a small MLP that scores a user's candidates from cross features, trained so that the held-out ones stand first
 * (softmax over the candidates of a user, mean over users). Traced and run like every model here.
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import { compile } from '../../compute/executor.ts'
import { type Tensor, type Tensor2D, tf } from '../../compute/tf.ts'
import type { Program, Tensors } from '../../compute/program.ts'
import { denseLayer } from '../../towers/layers.ts'
import { createOptimizer } from '../../training/state/optimizer.ts'
import { fillUniform, random, shuffle } from '../../training/random.ts'

/** Lists of `users`, each of `top` candidates. */
export interface RankingLists {
  readonly users: number
  readonly top: number
  readonly width: number
  /** [users × top × width] */
  readonly features: Float32Array
  /** [users × top], 1 at a held-out item */
  readonly labels: Float32Array
  /** [users × top], 1 at a candidate, 0 past the end of a list */
  readonly present: Float32Array
}

export interface RankerOptions {
  readonly hidden: number
  readonly epochs: number
  readonly seed: number
  readonly threads: number
}

export interface Ranker {
  /** scores of `rows` candidates by their features [rows × width] */
  score(features: Float32Array, rows: number): Promise<Float32Array>
  dispose(): Promise<void>
}

const BATCH = 32
const ADAM = { kind: 'adam', learningRate: 0.003, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 1e-4 } as const

/** Trains on the users who have a held-out item among their candidates. The last few of an epoch that do not fill a batch wait for the next. */
export async function* trainRanker(lists: RankingLists, options: RankerOptions): AsyncGenerator<Progress, Ranker> {
  const { width, top } = lists
  const { hidden, epochs, seed, threads } = options
  const scale = standardiser(lists)
  const weights = initialWeights(width, hidden, seed)
  const useful = Int32Array.from({ length: lists.users }, (_, user) => user).filter((user) => {
    for (let i = user * top; i < (user + 1) * top; i++) if (lists.labels[i] === 1) return true
    return false
  })
  const batch = Math.min(BATCH, useful.length)
  if (batch > 0) {
    const step = await compile(stepProgram(width, hidden, batch, top), { threads })
    const optimizer = createOptimizer(ADAM)
    const slots = new Map([...weights].map(([name, values]) => [name, optimizer.createSlots(values.length)]))
    let n = 0
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = useful.slice()
      shuffle(order, random(seed, 'shuffle', epoch))
      for (let from = 0; from + batch <= order.length; from += batch) {
        const feeds = batchOf(lists, scale, order.subarray(from, from + batch))
        const fetched = await step.run({ ...feeds, ...Object.fromEntries(weights) })
        const update = optimizer.step(++n, ADAM.learningRate)
        for (const [name, values] of weights) update(values, slots.get(name)!, 0, fetched[`gradient:${name}`]!, 0, values.length)
      }
      yield { stage: 'train the re-ranker', done: epoch + 1, total: epochs, unit: 'epochs' }
    }
    await step.dispose()
  }
  const program = await compile(scoreProgram(width, hidden), { threads })
  return {
    async score(features, rows) {
      const scaled = features.slice(0, rows * width)
      scale(scaled)
      return (await program.run({ x: scaled, ...Object.fromEntries(weights) }))['scores']!
    },
    dispose: () => program.dispose(),
  }
}

function batchOf({ top, width, features, labels, present }: RankingLists, scale: (x: Float32Array) => void, users: Int32Array) {
  const x = new Float32Array(users.length * top * width)
  const [wanted, there] = [new Float32Array(users.length * top), new Float32Array(users.length * top)]
  for (const [row, user] of users.entries()) {
    x.set(features.subarray(user * top * width, (user + 1) * top * width), row * top * width)
    wanted.set(labels.subarray(user * top, (user + 1) * top), row * top)
    there.set(present.subarray(user * top, (user + 1) * top), row * top)
  }
  scale(x)
  return { x, labels: wanted, present: there }
}

const shapesOf = (width: number, hidden: number): Record<string, number[]> => ({
  kernel: [width, hidden],
  bias: [hidden],
  output: [hidden, 1],
})

function initialWeights(width: number, hidden: number, seed: number): Map<string, Float32Array> {
  return new Map(
    Object.entries(shapesOf(width, hidden)).map(([name, shape], i) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1))
      if (shape.length === 2) fillUniform(values, Math.sqrt(6 / (shape[0]! + shape[1]!)), random(seed, 'init', i))
      return [name, values]
    }),
  )
}

/** [rows × 1] */
function scores(inputs: Tensors): Tensor2D {
  const inner = tf.tanh(denseLayer(inputs['x'] as Tensor2D, inputs['kernel'] as Tensor2D, inputs['bias']!))
  return tf.matMul(inner, inputs['output'] as Tensor2D)
}

function scoreProgram(width: number, hidden: number): Program {
  const weights = Object.entries(shapesOf(width, hidden)).map(([name, shape]) => ({ name, shape }))
  return { inputs: [{ name: 'x', shape: ['rows', width] }, ...weights], run: (inputs) => ({ scores: scores(inputs) }) }
}

/** Mean over users and their held-out candidates of −log softmax over the user's candidates. */
export function stepProgram(width: number, hidden: number, users: number, top: number): Program {
  const shapes = Object.entries(shapesOf(width, hidden))
  const names = shapes.map(([name]) => name)
  return {
    inputs: [
      { name: 'x', shape: [users * top, width] },
      { name: 'labels', shape: [users, top] },
      { name: 'present', shape: [users, top] },
      ...shapes.map(([name, shape]) => ({ name, shape })),
    ],
    run(inputs) {
      const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
        const replaced = { ...inputs, ...Object.fromEntries(names.map((name, i) => [name, tensors[i]!])) }
        const raw = tf.reshape(scores(replaced), [users, top])
        const logits = tf.add(raw, tf.mul(tf.sub(1, inputs['present']!), -1e9))
        const shares = tf.div(inputs['labels']!, tf.sum(inputs['labels']!, 1, true))
        return tf.neg(tf.div(tf.sum(tf.mul(shares, tf.logSoftmax(logits))), users))
      })(names.map((name) => inputs[name]!))
      return { loss: value, ...Object.fromEntries(names.map((name, i) => [`gradient:${name}`, grads[i]!])) }
    },
  }
}

/** Scales features in place to mean 0 and deviation 1 over the candidates that were trained on. */
function standardiser({ features, present, width }: RankingLists): (x: Float32Array) => void {
  const [mean, square] = [new Float64Array(width), new Float64Array(width)]
  let count = 0
  for (let row = 0; row < present.length; row++) {
    if (present[row] === 0) continue
    count++
    for (let k = 0; k < width; k++) {
      mean[k]! += features[row * width + k]!
      square[k]! += features[row * width + k]! ** 2
    }
  }
  const factor = mean.map((sum, k) => {
    mean[k] = sum / Math.max(1, count)
    return 1 / (Math.sqrt(Math.max(0, square[k]! / Math.max(1, count) - mean[k] ** 2)) || 1)
  })
  return (x) => {
    for (let i = 0; i < x.length; i++) x[i] = Math.max(-10, Math.min(10, (x[i]! - mean[i % width]!) * factor[i % width]!))
  }
}
