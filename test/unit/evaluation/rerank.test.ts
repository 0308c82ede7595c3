/** The second stage: its gradient, that it learns what two vectors cannot say, and that it leaves recall at the top as it was. */
import { expect, test } from 'vitest'
import { compileProgram } from '../../../main/engine/compute/executor.ts'
import { crossFeatures } from '../../../main/engine/evaluation/rerank/cross.ts'
import { stepProgram } from '../../../main/engine/evaluation/rerank/ranker.ts'
import { rerank } from '../../../main/engine/evaluation/rerank/rerank.ts'
import { protocolOf } from '../../helpers/protocol.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { random } from '../../../main/engine/training/random.ts'
import { memoryDataset, type MemoryInteraction } from '../../helpers/dataset.ts'
import { finiteDifferences, numbers, relativeError } from '../../helpers/numbers.ts'

const [USERS, ITEMS, DIM] = [120, 40, 4]

/** Each user stays in one city; the vectors know nothing of it. */
function cities() {
  const rng = random(3, 'split')
  const interactions: MemoryInteraction[] = []
  for (let user = 0; user < USERS; user++) {
    const items = new Set<number>()
    while (items.size < 6) items.add(4 * rng.below(ITEMS / 4) + (user % 4))
    for (const [i, item] of [...items].entries()) {
      const part = i < 4 ? 'train' : i === 4 ? 'validation' : 'test'
      interactions.push({ user: `u${user}`, item: `i${item}`, time: i, part })
    }
  }
  const items = Array.from({ length: ITEMS }, (_, i) => ({ id: `i${i}`, city: ['Rome', 'Oslo', 'Bern', 'Lima'][i % 4]!, price: i }))
  return memoryDataset({ interactions, items })
}

test('learns from cross features, and recall at the top stays', async () => {
  const dataset = cities()
  const vectors = numbers((USERS + ITEMS) * DIM, 5)
  const stage = (part: 'validation' | 'test') => ({
    protocol: protocolOf(dataset, { part, fittedOn: 'train+validation' }),
    vectors: { user: vectors.slice(0, USERS * DIM), item: vectors.slice(USERS * DIM) },
  })
  const result = await drain(
    rerank({
      dataset,
      matching: 'dot',
      dim: DIM,
      stages: { validation: stage('validation'), test: stage('test') },
      top: 20,
      hidden: 8,
      epochs: 40,
      seed: 1,
      threads: 1,
    }),
  )
  expect(result.features).toContain('share of history with its city')
  expect(result.retrieved['recall@20']).toBe(result.reranked['recall@20'])
  expect([result.trainedOn > 30, result.users]).toEqual([true, USERS])
  expect(result.reranked['ndcg@10']!).toBeGreaterThan(1.5 * result.retrieved['ndcg@10']!)
})

test('cross features know only what is before the held-out part', async () => {
  const rows = [
    { user: 'u', item: 'i0', time: 0 },
    { user: 'u', item: 'i1', time: 1, part: 'validation' as const },
    { user: 'u', item: 'i2', time: 2, part: 'test' as const },
  ]
  const items = [0, 1, 2].map((i) => ({ id: `i${i}`, city: i === 0 ? 'Rome' : 'Oslo', price: 10 * i }))
  const dataset = memoryDataset({ interactions: rows, items })
  const vectors = { users: Float32Array.of(1, 0), items: Float32Array.of(1, 0, 0, 1, 1, 1), dim: 2 }
  const featuresOf = async (parts: readonly ('train' | 'validation')[]): Promise<Record<string, number>> => {
    const cross = await crossFeatures({ dataset, parts, ...vectors })
    const out = new Float32Array(cross.names.length)
    cross.fill(0, Int32Array.of(2), out)
    return Object.fromEntries(cross.names.map((name, i) => [name, out[i]!]))
  }
  const before = await featuresOf(['train'])
  expect(before['log history']).toBeCloseTo(Math.log(2))
  expect([before['share of history with its city'], before['log popularity']]).toEqual([0, 0])
  expect(before['last of history']).toBeCloseTo(Math.SQRT1_2)
  expect(before['distance from history in price']).toBeCloseTo(20 / Math.sqrt(200 / 3), 4)
  const later = await featuresOf(['train', 'validation'])
  expect(later['share of history with its city']).toBe(0.5)
})

test('traced and eager agree, and gradients are finite differences', async () => {
  const [width, hidden, users, top] = [3, 4, 2, 5]
  const program = stepProgram(width, hidden, users, top)
  const feeds = Object.fromEntries(
    program.inputs.map(({ name, shape }, i) => [
      name,
      numbers(
        (shape as number[]).reduce((a, b) => a * b, 1),
        i + 7,
      ),
    ]),
  )
  feeds['labels'] = Float32Array.of(0, 1, 0, 1, 0, 0, 0, 1, 0, 0)
  feeds['present'] = Float32Array.of(1, 1, 1, 1, 1, 1, 1, 1, 0, 0)
  const [traced, eager] = [await compileProgram(program, { threads: 1 }), await compileProgram(program, { executor: 'tfjs-cpu' })]
  const [actual, expected] = [await traced.run(feeds), await eager.run(feeds)]
  for (const name of Object.keys(expected)) expect(relativeError(actual[name]!, expected[name]!, 0.01), name).toBeLessThan(1e-5)
  for (const name of ['kernel', 'bias', 'output']) {
    const lossAt = async (x: Float32Array): Promise<number> => (await traced.run({ ...feeds, [name]: x }))['loss']![0]!
    const differences = await finiteDifferences(lossAt, feeds[name]!, 4e-3)
    expect(relativeError(actual[`gradient:${name}`]!, differences, 0.05), name).toBeLessThan(0.03)
  }
  await traced.dispose()
})
