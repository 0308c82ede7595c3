/** A whole training step: traced on ONNX Runtime against tfjs-cpu, and against finite differences, for every switch of a tower. */
import { describe, expect, test } from 'vitest'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { tf } from '../../../main/engine/compute/tf.ts'
import { buildTwoTower } from '../../../main/engine/towers/two-tower.ts'
import { negativeCount } from '../../../main/engine/training/candidates/plan.ts'
import { ITEM_VECTORS, stepProgram, trainedInputs } from '../../../main/engine/training/step/program.ts'
import { randomFeeds, smallEncoders, smallSpec } from '../../helpers/model.ts'
import { finiteDifferences, relativeError } from '../../helpers/numbers.ts'

const GRADIENT = 'gradient:'

const tower = (change: object): object => ({ features: [{ kind: 'id', dim: 4 }], hidden: [6], output: 5, ...change })
const both = (change: object): object => ({ user: tower(change), item: tower(change) })
const sampled = { kind: 'sampled-softmax', negatives: 3, sampler: { kind: 'uniform' } }

const SPECS: Record<string, object> = {
  relu: both({ activation: 'relu' }),
  gelu: both({ activation: 'gelu' }),
  tanh: both({ activation: 'tanh' }),
  silu: both({ activation: 'silu' }),
  linear: both({ activation: 'linear' }),
  'no hidden layer': both({ hidden: [] }),
  'three layers, residual': both({ hidden: [6, 6, 6], residual: true }),
  'layer norm': both({ layerNorm: true }),
  dropout: both({ dropout: 0.2 }),
  'embedding dropout': { ...both({}), training: { batchSize: 4, embeddingDropout: 0.2 } },
  'no projection': both({ output: null }),
  'inputs as tokens of a transformer layer': {
    ...both({ fusion: { kind: 'attention', dim: 4, heads: 2 }, activation: 'tanh' }),
    match: { kind: 'cosine', temperature: { kind: 'fixed', value: 0.5 } },
  },
  dot: { match: { kind: 'dot', temperature: { kind: 'fixed', value: 1 } } },
  'learned temperature': { match: { kind: 'cosine', temperature: { kind: 'learned', initial: 0.2 } } },
  'sampled softmax': { loss: sampled },
  'sampled softmax, dot, learned temperature': { loss: sampled, match: { kind: 'dot', temperature: { kind: 'learned', initial: 0.5 } } },
  'in-batch hard negatives': { extraNegatives: { inBatchHard: { perPositive: 1 } } },
  'mixed softmax and a memory': { loss: { kind: 'mixed-softmax', negatives: 3 }, extraNegatives: { memory: 5 } },
  'own negatives of a row': { loss: { kind: 'bpr', negatives: 2, shared: false }, extraNegatives: { mined: { perRow: 1 } } },
  'pooled BSL': { loss: { kind: 'bsl', negatives: 3 } },
  DirectAU: { loss: { kind: 'directau' } },
  'scheduled temperature': { match: { temperature: { kind: 'scheduled', from: 1, to: 0.1 } } },
  euclidean: { match: { kind: 'euclidean', temperature: { kind: 'fixed', value: 1 } } },
  'matryoshka, cosine': { ...both({}), training: { batchSize: 4, matryoshka: [2, 3] } },
  'matryoshka, dot, sampled softmax and a memory': {
    ...both({}),
    loss: { kind: 'mixed-softmax', negatives: 3 },
    match: { kind: 'dot', temperature: { kind: 'learned', initial: 0.5 } },
    extraNegatives: { memory: 5 },
    training: { batchSize: 4, matryoshka: [2] },
  },
  'matryoshka, euclidean': {
    ...both({}),
    match: { kind: 'euclidean', temperature: { kind: 'fixed', value: 1 } },
    training: { batchSize: 4, matryoshka: [3] },
  },
  expression: { match: { kind: 'expression', expression: 'dot / (1 + sq)' } },
}

function stepOf(change: object) {
  const spec = smallSpec(change)
  const model = buildTwoTower(spec, smallEncoders)
  return { model, program: stepProgram(model, spec, { batch: 4, negatives: negativeCount(spec) }) }
}

