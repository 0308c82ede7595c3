/** A warm start takes over what both models know, by what a row stands for, and leaves the rest as it was drawn. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { saveWeights } from '../../../main/engine/training/state/checkpoint.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { type TrainingSetup, prepareTraining } from '../../../main/engine/training/loop/setup.ts'
import { trainedFiles, trainedState, warmStart } from '../../../main/engine/training/loop/warm-start.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { smallSpec } from '../../helpers/model.ts'

const FILES = { encoders: 'encoders.json', weights: 'weights.safetensors' }
const pairs = (text: string) => text.split(' ').map((pair) => ({ user: pair.slice(0, 1), item: pair.slice(1) }))
const earlier = memoryDataset({
  interactions: pairs('a1 a2 b2 b3 c3 c1 b1'),
  items: ['1', '2', '3'].map((id) => ({ id, city: id === '3' ? 'Oslo' : 'Rome' })),
})
const later = memoryDataset({
  interactions: pairs('b2 b3 b9 c3 d9 d2 d3 d1 c1'),
  items: ['1', '2', '3', '9'].map((id) => ({ id, city: id === '9' ? 'Bonn' : id === '3' ? 'Oslo' : 'Rome' })),
})
const item = {
  features: [
    { kind: 'id', dim: 4 },
    { kind: 'category', name: 'city', column: 'city', dim: 3 },
  ],
  hidden: [6],
  output: 5,
}
const phaseOf = async (dataset: typeof earlier, change: object, warm: string | null = null): Promise<TrainingSetup> =>
  await drain(
    prepareTraining({
      spec: smallSpec({ user: { features: [{ kind: 'id', dim: 4 }], hidden: [6], output: 5 }, item, ...change }),
      dataset,
      parts: ['train'],
      threads: 1,
      warm: warm === null ? null : await trainedFiles({ encoders: join(warm, FILES.encoders), weights: join(warm, FILES.weights) }),
    }),
  )

async function trained(): Promise<{ folder: string; phase: TrainingSetup }> {
  const phase = await phaseOf(earlier, {})
  for (let step = 1; step <= 5; step++) await phase.step.run(phase.state, phase.order.of(step).subarray(0, 4), step, 1)
  const folder = await temporaryFolder()
  await writeFile(join(folder, FILES.encoders), JSON.stringify(phase.encoders))
  await saveWeights(join(folder, FILES.weights), phase.state)
  await phase.dispose()
  return { folder, phase }
}

/** The numbers of every row of a table, by the value that the row stands for. */
function byValue({ state, encoders }: TrainingSetup, side: 'user' | 'item', feature: number): Map<string, number[]> {
  const {
    feature: { name },
    state: frozen,
  } = encoders[side][feature]!
  const { values, dim } = state.tables.get(`${side}.${name}`)!
  const keys = ['', ...(frozen as { vocabulary: { values: string[] } }).vocabulary.values]
  return new Map(keys.map((key, row) => [key, [...values.subarray(row * dim, (row + 1) * dim)]]))
}

test('rows follow their values, new ones start fresh, layers of one size are taken over', async () => {
  const { folder, phase: before } = await trained()
  const [cold, warm] = [await phaseOf(later, {}), await phaseOf(later, {}, folder)]
  for (const [side, feature] of [
    ['user', 0],
    ['item', 0],
    ['item', 1],
  ] as const) {
    const [old, fresh, now] = [before, cold, warm].map((phase) => byValue(phase, side, feature))
    for (const [value, numbers] of now!) expect(numbers, `${side} ${feature} ${value}`).toEqual(old!.get(value) ?? fresh!.get(value))
  }
  for (const [name, { values }] of warm.state.weights) expect(values, name).toEqual(before.state.weights.get(name)!.values)
  expect([...byValue(warm, 'user', 0).keys()].toSorted()).toEqual(['', 'b', 'c', 'd'])
  await Promise.all([cold.dispose(), warm.dispose()])
})

test('a tower of other widths keeps its own; an average starts where the warm start does', async () => {
  const { folder, phase: before } = await trained()
  const warm = await phaseOf(later, { item: { ...item, hidden: [7] }, training: { ema: 0.9 } }, folder)
  expect(warm.state.weights.get('item.hidden0.kernel')!.values.length).not.toBe(
    before.state.weights.get('item.hidden0.kernel')!.values.length,
  )
  expect(warm.state.weights.get('user.hidden0.kernel')!.values).toEqual(before.state.weights.get('user.hidden0.kernel')!.values)
  expect(warm.state.extras.get('average:dense:user.hidden0.kernel')).toEqual(warm.state.weights.get('user.hidden0.kernel')!.values)
  await warm.dispose()
})

test('from a state in memory, what the optimizer keeps goes along; a file has none of it', async () => {
  const { folder, phase: before } = await trained()
  const { item: items } = before.encoders
  expect(items.length).toBe(2)
  const state = (await phaseOf(earlier, {}, folder)).state
  const slotsOf = (of: typeof state) =>
    [...of.tables.values(), ...of.weights.values()].flatMap(({ slots }) => slots.map((slot) => [...slot]))
  expect(
    slotsOf(state)
      .flat()
      .every((value) => value === 0),
  ).toBe(true)
  const report = warmStart(state, before.encoders, trainedState(before.state, before.encoders))
  expect(report.rowsTaken).toBe(report.rows)
  expect(slotsOf(state)).toEqual(slotsOf(before.state))
  expect(
    slotsOf(state)
      .flat()
      .some((value) => value !== 0),
  ).toBe(true)
})
