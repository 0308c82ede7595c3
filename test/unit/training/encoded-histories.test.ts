/**
 * Histories that are encoded in the tower, through the whole of training: a step lowers its own loss, and the exported
 * tower gives training's vectors.
 */
import { describe, expect, test } from 'vitest'
import type { HistoryEncoderSpec, SequenceInput } from '../../../main/contract/shapes/features.ts'
import { twoTowerSchema } from '../../../main/contract/shapes/spec.ts'
import { GraphSession } from '../../../main/engine/compute/graph-session.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { embedUsers, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { standaloneGraph } from '../../../main/engine/model/standalone.ts'
import { growingHistories as dataset, USERS } from '../../helpers/growing-histories.ts'
import { relativeError } from '../../helpers/numbers.ts'

const ALL = ['position', 'age', 'event'] as const
const ENCODERS: readonly (readonly [HistoryEncoderSpec, readonly SequenceInput[]])[] = [
  [{ kind: 'mean' }, ALL],
  [{ kind: 'recency', halfLife: 2 }, []],
  [{ kind: 'attention', hidden: 3 }, ['age']],
  [{ kind: 'short-long', short: 2, hidden: 3 }, []],
  [{ kind: 'gru', hidden: 5 }, ['event']],
  [{ kind: 'self-attention', layers: 2, heads: 2, feedForward: 2 }, ALL],
  [{ kind: 'interests', count: 3, hidden: 3 }, []],
]

describe.each(ENCODERS)('%j with %j', (encoder, inputs) => {
  const spec = twoTowerSchema.parse({
    user: {
      features: [
        { kind: 'id', dim: 4 },
        { kind: 'history', dim: 4, maxLength: 6, share: true, encoder, inputs: [...inputs] },
        { kind: 'history', name: 'booked', dim: 4, events: ['book'] },
      ],
      hidden: [6],
      output: 5,
    },
    item: { features: [{ kind: 'id', dim: 4 }], output: 5 },
    match: { temperature: { kind: 'fixed', value: 0.5 } },
    training: { batchSize: 16, embeddingDropout: 0, objective: { kind: 'all-action', horizonDays: 1 } },
  })

  test('the loss of a batch falls as it is trained on, and the exported tower embeds as training does', async () => {
    const phase = await drain(prepareTraining({ spec, dataset, parts: ['train'], threads: 1 }))
    const losses: number[] = []
    for (let step = 1; step <= 30; step++) {
      losses.push(await phase.step.run(phase.state, phase.positions.subarray(0, phase.batch), step, 10))
    }
    expect(losses.at(-1)!).toBeLessThan(0.9 * losses[0]!)

    const expected = await drain(embedUsers(phase, 'all', 1))
    const tower = phase.model.user
    expect(expected.length).toBe(USERS * tower.interests * tower.dim)
    const graph = await standaloneGraph(tower, phase.state)
    const session = await GraphSession.create(graph, { threads: 1 })
    const context = phase.batcher.queryContext(
      Int32Array.from({ length: USERS }, (_, u) => u),
      'all',
    )
    const length = tower.ports.find(({ sequence }) => sequence !== null)!.sequence!.length
    const [history, booked] = context.bags
    const padded = (bag: NonNullable<typeof history>, width: number, value: (j: number, size: number) => number): number[] =>
      Array.from({ length: USERS * width }, (_, at) => {
        const [row, j] = [Math.floor(at / width), at % width]
        const size = bag.offsets[row + 1]! - bag.offsets[row]!
        return j < size ? value(bag.offsets[row]! + j, size) : 0
      })
    const sequence = 'user.sequence.history'
    const ids = phase.encoded.user.bags[0]!
    const { vectors } = await session.run(
      {
        'user.bag.id.rows': ids.indices,
        'user.bag.id.weights': new Float32Array(USERS).fill(1),
        'user.bag.booked.rows': Int32Array.from(padded(booked!, 8, (j) => booked!.indices[j]!)),
        'user.bag.booked.weights': Float32Array.from(padded(booked!, 8, (_, size) => 1 / size)),
        [`${sequence}.rows`]: Int32Array.from(padded(history!, length, (j) => history!.indices[j]!)),
        [`${sequence}.mask`]: Float32Array.from(padded(history!, length, () => 1)),
        [`${sequence}.ages`]: Int32Array.from(padded(history!, length, (j) => history!.codes!.ages[j]!)),
        [`${sequence}.events`]: Int32Array.from(padded(history!, length, (j) => history!.codes!.events[j]!)),
      },
      { rows: USERS, 'user.bag.id.length': 1, 'user.bag.booked.length': 8 },
    )
    await session.dispose()
    await phase.dispose()
    expect(relativeError(vectors!, expected, 0.01)).toBeLessThan(1e-5)
  })
})
