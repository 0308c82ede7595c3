/** What was disliked, or shown and not taken, is kept and counted; it is neither held out nor learned from unless a run says so. */
import { expect, test } from 'vitest'
import { PART_CODE } from '../../../main/contract/shapes/dataset.ts'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { heldOut, itemCounts } from '../../../main/engine/evaluation/held-out.ts'
import { makeProtocol } from '../../../main/engine/protocol/protocol.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import { dice } from './planted.ts'
import { failure, importFiles, type Imported } from './imported.ts'

const next = dice(4)
const ROWS = Array.from({ length: 600 }, (_, k) => ({
  user: k % 30,
  item: Math.floor(next() * 60),
  stars: 1 + Math.floor(next() * 5),
  time: k * 100,
}))
const files = {
  'log.csv': `user,item,rating,time\n${ROWS.map(({ user, item, stars, time }) => `${user},${item},${stars},${time}`).join('\n')}\n`,
}
const eventOf = ({ dataset, manifest }: Imported): string[] => Array.from(dataset.interactions.event!, (code) => manifest.events[code]!)

test.each(['leave-last', 'random:0.3', 'time:1970-01-01T12:00'])('a rating makes positives, and the others stay: %s', async (split) => {
  const found = await importFiles(files, { interactions: 'log.csv', positiveWeight: 4, split })
  const { manifest, dataset } = found
  expect(manifest).toMatchObject({ events: ['disliked', 'liked'], positives: ['liked'], interactions: 600 })
  expect(manifest.profile.perEvent).toEqual([ROWS.filter(({ stars }) => stars < 4).length, ROWS.filter(({ stars }) => stars >= 4).length])
  const spec = resolveSpec(specSchema.parse({ model: 'most-popular' }), manifest)
  expect(spec).toMatchObject({ events: ['liked'], evaluation: { events: ['liked'] } })
  const towers = resolveSpec(specSchema.parse({}), manifest)
  expect(towers).toMatchObject({ training: { events: ['liked'] }, evaluation: { events: ['liked'] } })
  if (towers.model === 'two-tower' && towers.user.features !== 'auto')
    for (const feature of towers.user.features) if (feature.kind === 'history') expect(feature.events).toEqual(['liked'])
  const protocol = makeProtocol({ manifest, part: 'test', fittedOn: 'train', seen: 'masked', events: ['liked'], search: 'exact' })
  const events = eventOf(found)
  const held = heldOut(dataset, protocol)
  expect(held.users.length).toBeGreaterThan(10)
  const { user, item, part } = dataset.interactions
  for (const [q, u] of held.users.entries())
    for (const i of held.items.subarray(held.offsets[q], held.offsets[q + 1]))
      expect(events.some((event, k) => event === 'liked' && user[k] === u && item[k] === i && part[k] === PART_CODE.test)).toBe(true)
  const likes = events.filter((event, k) => event === 'liked' && part[k] === PART_CODE.train).length
  expect(itemCounts(dataset, ['train']).reduce((a, b) => a + b, 0)).toBe(likes)
})

test('leave-last holds out each user’s last new positive, which was not shown before', async () => {
  const rows = ['a,1,click,1', 'a,2,click,2', 'a,3,click,3', 'a,4,shown,4', 'a,4,click,5', 'a,5,shown,6', 'b,1,shown,1', 'b,2,shown,2']
  const found = await importFiles(
    { 'log.csv': `user,item,event,time\n${rows.join('\n')}\n` },
    { interactions: 'log.csv', positives: 'click' },
  )
  expect(found.manifest.positives).toEqual(['click'])
  expect([...found.dataset.interactions.part]).toEqual([0, 1, 2, 2, 2, 2, 0, 0])
})

test('positives that are not there, and ratings beside types, are refused', async () => {
  const typed = { 'log.csv': 'user,item,event,rating\na,1,buy,3\nb,1,view,4\n' }
  expect(await failure(typed, { interactions: 'log.csv', positives: 'bye' })).toMatch(/no event type "bye"; the types are buy, view/)
  expect(await failure(typed, { interactions: 'log.csv', positiveWeight: 3 })).toMatch(/--positives/)
  expect(await failure(files, { interactions: 'log.csv', positives: 'liked' })).toMatch(/one type of event/)
})
