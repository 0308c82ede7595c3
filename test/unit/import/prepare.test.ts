/** Preparation before the split, each step against the same done by hand on arrays; a look foretells exactly what the import does. */
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inspectInput, type ImportInput } from '../../../main/contract/verbs/datasets.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { describeProtocol, makeProtocol } from '../../../main/engine/protocol/protocol.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { failure, filesIn, importFrom, type Imported } from './imported.ts'

interface Row {
  readonly user: string
  readonly item: string
  readonly time: number
  readonly rating: number
  readonly event: string
}

const csv = (rows: readonly Row[]): string =>
  `user,item,time,rating,event\n${rows.map((r) => `${r.user},${r.item},${1_700_000_000 + r.time},${r.rating},${r.event}\n`).join('')}`

const ROWS: Row[] = Array.from({ length: 400 }, (_, k) => ({
  user: `u${(k * k) % 37}`,
  item: `i${Math.min((k * 7) % 53, (k * 5) % 31)}`,
  time: (k * 7919) % 5000,
  rating: (k % 5) + 1,
  event: ['view', 'cart', 'buy'][k % 3]!,
}))

type Options = Partial<ImportInput>

/** Rows as they are in the dataset, in a settled order. */
async function rowsOf({ dataset, manifest }: Imported): Promise<string[]> {
  const [users, items] = await Promise.all([dataset.ids('user'), dataset.ids('item')])
  const { length, user, item, time, weight, event } = dataset.interactions
  return Array.from({ length }, (_, k) =>
    [users[user[k]!], items[item[k]!], time![k]! - 1_700_000_000, weight![k], event === null ? '' : manifest.events[event[k]!]].join(' '),
  ).toSorted()
}
const shown = (rows: readonly Row[]): string[] => {
  const many = new Set(rows.map(({ event }) => event)).size > 1
  return rows.map((r) => [r.user, r.item, r.time, r.rating, many ? r.event : ''].join(' ')).toSorted()
}

async function prepared(rows: readonly Row[], options: Options): Promise<Imported> {
  const folder = await filesIn({ 'i.csv': csv(rows) })
  const found = await importFrom(folder, { interactions: 'i.csv', ...options })
  const stage = inspectFiles({
    input: inspectInput.parse({ interactions: join(folder, 'i.csv'), ...options }),
    scratch: join(await temporaryFolder(), 's'),
    threads: 1,
  })
  let next = await stage.next()
  while (next.done !== true) next = await stage.next()
  expect(next.value.preparation).toEqual(found.manifest.preparation)
  return found
}

const countBy = (rows: readonly Row[], of: 'user' | 'item'): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(row[of], (counts.get(row[of]) ?? 0) + 1)
  return counts
}
const atLeast = (rows: readonly Row[], of: 'user' | 'item', n: number): Row[] => {
  const counts = countBy(rows, of)
  return rows.filter((row) => counts.get(row[of])! >= n)
}
function core(rows: readonly Row[], n: number): Row[] {
  for (let now = [...rows]; ;) {
    const [users, items] = [countBy(now, 'user'), countBy(now, 'item')]
    const next = now.filter(({ user, item }) => users.get(user)! >= n && items.get(item)! >= n)
    if (next.length === now.length) return next
    now = next
  }
}
function once(rows: readonly Row[], last: boolean): Row[] {
  const kept = new Map<string, Row>()
  for (const row of rows) {
    const key = `${row.user} ${row.item} ${row.event}`
    const known = kept.get(key)
    if (known === undefined || (last ? row.time >= known.time : row.time < known.time)) kept.set(key, row)
  }
  return [...kept.values()]
}

