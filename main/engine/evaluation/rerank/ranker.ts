/**
 * The second stage: a small MLP that scores a user's candidates from cross features, trained so that the held-out ones stand first
 * (softmax over the candidates of a user, mean over users). Traced and run like every model here.
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import { compileProgram } from '../../compute/executor.ts'
import { gradientOf, port, type Port, withGradients } from '../../compute/port.ts'
import type { Program } from '../../compute/program.ts'
import { tf } from '../../compute/tf.ts'
import type { Layer } from '../../towers/layers.ts'
import { Weight } from '../../towers/tower-ports.ts'
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

/**
 * Trains on the users who have a held-out item among their candidates. The last few of an epoch that do not fill a
 * batch wait for the next.
 */
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
    const step = await compileProgram(stepProgram(width, hidden, batch, top), { threads })
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
        for (const weight of ranker(width, hidden).weights) {
          const values = weights.get(weight.name)!
          update(values, slots.get(weight.name)!, 0, gradientOf(weight).take(fetched), 0, values.length)
        }
      }
      yield { stage: 'train the re-ranker', done: epoch + 1, total: epochs, unit: 'epochs' }
    }
    await step.dispose()
  }
  const program = await compileProgram(scoreProgram(width, hidden), { threads })
  return {
    async score(features, rows) {
      const scaled = features.slice(0, rows * width)
      scale(scaled)
      return SCORES.take(await program.run({ x: scaled, ...Object.fromEntries(weights) }))
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

/** The MLP: its weights in the order they are drawn, and raw scores [rows × 1] of features [rows × width]. */
function ranker(width: number, hidden: number): { readonly weights: readonly Weight[]; readonly score: Layer } {
  const kernel = new Weight('kernel', [width, hidden] as const, 'glorot')
  const bias = new Weight('bias', [hidden] as const, 'zeros')
  const output = new Weight('output', [hidden, 1] as const, 'glorot')
  return {
    weights: [kernel, bias, output],
    score: (x, inputs) => tf.matMul(tf.tanh(tf.add(tf.matMul(x, kernel.read(inputs)), bias.read(inputs))), output.read(inputs)),
  }
}

function initialWeights(width: number, hidden: number, seed: number): Map<string, Float32Array> {
  return new Map(
    ranker(width, hidden).weights.map(({ name, shape, init }, i) => {
      const values = new Float32Array(shape.reduce((a, b) => a * b, 1))
      if (init === 'glorot') fillUniform(values, Math.sqrt(6 / (shape[0]! + shape[1]!)), random(seed, 'init', i))
      return [name, values]
    }),
  )
}

const SCORES = port('scores', ['rows', 1])

function scoreProgram(width: number, hidden: number): Program {
  const { weights, score } = ranker(width, hidden)
  const x = port('x', ['rows', width])
  return {
    inputs: [x.declare(), ...weights.map((weight) => weight.declare())],
    run: (inputs) => SCORES.write(score(x.read(inputs), inputs)),
  }
}

/** Mean over users and their held-out candidates of −log softmax over the user's candidates. */
export function stepProgram(width: number, hidden: number, users: number, top: number): Program {
  const { weights, score } = ranker(width, hidden)
  const [x, labels, present] = [port('x', [users * top, width]), port('labels', [users, top]), port('present', [users, top])]
  return {
    inputs: [x, labels, present, ...weights].map((each: Port) => each.declare()),
    run(inputs) {
      const { value, gradients } = withGradients(weights, inputs, (replaced) => {
        const raw = tf.reshape(score(x.read(replaced), replaced), [users, top])
        const logits = tf.add(raw, tf.mul(tf.sub(1, present.read(inputs)), -1e9))
        const wanted = labels.read(inputs)
        const shares = tf.div(wanted, tf.sum(wanted, 1, true))
        return tf.neg(tf.div(tf.sum(tf.mul(shares, tf.logSoftmax(logits))), users))
      })
      return { loss: value, ...gradients }
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
