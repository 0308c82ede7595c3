/** Early stopping by a slice: the epoch is chosen by what new items reach, among users who have one held out. */
import { expect, test } from 'vitest'
import { createMeasures } from '../../../main/engine/jobs/training/validation.ts'
import { evaluateAll } from '../../../main/engine/evaluation/evaluate.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { vectorScorer } from '../../../main/engine/model/scoring.ts'
import { protocolOfRun } from '../../../main/engine/protocol/protocol.ts'
import { embedItems, embedUsers, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { smallSpec } from '../../helpers/model.ts'

/** Thirty users of ten items; of every third user a new item is held out, of the others a known one. */
const dataset = (cold: boolean): ReturnType<typeof memoryDataset> =>
  memoryDataset({
    interactions: Array.from({ length: 30 }, (_, u) => [
      ...Array.from({ length: 4 }, (_, k) => ({ user: `u${u}`, item: `i${(u + 3 * k) % 10}`, part: 'train' as const })),
      { user: `u${u}`, item: cold && u % 3 === 0 ? `new${u % 2}` : `i${(u + 5) % 10}`, part: 'validation' as const },
    ]).flat(),
    items: [...Array.from({ length: 10 }, (_, i) => `i${i}`), 'new0', 'new1'].map((id, i) => ({ id, size: i % 4 })),
  })

const prepare = (data: ReturnType<typeof dataset>) =>
  drain(
    prepareTraining({
      spec: smallSpec({
        user: { features: [{ kind: 'id', dim: 8 }], output: 8 },
        item: { features: [{ kind: 'number', name: 'size', column: 'size' }], output: 8 },
        training: { batchSize: 30, earlyStopping: { metric: 'cold.ndcg@3', patience: 5, everyEpochs: 1, maxUsers: 1000 } },
      }),
      dataset: data,
      parts: ['train'],
      threads: 1,
    }),
  )

test('validation gives the metric of the slice, as the evaluation of all users does', async () => {
  const data = dataset(true)
  const phase = await prepare(data)
  try {
    const measured = await createMeasures(phase, 1, true).validate!()
    const scorer = await vectorScorer({
      userVectors: await drain(embedUsers(phase, 'train', 1)),
      itemVectors: await drain(embedItems(phase, 1)),
      dim: phase.model.dim,
      threads: 1,
      interests: phase.model.user.interests,
      matching: phase.spec.match,
    })
    const protocol = protocolOfRun(phase.spec, data.manifest, 'validation')
    const { metrics } = await evaluateAll({ dataset: data, protocol, k: [3], scorer, slices: ['cold'] })
    await scorer.dispose()
    expect(measured['cold.ndcg@3']).toBeCloseTo(metrics['cold.ndcg@3']!, 12)
    expect(metrics['cold.ndcg@3']).toBeGreaterThanOrEqual(0)
  } finally {
    await phase.dispose()
  }
})

test('a slice of which nothing is held out is refused with its place', async () => {
  const phase = await prepare(dataset(false))
  expect(() => createMeasures(phase, 1, true)).toThrow(/training\.earlyStopping\.metric: Nothing held out .* slice "cold"/)
  await phase.dispose()
})