describe.each(Object.entries(SPECS))('%s', (name, change) => {
  test('traced and eager agree in the loss and every gradient', async () => {
    const { model, program } = stepOf(change)
    const feeds = randomFeeds(program, 11)
    const traced = await compileProgram(program, { threads: 1 })
    const [actual, expected] = [await traced.run(feeds), await (await compileProgram(program, { executor: 'tfjs-cpu' })).run(feeds)]
    await traced.dispose()
    const kept = name.endsWith('a memory') ? [ITEM_VECTORS.name] : []
    expect(Object.keys(actual).toSorted()).toEqual(
      [...kept, 'loss', ...trainedInputs(model).map(({ name: input }) => GRADIENT + input)].toSorted(),
    )
    // a gradient that is exactly 0 in theory (the item bias under a dot product shifts all logits alike) is all
    // rounding: measured against the largest
    const floor = 0.01 * Math.max(...Object.values(expected).map((values) => Math.max(...values.map(Math.abs))))
    for (const output of Object.keys(actual)) expect(relativeError(actual[output]!, expected[output]!, floor), output).toBeLessThan(1e-5)
  })

  test('gradients of one input of each kind are finite differences', async () => {
    const { model, program } = stepOf(change)
    const feeds = randomFeeds(program, 12)
    const traced = await compileProgram(program, { threads: 1 })
    const gradients = await traced.run(feeds)
    // a memory's term holds the positives fixed, which differences do not: its items are tested below
    const checked = name.endsWith('a memory') ? /^user.*(bag\.history|hidden0\.bias)/ : /bag\.(history|title)|hidden0\.bias|log_temperature/
    const inputs = trainedInputs(model).filter((input) => checked.test(input.name))
    expect(inputs.length).toBeGreaterThan(1)
    for (const { name } of inputs) {
      const lossAt = async (x: Float32Array): Promise<number> => (await traced.run({ ...feeds, [name]: x }))['loss']![0]!
      const expected = await finiteDifferences(lossAt, feeds[name] as Float32Array, 4e-3)
      expect(relativeError(gradients[GRADIENT + name]!, expected, 0.05), name).toBeLessThan(0.03)
    }
    await traced.dispose()
  })
})

test.each([
  ['in-batch', {}],
  [
    'with a memory and own negatives',
    { loss: { kind: 'ccl', negatives: 3, shared: false }, extraNegatives: { memory: 5, inBatchHard: { perPositive: 1 } } },
  ],
  ['by an expression', { match: { kind: 'expression', expression: 'tanh(dot) - sq' } }],
])('tracing and running a step leaves no tensor behind: %s', async (_, change) => {
  const { program } = stepOf(change)
  const step = async (executor: 'onnxruntime' | 'tfjs-cpu'): Promise<void> => {
    const compiled = await compileProgram(program, { executor, threads: 1 })
    await compiled.run(randomFeeds(program, 1))
    await compiled.dispose()
  }
  await step('onnxruntime')
  await step('tfjs-cpu')
  const before = tf.memory().numTensors
  for (let i = 0; i < 3; i++) {
    await step('onnxruntime')
    await step('tfjs-cpu')
  }
  expect(tf.memory().numTensors).toBe(before)
})

test('a memory changes the gradients of users and of no item', async () => {
  const gradients = async (memory: number): Promise<Record<string, Float32Array>> => {
    const { program } = stepOf({ extraNegatives: { memory } })
    const traced = await compileProgram(program, { threads: 1 })
    const feeds = randomFeeds(program, 13)
    // masks of a row are drawn in the order of the inputs: the same ones for both programs
    const shared = randomFeeds(stepOf({}).program, 13)
    const fetches = await traced.run({ ...feeds, ...shared })
    await traced.dispose()
    return fetches
  }
  const [without, memory] = [await gradients(0), await gradients(5)]
  const names = Object.keys(without).filter((name) => name.startsWith(GRADIENT))
  const changed = names.filter((name) => relativeError(memory[name]!, without[name]!) > 1e-5)
  expect(changed.filter((name) => name.startsWith(`${GRADIENT}item`))).toEqual([])
  expect(changed.filter((name) => name.startsWith(`${GRADIENT}user`)).length).toBeGreaterThan(0)
})

test('towers of different widths are refused with the config path', () => {
  expect(() => stepOf({ user: tower({ output: 5 }), item: tower({ output: 6 }) })).toThrow(/vectors of 5, the item tower of 6/)
})
