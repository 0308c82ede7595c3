/** A history of some days: what is older than its most recent item by more is left out, before an event and as of a part alike. */
import { expect, test } from 'vitest'
import { InteractionSelection } from '../../../main/engine/dataset/interactions.ts'
import { historyRows } from '../../../main/engine/features/history-rows.ts'
import { createInputs } from '../../../main/engine/features/inputs.ts'
import { memoryDataset } from '../../helpers/dataset.ts'

const DAY = 86_400
const days = [0, 1, 8, 9, 9.5, 30]
const dataset = memoryDataset({
  interactions: days.map((day, i) => ({
    user: 'u',
    item: `i${i}`,
    time: day * DAY,
    part: i === 5 ? ('test' as const) : ('train' as const),
  })),
})

function history(length: number | undefined, maxLength: number, event: number | null): number[] {
  const bag = { eventCodes: null, maxLength, ...(length !== undefined && { days: length }) }
  const rowOfItem = Int32Array.from(days, (_, i) => i + 1)
  const rows = historyRows(dataset, { bag, rowOfItem, parts: ['train'], seed: 1, withoutTarget: true })
  const out = createInputs(1, 0, 1).bags[0]!
  if (event === null) rows.upTo(0, new InteractionSelection(dataset.interactions, ['train']), 0, out)
  else rows.before(event, 0, out)
  return [...out.indices.subarray(0, out.offsets[1])].map((row) => row - 1)
}

test.each([
  [undefined, 10, null, [4, 3, 2, 1, 0]],
  [1.5, 10, null, [4, 3, 2]],
  [1.5, 2, null, [4, 3]],
  [0.2, 10, null, [4]],
  [8.5, 10, null, [4, 3, 2, 1]],
  // before the event of day 9: the most recent is of day 8
  [7, 10, 3, [2, 1]],
  [6.9, 10, 3, [2]],
  // long after the last item it is still the last trip
  [1.5, 10, 5, [4, 3, 2]],
] as const)('%s days, at most %d items, before event %s', (length, maxLength, event, expected) => {
  expect(history(length, maxLength, event)).toEqual(expected)
})
