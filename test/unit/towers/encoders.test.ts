/** History encoders: on ONNX Runtime against tfjs-cpu, against finite differences and against plain loops; padding, emptiness, order. */
import { describe, expect, test } from 'vitest'
import { featureSchemas, type SequenceInput } from '../../../main/contract/shapes/features.ts'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import type { Feeds } from '../../../main/engine/compute/graph-session.ts'
import { type Port, port, withGradients } from '../../../main/engine/compute/port.ts'
import { type Tensor, tf } from '../../../main/engine/compute/tf.ts'
import type { Program } from '../../../main/engine/compute/program.ts'
import { AGE_CODES } from '../../../main/engine/features/history-rows.ts'
import { nearestInterest } from '../../../main/engine/towers/nearest-interest.ts'
import { type HistoryPort, portsOf } from '../../../main/engine/towers/tower-ports.ts'
import { sequencePort } from '../../../main/engine/towers/sequences.ts'
import { finiteDifferences, numbers, relativeError } from '../../helpers/numbers.ts'

const [ROWS, LENGTH, DIM] = [4, 5, 6]
/** how many items each row has: one is empty, one is full */
const LENGTHS = [3, 0, 5, 1]

const ENCODERS: Record<string, { encoder: object; inputs?: SequenceInput[] }> = {
  'mean with inputs': { encoder: { kind: 'mean' }, inputs: ['position', 'age', 'event'] },
  recency: { encoder: { kind: 'recency', halfLife: 2 } },
  attention: { encoder: { kind: 'attention', hidden: 3 } },
  'short-long': { encoder: { kind: 'short-long', short: 2, hidden: 3 } },
  interests: { encoder: { kind: 'interests', count: 3, hidden: 4 } },
  gru: { encoder: { kind: 'gru', hidden: 4 } },
  'self-attention': { encoder: { kind: 'self-attention', layers: 2, heads: 2 }, inputs: ['position'] },
  'self-attention with age and event': { encoder: { kind: 'self-attention', layers: 1, heads: 3 }, inputs: ['age', 'event'] },
}

function portOf({ encoder, inputs = [] }: { encoder: object; inputs?: SequenceInput[] }): HistoryPort {
  const { encoder: spec } = featureSchemas.history.parse({ kind: 'history', dim: DIM, encoder })
  const bag = { feature: 'history', table: 'user.history', kind: 'history' as const, eventCodes: null, maxLength: LENGTH, dim: DIM }
  return sequencePort('user', bag, { encoder: spec, inputs, length: LENGTH, events: 2 })
}

/** The encoded vectors, a loss that weighs each of their numbers differently, and the gradient of the rows and of every weight. */
function programOf(given: { encoder: object; inputs?: SequenceInput[] }): Program & { readonly trained: readonly string[] } {
  const history = portOf(given)
  const trained: readonly Port[] = [history.values, ...history.weights]
  const encoded = port('encoded', ['rows', 'width'])
  return {
    trained: trained.map(({ name }) => name),
    inputs: [...portsOf(history), ...history.weights].map((each) => each.declare({ rows: ROWS })),
    run(inputs) {
      const { value, gradients } = withGradients(trained, inputs, (replaced) => {
        const flat = tf.reshape(history.encode(replaced), [-1])
        return tf.sum(tf.mul(flat, tf.tensor1d(Float32Array.from({ length: flat.size }, (_, i) => Math.sin(1 + i)))))
      })
      return { ...encoded.write(history.encode(inputs)), loss: value, ...gradients }
    },
  }
}

/** Seeded feeds; padding holds zeros, as the trainer lays it out. */
function feedsOf(program: Program, seed: number): Record<string, Feeds[string]> {
  return Object.fromEntries(
    program.inputs.map(({ name, shape, dtype }, i): [string, Feeds[string]] => {
      const size = (shape as number[]).reduce((a, b) => a * b, 1)
      if (name.endsWith('.mask'))
        return [name, Float32Array.from({ length: size }, (_, k) => Number(k % LENGTH < LENGTHS[Math.floor(k / LENGTH)]!))]
      if (dtype === 'int32')
        return [name, Int32Array.from({ length: size }, (_, k) => (k * 7 + seed) % (name.endsWith('.ages') ? AGE_CODES : 3))]
      const values = numbers(size, seed + i)
      if (shape.length === 3) {
        for (const [row, length] of LENGTHS.entries()) values.fill(0, (row * LENGTH + length) * DIM, (row + 1) * LENGTH * DIM)
      }
      return [name, values]
    }),
  )
}

