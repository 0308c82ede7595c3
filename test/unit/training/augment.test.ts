/**
 * Augmented vectors: the mimic loss against plain loops and finite differences, no gradient into what is mimicked, and
 * what training makes of them.
 */
import { expect, test } from 'vitest'
import { twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { type Tensor, type Tensor1D, type Tensor2D, tf } from '../../../main/engine/compute/tf.ts'
import type { Program } from '../../../main/engine/compute/program.ts'
import { augmentedVectorLoss } from '../../../main/engine/towers/augment.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { embedItems, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { finiteDifferences, numbers, relativeError } from '../../helpers/numbers.ts'
import { smallSpec } from '../../helpers/model.ts'

const [ROWS, EXTRA, DIM] = [3, 2, 4]
const side = (augment: number) => ({ features: [{ kind: 'id', dim: 4 }], output: DIM, augment })
const spec = smallSpec({ user: side(0.3), item: side(0.7) })
const NAMES = ['users', 'positives', 'user.bag.augmented', 'item.bag.augmented'] as const

const program: Program = {
  inputs: [
    ...NAMES.map((name) => ({ name, shape: [name.startsWith('item') ? ROWS + EXTRA : ROWS, DIM] })),
    { name: 'weight', shape: [ROWS] },
  ],
  run(inputs) {
    const { value, grads } = tf.valueAndGrads((...tensors: Tensor[]) => {
      const given = Object.fromEntries(NAMES.map((name, i) => [name, tensors[i]!])) as Record<(typeof NAMES)[number], Tensor2D>
      const pairs = { users: given.users, positives: given.positives, weight: inputs['weight'] as Tensor1D, inputs: given }
      return augmentedVectorLoss(spec, pairs)!
    })(NAMES.map((name) => inputs[name]!))
    return { loss: value, ...Object.fromEntries(NAMES.map((name, i) => [`gradient:${name}`, grads[i]!])) }
  },
}

test.each(['onnxruntime', 'tfjs-cpu'] as const)(
  'is the weighted squared distance, with a gradient for the augmented alone: %s',
  async (executor) => {
    const feeds = {
      ...Object.fromEntries(
        program.inputs.map(({ name, shape }, i) => [
          name,
          numbers(
            (shape as number[]).reduce((a, b) => a * b, 1),
            i + 1,
          ),
        ]),
      ),
      weight: Float32Array.of(0.5, 0.2, 0.3),
    } as Record<string, Float32Array>
    const run = await compileProgram(program, { executor, threads: 1 })
    const found = await run.run(feeds)
    let expected = 0
    for (let row = 0; row < ROWS; row++) {
      for (let k = row * DIM; k < (row + 1) * DIM; k++) {
        expected += feeds['weight']![row]! * 0.3 * (feeds['user.bag.augmented']![k]! - feeds['positives']![k]!) ** 2
        expected += feeds['weight']![row]! * 0.7 * (feeds['item.bag.augmented']![k]! - feeds['users']![k]!) ** 2
      }
    }
    expect(found['loss']![0]! / expected).toBeCloseTo(1, 5)
    expect([...found['gradient:users']!, ...found['gradient:positives']!].every((x) => x === 0)).toBe(true)
    for (const name of ['user.bag.augmented', 'item.bag.augmented']) {
      const lossAt = async (x: Float32Array): Promise<number> => (await run.run({ ...feeds, [name]: x }))['loss']![0]!
      const differences = await finiteDifferences(lossAt, feeds[name]!, 1e-2)
      expect(relativeError(found[`gradient:${name}`]!, differences, 0.1)).toBeLessThan(0.02)
    }
    await run.dispose()
  },
)

test('trained: a user’s augmented vector comes near the vectors of their items', async () => {
  const interactions = Array.from({ length: 40 }, (_, i) => ({ user: `u${i % 8}`, item: `i${(i * 3) % 10}` }))
  const dataset = memoryDataset({ interactions })
  const tower = { features: [{ kind: 'id', dim: 4 }], output: 4, augment: 1 }
  const full = resolveSpec(
    twoTowerSchema.parse({ user: tower, item: tower, training: { batchSize: 16, tables: { kind: 'adam', learningRate: 0.05 } } }),
    dataset.manifest,
  )
  if (full.model !== 'two-tower') throw new Error('no two-tower')
  expect((full.user.features as { name: string }[]).map(({ name }) => name)).toEqual(['id', 'augmented'])
  const phase = await drain(prepareTraining({ spec: full, dataset, parts: ['train'], threads: 1 }))
  const distance = async (): Promise<number> => {
    const items = await drain(embedItems(phase, 1))
    const { values } = phase.state.tables.get('user.augmented')!
    const rows = phase.encoded.user.bags[1]!.indices
    let sum = 0
    for (let p = 0; p < dataset.interactions.length; p++) {
      const [row, item] = [rows[dataset.interactions.user[p]!]!, dataset.interactions.item[p]!]
      for (let k = 0; k < 4; k++) sum += (values[row * 4 + k]! - items[item * 4 + k]!) ** 2
    }
    return sum / dataset.interactions.length
  }
  const before = await distance()
  for (let step = 1; step <= 60; step++)
    await phase.step.run(phase.state, phase.positions.subarray((step % 2) * 16, (step % 2) * 16 + 16), step, 1)
  expect(await distance()).toBeLessThan(0.7 * before)
  await phase.dispose()
})

test('what cannot be augmented is refused', () => {
  const { manifest } = memoryDataset({ interactions: [{ user: 'u', item: 'i' }] })
  const refused = (user: object, training = {}): string => {
    try {
      resolveSpec(twoTowerSchema.parse({ user, item: { features: [{ kind: 'id', dim: 4 }], output: 4 }, training }), manifest)
    } catch (error) {
      return (error as Error).message
    }
    return ''
  }
  const id = { kind: 'id', dim: 4 }
  expect(refused({ features: [id, { ...id, name: 'augmented', dim: 3 }], output: 4, augment: 1 })).toMatch(/Rename yours/)
  expect(refused({ features: [id], output: 4, augment: 1 }, { gradientCache: 8 })).toMatch(/gradient cache/)
})
