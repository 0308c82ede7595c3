/** What was disliked, or shown and not taken, is kept and counted; it is neither held out nor learned from unless a run says so. */
import { expect, test } from 'vitest'
import { PART_CODE } from '../../../main/contract/shapes/dataset.ts'
import { specSchema } from '../../../main/contract/shapes/spec.ts'
import { heldOut, itemCounts } from '../../../main/engine/evaluation/held-out.ts'
import { makeProtocol } from '../../../main/engine/protocol/protocol.ts'
import { resolveSpec } from '../../../main/engine/towers/resolve.ts'
import { dice } from './planted.ts'
import { inspectInput } from '../../../main/contract/verbs/datasets.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { join } from 'node:path'
import { temporaryFolder } from '../../helpers/folder.ts'
import { failure, filesIn, importFiles, importFrom, type Imported } from './imported.ts'

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

const look = async (folder: string, input: object) =>
  drain(inspectFiles({ input: inspectInput.parse(input), scratch: join(await temporaryFolder(), 'look'), threads: 1 }))

test('what a rating removes and what it keeps apart is foretold with its counts, as the import then has it', async () => {
  const folder = await filesIn(files)
  const interactions = join(folder, 'log.csv')
  const low = ROWS.filter(({ stars }) => stars < 4).length
  const kept = await look(folder, { interactions, positiveWeight: 4 })
  expect(kept.apart).toEqual({ positives: ['liked'], events: [{ event: 'disliked', interactions: low }] })
  const { manifest, said } = await importFrom(folder, { interactions: 'log.csv', positiveWeight: 4 })
  expect(manifest.interactions).toBe(600)
  expect(said).toContain(`kept apart: ${low} disliked; positives are liked`)
  const removed = await look(folder, { interactions, minWeight: 4 })
  expect(removed.apart).toBeNull()
  expect(removed.preparation[0]).toMatchObject({ step: 'min-weight', setting: '4', removed: { interactions: low } })
  const lean = (await importFrom(folder, { interactions: 'log.csv', minWeight: 4 })).manifest
  expect(lean).toMatchObject({ interactions: 600 - low, preparation: removed.preparation })
  const protocol = makeProtocol({ manifest: lean, part: 'test', fittedOn: 'train', seen: 'masked', events: [], search: 'exact' })
  expect(protocol.preparation).toEqual([{ step: 'min-weight', setting: '4' }])
})

test('tables that are joined are looked at as they are imported; one without a role can be given one', async () => {
  const folder = await filesIn({
    'views.csv': 'user,item,time\na,1,1\na,2,2\nb,1,3\nb,3,4\n',
    'buys.csv': 'user,item,time\na,1,5\n',
    'items.csv': 'item,title\n1,one lamp\n2,two lamps\n3,three lamps\n',
  })
  const [views, buys, items] = ['views.csv', 'buys.csv', 'items.csv'].map((name) => join(folder, name)) as [string, string, string]
  const alone = await look(folder, { files: [views, buys, items] })
  expect(alone.files.map(({ role, shown }) => [role, shown])).toEqual([
    ['interactions', 'views.csv'],
    ['items', 'items.csv'],
    [null, 'buys.csv'],
  ])
  const joined = await look(folder, { interactions: views, items, also: [buys], positives: 'buys' })
  expect(joined.files.map(({ role, also = false, shown }) => [role, also, shown])).toEqual([
    ['interactions', false, 'views.csv (2 files)'],
    ['interactions', true, 'buys.csv'],
    ['items', false, 'items.csv'],
  ])
  expect(joined).toMatchObject({
    source: { interactions: views, also: [buys], items },
    events: ['buys', 'views'],
    counts: { interactions: 5 },
    apart: { positives: ['buys'], events: [{ event: 'views', interactions: 4 }] },
  })
})