const SEQUENCE = 'user.sequence.history'

describe.each(Object.entries(ENCODERS))('%s', (name, given) => {
  const program = programOf(given)

  test('traced and eager agree in the vectors and every gradient, which are finite differences', async () => {
    const feeds = feedsOf(program, 5)
    const traced = await compileProgram(program, { threads: 1 })
    const [actual, expected] = [await traced.run(feeds), await (await compileProgram(program, { executor: 'tfjs-cpu' })).run(feeds)]
    const floor = 0.01 * Math.max(...Object.values(expected).map((values) => Math.max(...values.map(Math.abs))))
    for (const output of Object.keys(expected)) expect(relativeError(actual[output]!, expected[output]!, floor), output).toBeLessThan(1e-5)
    for (const input of program.trained) {
      const lossAt = async (x: Float32Array): Promise<number> => (await traced.run({ ...feeds, [input]: x }))['loss']![0]!
      const differences = await finiteDifferences(lossAt, feeds[input] as Float32Array, 4e-3)
      if (input === SEQUENCE)
        for (const [row, length] of LENGTHS.entries()) differences.fill(0, (row * LENGTH + length) * DIM, (row + 1) * LENGTH * DIM)
      const gradient = actual[`gradient:${input}`]!.slice()
      if (input === SEQUENCE)
        for (const [row, length] of LENGTHS.entries()) gradient.fill(0, (row * LENGTH + length) * DIM, (row + 1) * LENGTH * DIM)
      expect(relativeError(gradient, differences, 0.1), input).toBeLessThan(0.03)
    }
    await traced.dispose()
  })

  test('padding says nothing, and an empty history gives zeros', async () => {
    const feeds = feedsOf(program, 9)
    const run = await compileProgram(program, { threads: 1 })
    const { encoded } = await run.run(feeds)
    const noisy = (feeds[SEQUENCE] as Float32Array).slice()
    for (const [row, length] of LENGTHS.entries()) {
      for (let i = (row * LENGTH + length) * DIM; i < (row + 1) * LENGTH * DIM; i++) noisy[i] = 3
    }
    const { encoded: same } = await run.run({ ...feeds, [SEQUENCE]: noisy })
    expect(relativeError(same!, encoded!, 0.01)).toBeLessThan(1e-6)
    const width = encoded!.length / ROWS
    expect([...encoded!.subarray(width, 2 * width)].every((x) => x === 0)).toBe(true)
    expect(encoded!.subarray(0, width).some((x) => x !== 0)).toBe(true)
    await run.dispose()
  })

  test('reads the order of the items, or does not, as it says', async () => {
    const feeds = feedsOf(program, 13)
    const run = await compileProgram(program, { threads: 1 })
    const { encoded } = await run.run(feeds)
    const swapped = (feeds[SEQUENCE] as Float32Array).slice()
    // the first and the last item of the full row, and with them their ages and events
    const [a, b] = [2 * LENGTH, 2 * LENGTH + LENGTH - 1]
    swapped.copyWithin(a * DIM, b * DIM, (b + 1) * DIM)
    swapped.set((feeds[SEQUENCE] as Float32Array).subarray(a * DIM, (a + 1) * DIM), b * DIM)
    const codes = Object.fromEntries(
      Object.entries(feeds).flatMap(([port, values]) => {
        if (!(values instanceof Int32Array)) return []
        const exchanged = values.slice()
        ;[exchanged[a], exchanged[b]] = [values[b]!, values[a]!]
        return [[port, exchanged]]
      }),
    )
    const { encoded: other } = await run.run({ ...feeds, [SEQUENCE]: swapped, ...codes })
    // a mean adds the places up whatever stands in them
    const ordered = !['mean with inputs', 'attention', 'interests'].includes(name)
    const change = relativeError(other!, encoded!, 0.01)
    if (ordered) expect(change).toBeGreaterThan(0.01)
    else expect(change).toBeLessThan(1e-5)
    await run.dispose()
  })
})

