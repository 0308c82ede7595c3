/** Slices of a pair: a corrupted category comes first; pairs that differ by luck alone, item by item and user by user, find next to nothing. */
import { expect, test } from 'vitest'
import { pairQueries } from '../../../main/engine/evaluation/difference.ts'
import { contrastOf, findSlices, slicesOf } from '../../../main/engine/evaluation/slice-finder.ts'
import { heldOut } from '../../../main/engine/evaluation/held-out.ts'
import { type Random, random } from '../../../main/engine/training/random.ts'
import { memoryDataset } from '../../helpers/dataset.ts'
import { protocolOf } from '../../helpers/protocol.ts'

const [USERS, ITEMS] = [800, 120]
const rng = random(3, 'search')
const dataset = memoryDataset({
  interactions: Array.from({ length: USERS }, (_, u) => [
    ...Array.from({ length: 2 + (u % 5) }, (_step, i) => ({ user: `u${u}`, item: `i${(u * 7 + i * 11) % ITEMS}`, time: i })),
    { user: `u${u}`, item: `i${rng.below(ITEMS)}`, time: 100, part: 'test' as const },
  ]).flat(),
  users: Array.from({ length: USERS }, (_, u) => ({ id: `u${u}`, city: `c${rng.below(8)}`, age: 20 + rng.below(50) })),
  items: Array.from({ length: ITEMS }, (_, i) => ({
    id: `i${i}`,
    genre: i % 17 === 0 ? null : `g${i % 8}`,
    tags: [`t${i % 3}`, `t${rng.below(9)}`],
    price: 10 + rng.below(90),
  })),
})
const protocol = protocolOf(dataset, { seen: 'included' })
const held = heldOut(dataset, protocol)
const slices = await slicesOf(dataset, protocol)
const metric = { kind: 'ndcg', k: 20 } as const

/** Ranks by how near a user is to an item, the luck of the item's vector and that of the user. */
function ranksOf(draw: Random, change: (item: number) => number): Int32Array {
  const luck = Float64Array.from({ length: ITEMS }, () => draw.uniform())
  return Int32Array.from(held.items, (item) => Math.max(1, Math.round(40 * (0.5 * luck[item]! + 0.5 * draw.uniform()) + change(item))))
}
const find = (ranksA: Int32Array, ranksB: Int32Array) =>
  findSlices(pairQueries({ dataset, protocol, held, ranksA, ranksB, metric }), slices, 0.1)

test('a corrupted category comes first, and makes up the change', () => {
  const ids = Array.from({ length: ITEMS }, (_, i) => Number(/\d+/.exec(itemIds[i]!)![0]))
  const isCorrupt = (item: number): boolean => ids[item]! % 8 === 3 && ids[item]! % 17 !== 0
  for (let seed = 0; seed < 5; seed++) {
    const own = random(seed, 'negatives')
    const a = ranksOf(own, () => 0)
    const b = a.map((rank, i) => (isCorrupt(held.items[i]!) ? 100 : Math.max(1, rank + own.below(3) - 1)))
    const { found } = find(a, b)
    expect(found[0]).toMatchObject({ side: 'item', column: 'genre', test: { kind: 'value', value: 'g3' } })
    expect(found[0]!.excess).toBeLessThan(0)
    expect(found[0]!.share).toBeGreaterThan(0.8)
  }
})
const itemIds = await dataset.ids('item')

test('of 50 pairs of the same recipe at most 10 find anything', () => {
  let pairs = 0
  for (let seed = 0; seed < 50; seed++) {
    const { looked, found } = find(
      ranksOf(random(seed, 'mined'), () => 0),
      ranksOf(random(seed, 'own'), () => 0),
    )
    expect(looked).toBeGreaterThan(25)
    if (found.length > 0) pairs++
  }
  expect(pairs).toBeLessThanOrEqual(10)
})

test('few users or few items are no slice, and numbers are cut into parts without gaps', () => {
  const values = Float64Array.from({ length: 100 }, (_, i) => i)
  expect(
    contrastOf(
      values,
      Uint8Array.from(values, (_, i) => Number(i < 10)),
      Int32Array.from(values),
    ),
  ).toBeNull()
  expect(
    contrastOf(
      values,
      Uint8Array.from(values, (_, i) => Number(i < 50)),
      Int32Array.from(values, (_, i) => i % 4),
    ),
  ).toBeNull()
  const ages = slices.filter(({ column, test: { kind } }) => column === 'age' && kind === 'range')
  expect(ages).toHaveLength(4)
  for (let u = 0; u < USERS; u++) expect(ages.filter(({ holds }) => holds(u))).toHaveLength(1)
  // what is the same set twice is looked at once: nobody lacks an age
  const missing = slices.filter(({ test: { kind } }) => kind === 'missing').map(({ column }) => column)
  expect(missing).toContain('genre')
})