describe('each step is what it says', () => {
  test.each<[string, Options, (rows: Row[]) => Row[]]>([
    ['a least rating', { minWeight: 4 }, (rows) => rows.filter(({ rating }) => rating >= 4)],
    ['a window', { from: '1700001000', to: '1700003000' }, (rows) => rows.filter(({ time }) => time >= 1000 && time < 3000)],
    ['event types', { events: 'cart,buy' }, (rows) => rows.filter(({ event }) => event !== 'view')],
    [
      'event weights',
      { events: 'view=0.5,buy=5' },
      (rows) => rows.flatMap((row) => (row.event === 'cart' ? [] : [{ ...row, rating: row.event === 'view' ? 0.5 : 5 }])),
    ],
    ['the first of repeats', { duplicates: 'first' }, (rows) => once(rows, false)],
    ['the last of repeats', { duplicates: 'last' }, (rows) => once(rows, true)],
    ['users of at least n', { minPerUser: 12 }, (rows) => atLeast(rows, 'user', 12)],
    ['items of at least n', { minPerItem: 8 }, (rows) => atLeast(rows, 'item', 8)],
    ['a core', { core: 9 }, (rows) => core(rows, 9)],
    [
      'several in their order',
      { minWeight: 2, duplicates: 'last', core: 4 },
      (rows) =>
        core(
          once(
            rows.filter((r) => r.rating >= 2),
            true,
          ),
          4,
        ),
    ],
  ])('%s', async (_, options, byHand) => {
    const found = await prepared(ROWS, options)
    const expected = byHand(ROWS)
    expect(expected.length).toBeGreaterThan(0)
    expect(expected.length).toBeLessThan(ROWS.length)
    expect(await rowsOf(found)).toEqual(shown(expected))
    const steps = found.manifest.preparation!
    expect(steps.reduce((sum, { removed }) => sum + removed.interactions, 0)).toBe(ROWS.length - expected.length)
    expect(steps.at(-1)!.left).toEqual({
      interactions: expected.length,
      users: countBy(expected, 'user').size,
      items: countBy(expected, 'item').size,
    })
  })

  test('sampled users are whole, as many as asked for, and the seed’s', async () => {
    const sampled = async (options: Options): Promise<string[]> => rowsOf(await prepared(ROWS, options))
    const ten = await sampled({ sampleUsers: 10 })
    const users = new Set(ten.map((row) => row.split(' ')[0]!))
    expect(users.size).toBe(10)
    expect(ten).toEqual(shown(ROWS.filter(({ user }) => users.has(user))))
    expect(await sampled({ sampleUsers: 10 })).toEqual(ten)
    expect(await sampled({ sampleUsers: 10, seed: 2 })).not.toEqual(ten)
    expect(new Set((await sampled({ sampleUsers: 0.5 })).map((row) => row.split(' ')[0])).size).toBe(
      Math.ceil(countBy(ROWS, 'user').size / 2),
    )
  })

  test('sessions end at pauses', async () => {
    const expected: Row[] = []
    for (const user of countBy(ROWS, 'user').keys()) {
      let [session, before] = [1, -Infinity]
      for (const row of ROWS.filter((r) => r.user === user).toSorted((a, b) => a.time - b.time)) {
        if (before > -Infinity && row.time - before > 600) session++
        before = row.time
        expected.push({ ...row, user: session === 1 ? user : `${user}#${session}` })
      }
    }
    expect(await rowsOf(await prepared(ROWS, { sessionGap: '10m' }))).toEqual(shown(expected))
  })

  test('any core', () =>
    fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { minLength: 30, maxLength: 60 }), async (pairs) => {
        const rows = pairs.map(([u, i], k) => ({ user: `u${u}`, item: `i${i}`, time: k, rating: 1, event: k % 2 === 0 ? 'a' : 'b' }))
        const expected = core(rows, 5)
        if (expected.length < 2) return
        expect(await rowsOf(await prepared(rows, { core: 5 }))).toEqual(shown(expected))
      }),
      { numRuns: 12 },
    ))
})

