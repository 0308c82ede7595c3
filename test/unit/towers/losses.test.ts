/** Losses against finite differences, against tfjs-cpu, and against the textbook formula written out in plain loops. */
import { describe, expect, test } from 'vitest'
import { compile } from '../../../main/engine/compute/executor.ts'
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../../main/engine/compute/tf.ts'
import type { Program } from '../../../main/engine/compute/trace.ts'
import { losses, MASKED } from '../../../main/engine/towers/losses.ts'
import { finiteDifferences, numbers, relativeError } from '../../helpers/numbers.ts'

const [B, N, D] = [5, 7, 4]
type Kind = keyof typeof losses
const TRAINED = ['users', 'positives', 'negatives'] as const

function program(kind: Kind): Program {
  return {
    inputs: [
      { name: 'users', shape: [B, D] },
      { name: 'positives', shape: [B, D] },
      { name: 'negatives', shape: [N, D] },
      { name: 'positiveBias', shape: [B] },
      { name: 'negativeBias', shape: [N] },
      { name: 'weight', shape: [B] },
      { name: 'masked', shape: ['pairs', 2], dtype: 'int32' },
      { name: 'maskValue', shape: ['pairs'] },
    ],
    run(inputs) {
      const { value, grads } = tf.valueAndGrads((users: Tensor, positives: Tensor, negatives: Tensor) =>
        tf.add(
          losses[kind]({
            users: users as Tensor2D,
            positives: positives as Tensor2D,
            negatives: negatives as Tensor2D,
            positiveBias: inputs['positiveBias'] as Tensor1D,
            negativeBias: inputs['negativeBias'] as Tensor1D,
            weight: inputs['weight'] as Tensor1D,
            masked: inputs['masked'] as Tensor2D,
            maskValue: inputs['maskValue'] as Tensor1D,
          }),
          tf.mul(tf.sum(negatives), 0),
        ),
      )(TRAINED.map((name) => inputs[name]!))
      return { loss: value, d_users: grads[0]!, d_positives: grads[1]!, d_negatives: grads[2]! }
    },
  }
}

/** Pairs (row, candidate) that are no negatives; for in-batch losses the diagonal must stay. */
const PAIRS = [
  [0, 3],
  [2, 4],
  [2, 0],
]
const feeds = (pairs: number[][]) => ({
  users: numbers(B * D, 1, 2),
  positives: numbers(B * D, 2),
  negatives: numbers(N * D, 3),
  positiveBias: numbers(B, 4),
  negativeBias: numbers(N, 5),
  weight: Float32Array.of(0.1, 0.3, 0.2, 0.25, 0.15),
  masked: Int32Array.from(pairs.flat()),
  maskValue: new Float32Array(pairs.length).fill(MASKED),
})

/** Σ weight·(log Σ e^s − s⁺) in float64, candidate by candidate. */
function textbook(kind: Kind, x: ReturnType<typeof feeds>): number {
  const dot = (a: Float32Array, i: number, b: Float32Array, j: number): number => {
    let sum = 0
    for (let k = 0; k < D; k++) sum += a[i * D + k]! * b[j * D + k]!
    return sum
  }
  const isMasked = (row: number, column: number): boolean => {
    for (let p = 0; p < x.masked.length; p += 2) if (x.masked[p] === row && x.masked[p + 1] === column) return true
    return false
  }
  let loss = 0
  for (let row = 0; row < B; row++) {
    const positive = dot(x.users, row, x.positives, row) + x.positiveBias[row]!
    const inBatch = kind === 'in-batch-softmax'
    const [items, bias, count] = inBatch ? [x.positives, x.positiveBias, B] : [x.negatives, x.negativeBias, N]
    const logits = inBatch ? [] : [positive]
    for (let j = 0; j < count; j++) if (!isMasked(row, j)) logits.push(dot(x.users, row, items, j) + bias[j]!)
    const top = Math.max(...logits)
    loss += x.weight[row]! * (top + Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0)) - positive)
  }
  return loss
}

describe.each(Object.keys(losses) as Kind[])('%s', (kind) => {
  test.each([
    ['with masked pairs', PAIRS],
    ['without', []],
  ])('traced, eager and textbook agree %s', async (_, pairs) => {
    const x = feeds(pairs)
    const traced = await compile(program(kind), { threads: 1 })
    const [actual, eager] = [await traced.run(x), await (await compile(program(kind), { executor: 'tfjs-cpu' })).run(x)]
    await traced.dispose()
    expect(actual['loss']![0]).toBeCloseTo(textbook(kind, x), 5)
    for (const name of ['loss', ...TRAINED.map((input) => `d_${input}`)]) expect(relativeError(actual[name]!, eager[name]!), name).toBeLessThan(1e-5)
  })

  test('gradients are the finite differences of the textbook loss', async () => {
    const x = feeds(PAIRS)
    const traced = await compile(program(kind), { threads: 1 })
    const gradients = await traced.run(x)
    await traced.dispose()
    for (const name of TRAINED) {
      const expected = await finiteDifferences((values) => Promise.resolve(textbook(kind, { ...x, [name]: values })), x[name], 1e-3)
      expect(relativeError(gradients[`d_${name}`]!, expected), name).toBeLessThan(1e-4)
    }
  })

  test('large logits stay finite', async () => {
    const x = { ...feeds(PAIRS), users: numbers(B * D, 1, 400) }
    const traced = await compile(program(kind), { threads: 1 })
    const result = await traced.run(x)
    await traced.dispose()
    for (const name of ['loss', ...TRAINED.map((input) => `d_${input}`)]) expect(result[name]!.every(Number.isFinite), name).toBe(true)
    expect(result['loss']![0]! / textbook(kind, x)).toBeCloseTo(1, 4)
  })
})
