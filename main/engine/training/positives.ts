/** What the trainer knows of the interactions it may learn from: which are examples, what each user is known to like. */
import { PylonError } from '../../contract/errors.ts'
import { PART_CODE, type Part } from '../../contract/shapes/dataset.ts'
import type { Dataset } from '../import/types.ts'
import type { Positives } from './step.ts'

/**
 * The examples of the given parts and event types (none named: all), repeated interactions included.
 * @throws PylonError bad-data where there are fewer than two
 */
export function collectPositives(dataset: Dataset, parts: readonly Part[], events: readonly string[], context: Positives['context']): Positives {
  const { user, item, part, event, length } = dataset.interactions
  const { manifest } = dataset
  const codes = parts.map((name) => PART_CODE[name])
  const isExample = (i: number): boolean => codes.includes(part[i]!) && (event === null || events.length === 0 || events.includes(manifest.events[event[i]!]!))
  const positions = Int32Array.from(keysWhere(length, isExample))
  if (positions.length < 2) {
    throw new PylonError('bad-data', `Dataset ${manifest.name} has ${positions.length} training interactions of the wanted events; at least 2 are needed.`)
  }
  const itemCounts = new Int32Array(manifest.items)
  for (const position of positions) itemCounts[item[position]!]!++
  return { positions, user, item, itemCounts, known: knownItems(dataset, codes), context }
}

function* keysWhere(length: number, test: (i: number) => boolean): Generator<number> {
  for (let i = 0; i < length; i++) if (test(i)) yield i
}

/** Each user's distinct items in the parts, whatever the event: none of them is a negative. */
function knownItems(dataset: Dataset, codes: readonly number[]): Positives['known'] {
  const { offsets: ranges, item, part } = dataset.interactions
  const users = dataset.manifest.users
  const offsets = new Int32Array(users + 1)
  const items = new Int32Array(dataset.interactions.length)
  const lastUser = new Int32Array(dataset.manifest.items).fill(-1)
  let count = 0
  for (let u = 0; u < users; u++) {
    for (let i = ranges[u]!; i < ranges[u + 1]!; i++) {
      if (!codes.includes(part[i]!) || lastUser[item[i]!] === u) continue
      lastUser[item[i]!] = u
      items[count++] = item[i]!
    }
    offsets[u + 1] = count
  }
  return { offsets, items: items.slice(0, count) }
}
