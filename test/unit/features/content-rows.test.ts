/** Histories of contents: a row says what its item's features say, the mean of rows is what a tower reads, and no step changes a row. */
import { expect, test } from 'vitest'
import { contentRows } from '../../../main/engine/features/content-rows.ts'
import { rowContext } from '../../../main/engine/features/typed-context.ts'
import { encodeSide } from '../../../main/engine/features/encode.ts'
import { fitEncoders } from '../../../main/engine/features/fit.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { smallSpec } from '../../helpers/model.ts'

const prices = [10, 20, 30, 40, 50, 1000]
const kinds = ['flat', 'room', 'flat', 'room', 'flat', 'flat']
/** nobody has met item 5 in training */
const dataset = memoryDataset({
  items: prices.map((price, i) => ({ id: `i${i}`, price, kind: kinds[i]! })),
  interactions: [
    ...Array.from({ length: 6 }, (_, u) => [0, 1, 2, 3].map((k) => ({ user: `u${u}`, item: `i${(u + k) % 5}`, time: 100 * k + u }))).flat(),
    { user: 'u0', item: 'i5', time: 900, part: 'test' as const },
  ],
})
const item = {
  features: [
    { kind: 'id', dim: 4 },
    { kind: 'number', name: 'price', column: 'price' },
    { kind: 'category', name: 'kind', column: 'kind', dim: 2 },
  ],
  output: 4,
}
const spec = (dim: number): ReturnType<typeof smallSpec> =>
  smallSpec({
    user: { features: [{ kind: 'history', content: true, dim, maxLength: 2 }], hidden: [4], output: 4 },
    item,
    training: { batchSize: 4, tables: { kind: 'adam', learningRate: 0.1, weightDecay: 0.1 }, l2: 0.1 },
  })

test('a row is the dense columns, then a column a value; ids have none', async () => {
  const encoders = await drain(fitEncoders(spec(8), dataset, ['train']))
  const items = await encodeSide(encoders, 'item', dataset)
  const rows = contentRows(encoders, items, 8)
  // flat is more frequent among the items of training: row 1 of its vocabulary, row 0 being any other value
  const dense = items.denseWidth
  expect([...rows.subarray(0, dense)]).toEqual([...items.dense.subarray(0, dense)])
  expect([...rows.subarray(dense, 8)]).toEqual([0, 2, 0, ...new Array<number>(8 - dense - 3).fill(0)])
  expect([...rows.subarray(8 + dense, 8 + dense + 3)]).toEqual([0, 0, 2])
})

test('more columns than there is room for are projected, inner products kept by their mean', async () => {
  const encoders = await drain(fitEncoders(spec(8), dataset, ['train']))
  const wide = { count: 2, denseWidth: 300, bags: [], dense: new Float32Array(600) }
  for (let c = 0; c < 300; c++) {
    wide.dense[c] = Math.sin(c)
    wide.dense[300 + c] = Math.sin(c) + Math.cos(3 * c)
  }
  const rows = contentRows(encoders, wide, 256)
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0)
  const exact = dot(wide.dense.subarray(0, 300), wide.dense.subarray(300))
  expect(Math.abs(dot(rows.subarray(0, 256), rows.subarray(256)) / exact - 1)).toBeLessThan(4 / Math.sqrt(256))
})

test('steps train the rest and leave the rows; a typed-in history may hold what nobody has met', async () => {
  const phase = await drain(prepareTraining({ spec: spec(6), dataset, parts: ['train'], threads: 1 }))
  try {
    const table = phase.state.tables.get('user.history')!
    const [before, ids] = [table.values.slice(), phase.state.tables.get('item.id')!.values.slice()]
    expect(before.some((value) => value !== 0)).toBe(true)
    for (let step = 1; step <= 3; step++) await phase.step.run(phase.state, phase.order.of(0).subarray(0, phase.batch), step, 1)
    expect(table.values).toEqual(before)
    expect(phase.state.tables.get('item.id')!.values).not.toEqual(ids)
    const { bags } = rowContext(phase.encoders, { history: ['i5', 'i0'] })
    expect([...bags[0]!.indices.subarray(0, 2)].every((row) => row > 0)).toBe(true)
  } finally {
    await phase.dispose()
  }
})