describe('plain loops', () => {
  const at = (values: Feeds[string], ...index: number[]): number => {
    const [i, j = 0, k = 0, n = 1, m = 1] = index
    return values[(i! * n + j) * m + k]!
  }

  test('the GRU is the recurrence, oldest item first', async () => {
    const program = programOf(ENCODERS['gru']!)
    const feeds = feedsOf(program, 21)
    const run = await compileProgram(program, { executor: 'tfjs-cpu' })
    const { encoded } = await run.run(feeds)
    const [x, wx, wh] = [feeds[SEQUENCE]!, feeds[`${SEQUENCE}.input`]!, feeds[`${SEQUENCE}.state`]!]
    const bias = feeds[`${SEQUENCE}.bias`]!
    const h = 4
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v))
    for (const [row, length] of LENGTHS.entries()) {
      let state = new Array<number>(h).fill(0)
      for (let i = length - 1; i >= 0; i--) {
        const fromItem = (gate: number, u: number): number => {
          let sum = bias[gate * h + u]!
          for (let k = 0; k < DIM; k++) sum += at(x, row, i, k, LENGTH, DIM) * wx[k * 3 * h + gate * h + u]!
          return sum
        }
        const before = state
        const fromState = (gate: number, u: number): number => before.reduce((sum, s, k) => sum + s * wh[k * 3 * h + gate * h + u]!, 0)
        state = before.map((s, u) => {
          const z = sigmoid(fromItem(0, u) + fromState(0, u))
          const r = sigmoid(fromItem(1, u) + fromState(1, u))
          return z * s + (1 - z) * Math.tanh(fromItem(2, u) + r * fromState(2, u))
        })
      }
      expect(relativeError(encoded!.subarray(row * h, (row + 1) * h), Float32Array.from(state), 0.01)).toBeLessThan(1e-5)
    }
  })

  test('each interest is a softmax of its own over the items', async () => {
    const program = programOf(ENCODERS['interests']!)
    const feeds = feedsOf(program, 22)
    const { encoded } = await (await compileProgram(program, { executor: 'tfjs-cpu' })).run(feeds)
    const [x, w, b, q] = [SEQUENCE, `${SEQUENCE}.kernel`, `${SEQUENCE}.bias`, `${SEQUENCE}.query`].map((name) => feeds[name]!)
    const [hidden, count] = [4, 3]
    for (const [row, length] of LENGTHS.entries()) {
      for (let interest = 0; interest < count; interest++) {
        const scores = Array.from({ length }, (_, i) => {
          let score = 0
          for (let u = 0; u < hidden; u++) {
            let sum = b![u]!
            for (let k = 0; k < DIM; k++) sum += at(x!, row, i, k, LENGTH, DIM) * w![k * hidden + u]!
            score += Math.tanh(sum) * q![u * count + interest]!
          }
          return Math.exp(score)
        })
        const total = scores.reduce((a, c) => a + c, 0)
        const expected = Float32Array.from({ length: DIM }, (_, k) =>
          scores.reduce((sum, score, i) => sum + (score / total) * at(x!, row, i, k, LENGTH, DIM), 0),
        )
        const from = (row * count + interest) * DIM
        expect(relativeError(encoded!.subarray(from, from + DIM), expected, 0.01)).toBeLessThan(1e-5)
      }
    }
  })

  test('the interest nearest to the positive is the one that is trained', async () => {
    const program: Program = {
      inputs: [
        { name: 'users', shape: [6, 2] },
        { name: 'positives', shape: [2, 2] },
      ],
      run({ users, positives }) {
        const { value, grads } = tf.valueAndGrads((u: Tensor, v: Tensor) => tf.sum(nearestInterest(u as tf.Tensor2D, v as tf.Tensor2D)))([
          users!,
          positives!,
        ])
        return { chosen: nearestInterest(users as tf.Tensor2D, positives as tf.Tensor2D), loss: value, gradient: grads[0]! }
      },
    }
    const feeds = { users: Float32Array.of(1, 0, 0, 1, -1, 0, 5, 5, 2, 9, 0, 0), positives: Float32Array.of(0, 2, 1, -1) }
    for (const executor of ['tfjs-cpu', 'onnxruntime'] as const) {
      const run = await compileProgram(program, { executor, threads: 1 })
      const { chosen, gradient } = await run.run(feeds)
      // row 0: (0, 1) gives 2; row 1: (5, 5) and (0, 0) both give 0 and share
      expect([...chosen!]).toEqual([0, 1, 2.5, 2.5])
      expect([...gradient!]).toEqual([0, 0, 1, 1, 0, 0, 0.5, 0.5, 0, 0, 0.5, 0.5])
      await run.dispose()
    }
  })
})