test('who was taken out is no candidate, whatever the metadata knows; with nothing asked for nothing is recorded', async () => {
  const files = {
    'i.csv': csv(ROWS),
    'items.csv': `item,colour\n${Array.from({ length: 60 }, (_, k) => `i${k},red\n`).join('')}`,
  }
  const folder = await filesIn(files)
  const all = await importFrom(folder, { interactions: 'i.csv', items: 'items.csv' })
  expect(all.manifest.items).toBe(60)
  expect(all.manifest.preparation).toBeUndefined()
  const { manifest } = await importFrom(folder, { interactions: 'i.csv', items: 'items.csv', minPerItem: 8 })
  expect(manifest.items).toBe(countBy(atLeast(ROWS, 'item', 8), 'item').size)
})

test('given test rows stay held out', async () => {
  const folder = await filesIn({ 'i.csv': csv(ROWS.slice(0, 300)), 't.csv': csv(ROWS.slice(300)) })
  const { manifest } = await importFrom(folder, { interactions: 'i.csv', test: 't.csv', minWeight: 4 })
  expect(manifest.parts.test).toBe(ROWS.slice(300).filter(({ rating }) => rating >= 4).length)
})

test('the protocol tells how data was prepared, and numbers of other preparations are not of one protocol', async () => {
  const choice = { part: 'test', fittedOn: 'train', seen: 'masked', events: [], search: 'exact' } as const
  const [four, none] = [
    await prepared(ROWS, { minWeight: 4 }),
    await importFrom(await filesIn({ 'i.csv': csv(ROWS) }), { interactions: 'i.csv' }),
  ]
  const protocol = makeProtocol({ manifest: four.manifest, ...choice })
  expect(protocol.preparation).toEqual([{ step: 'min-weight', setting: '4' }])
  expect(describeProtocol(protocol)).toContain('min-weight 4')
  expect(makeProtocol({ manifest: none.manifest, ...choice })).not.toHaveProperty('preparation')
  const same = { ...none.manifest, preparation: four.manifest.preparation }
  expect(makeProtocol({ manifest: same, ...choice }).hash).not.toBe(makeProtocol({ manifest: none.manifest, ...choice }).hash)
})

test('what cannot be done is said', async () => {
  const of = (options: Options, text = 'user,item\na,x\nb,y\n'): Promise<string> =>
    failure({ 'i.csv': text }, { interactions: 'i.csv', ...options })
  expect({
    weight: await of({ minWeight: 3 }),
    window: await of({ from: '2024-01-01' }),
    event: await of({ events: 'view' }),
    unknownEvent: await of({ events: 'veiw' }, csv(ROWS)),
    noTime: await of({ from: 'tomorrow' }, csv(ROWS)),
    gap: await of({ sessionGap: 'soon' }, csv(ROWS)),
    nothing: await of({ core: 100 }, csv(ROWS)),
  }).toMatchInlineSnapshot(`
    {
      "event": "bad-input --events needs event types, and the interactions have none: name the column with --map event=COLUMN.",
      "gap": "bad-input --session-gap: "soon" is no pause; write 30m, 2h or 1d.",
      "noTime": "bad-input --from: "tomorrow" is no time; write 2024-01-31, 2024-01-31T12:00 or 1706659200.",
      "nothing": "bad-input --core 100 leaves no interaction. Choose another.",
      "unknownEvent": "bad-input --events: There is no event type "veiw"; did you mean "view"? the types are buy, cart, view.",
      "weight": "bad-input --min-weight needs a weight, and the interactions have none: name the column with --map weight=COLUMN.",
      "window": "bad-input --from and --to needs a time, and the interactions have none: name the column with --map time=COLUMN.",
    }
  `)
})

test('an event type counts for something, or is left out', async () => {
  const files = { 'i.csv': 'user,item,event\na,p,view\na,q,buy\n' }
  for (const weight of ['0', '-1', 'much'])
    expect(await failure(files, { interactions: 'i.csv', events: `view=${weight},buy=5` })).toContain(
      `"${weight}" is no weight above 0; write view=1, or leave view out.`,
    )
})
