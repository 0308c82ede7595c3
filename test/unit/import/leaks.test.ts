/** Planted leaks are found, each in several forms, and nothing is found in what has none. */
import { describe, expect, it } from 'vitest'
import type { ImportInput } from '../../../main/contract/verbs/datasets.ts'
import { dataFolder } from '../../helpers/data.ts'
import { needing } from '../../helpers/needs.ts'
import { importFiles, importFrom } from './imported.ts'
import { dice, filesOf, heldOut, historyOf, itemId, shop, testCounts, userId, type Shop } from './planted.ts'

async function leaksOf(planted: Shop, more: Partial<ImportInput> = {}): Promise<string[]> {
  const { files, input } = filesOf(planted)
  const { manifest } = await importFiles(files, { ...input, ...more })
  return manifest
    .findings!.filter(({ code }) => code.startsWith('leak-'))
    .map(({ code, values }) => [code, values['column']].filter((part) => part !== undefined).join(' '))
}

/** A column for each user. */
function userColumn(make: (from: Shop, u: number) => string): Shop {
  const planted = shop()
  for (const [u, row] of planted.users.entries()) row['extra'] = make(planted, u)
  return planted
}

function itemColumn(make: (from: Shop, i: number, tests: number) => string): Shop {
  const planted = shop({ users: 800 })
  const counts = testCounts(planted)
  for (const [i, row] of planted.items.entries()) row['extra'] = make(planted, i, counts[i]!)
  return planted
}

function rowColumn(make: (from: Shop, history: Shop['rows'], at: number) => string, from = shop()): Shop {
  for (const u of from.users.keys())
    for (const [at, row] of historyOf(from, u).entries()) row.extra['extra'] = make(from, historyOf(from, u), at)
  return from
}

const target = (from: Shop, u: number): number => historyOf(from, u).at(-1)!.item
const titleOf = (from: Shop, i: number): string => from.items[i]!['title']!
const idsOf = (rows: Shop['rows']): string[] => rows.map(({ item }) => itemId(item))

describe('the held-out item in a user column', () => {
  const forms: Record<string, (from: Shop, u: number) => string> = {
    id: (from, u) => itemId(target(from, u)),
    'id in capitals': (from, u) => itemId(target(from, u)).toUpperCase(),
    'id within a text': (from, u) => `last seen: ${itemId(target(from, u))} (web)`,
    title: (from, u) => titleOf(from, target(from, u)),
    'title within a text': (from, u) => `Will love ${titleOf(from, target(from, u)).toUpperCase()}!`,
    'a list': (from, u) => `${itemId((u * 7) % 150)}|${itemId(target(from, u))}|${itemId((u * 3) % 150)}`,
    'of a fifth of the users': (from, u) => itemId(u % 5 === 0 ? target(from, u) : (u * 7) % 150),
    'the whole history': (from, u) => idsOf(historyOf(from, u)).join(' '),
  }
  for (const [form, make] of Object.entries(forms))
    it(form, async () => expect(await leaksOf(userColumn(make))).toEqual(['leak-user-column extra']))

  it('as a code of its own', async () =>
    expect(await leaksOf(userColumn((from, u) => `code-${(target(from, u) * 77) % 151}`))).toEqual(['leak-user-code extra']))

  it('clean: the history before it, and favourites that anybody may have', async () => {
    expect(await leaksOf(userColumn((from, u) => idsOf(historyOf(from, u).slice(0, -1)).join(' ')))).toEqual([])
    const next = dice(5)
    expect(await leaksOf(userColumn(() => itemId(Math.floor(next() ** 2 * 150))))).toEqual([])
  })
})

describe('a count over test interactions as an item column', () => {
  const forms: Record<string, (from: Shop, i: number, tests: number) => string> = {
    count: (_, __, n) => String(n),
    logarithm: (_, __, n) => Math.log1p(n).toFixed(4),
    share: (_, __, n) => (n / 800).toFixed(5),
    percent: (_, __, n) => `${((100 * n) / 800).toFixed(2)}%`,
    text: (_, __, n) => `${n} sales`,
    rank: (_, __, n) => String(1000 - n),
    'only where there is one': (_, __, n) => (n === 0 ? '' : String(n)),
  }
  for (const [form, make] of Object.entries(forms))
    it(form, async () => expect(await leaksOf(itemColumn(make))).toEqual(['leak-item-count extra']))

  it('all interactions, of which those of the test are some', async () => {
    const planted = shop({ users: 1000, items: 1500, events: 6 })
    const counts = new Map<number, number>()
    for (const { item } of planted.rows) counts.set(item, (counts.get(item) ?? 0) + 1)
    for (const [i, row] of planted.items.entries()) row['extra'] = String(counts.get(i) ?? 0)
    expect(await leaksOf(planted)).toEqual(['leak-item-count extra'])
  })

  it('clean: a count over training interactions, exact or rough', async () => {
    const trained = (from: Shop, i: number, n: number): number => from.rows.filter(({ item }) => item === i).length - n
    expect(await leaksOf(itemColumn((from, i, n) => String(trained(from, i, n))))).toEqual([])
    const next = dice(3)
    expect(await leaksOf(itemColumn((from, i, n) => String(Math.round((trained(from, i, n) + n) * (0.5 + next())))))).toEqual([])
  })
})

describe('duplicate rows across the split', () => {
  const withTest = (): Shop => {
    const planted = shop()
    const test = [...heldOut(planted).values()]
    return { ...planted, rows: planted.rows.filter((row) => !test.includes(row)), test }
  }
  it('all columns alike', async () => {
    const planted = withTest()
    planted.rows.push(...planted.test!.slice(0, 30))
    expect(await leaksOf(planted)).toEqual(['leak-duplicates'])
  })
  it('without a time', async () => {
    const planted = withTest()
    planted.rows.push(...planted.test!.slice(0, 30))
    expect(await leaksOf(planted, { map: 'time=none' })).toEqual(['leak-duplicates'])
  })
  it('clean: bought again at another time, in training as in test', async () => {
    const planted = withTest()
    expect(await leaksOf(planted)).toEqual([])
    planted.test!.push(...planted.rows.slice(0, 200).map((row) => ({ ...row, time: row.time + 40_000_000 })))
    expect(await leaksOf(planted)).toEqual([])
  })
})

describe('a history that reaches past its interaction', () => {
  const forms: Record<string, (from: Shop, history: Shop['rows'], at: number) => string> = {
    'all of the user': (_, history) => idsOf(history).join(' '),
    'a list with the interaction itself': (_, history, at) => JSON.stringify(idsOf(history.slice(0, at + 1))),
    'one too many': (_, history, at) => idsOf(history.slice(0, at + 2)).join(','),
    'as titles': (from, history) => history.map(({ item }) => titleOf(from, item)).join('; '),
    'the next item': (_, history, at) => idsOf(history.slice(at + 1, at + 2)).join(''),
  }
  for (const [form, make] of Object.entries(forms))
    it(form, async () => expect(await leaksOf(rowColumn(make))).toEqual(['leak-history extra']))

  it('clean: what came before, and what the item is called', async () => {
    expect(await leaksOf(rowColumn((_, history, at) => idsOf(history.slice(0, at)).join(' ')))).toEqual([])
    expect(await leaksOf(rowColumn((from, history, at) => titleOf(from, history[at]!.item)))).toEqual([])
    expect(
      await leaksOf(rowColumn((_, history, at) => `https://shop.test/${itemId(history[at]!.item)}?by=${userId(history[at]!.user)}`)),
    ).toEqual([])
  })
})

describe('near-duplicate items', () => {
  /** Every third held-out row is of a copy of its item, which a row of training knows. */
  function copied(change: (row: Record<string, string>) => Record<string, string>): Shop {
    const planted = shop()
    const copies = new Map<number, number>()
    planted.rows = planted.rows.map((row) => {
      if (heldOut(planted).get(row.user) !== row || row.user % 3 !== 0) return row
      let copy = copies.get(row.item)
      if (copy === undefined) {
        copies.set(row.item, (copy = planted.items.length))
        planted.items.push({ ...change(planted.items[row.item]!), item_id: itemId(copy) })
      }
      return { ...row, item: copy }
    })
    return planted
  }
  const forms: Record<string, (row: Record<string, string>) => Record<string, string>> = {
    'the same': (row) => row,
    'in capitals': (row) => ({ ...row, title: row['title']!.toUpperCase(), text: row['text']!.toUpperCase() }),
    'one word changed': (row) => ({ ...row, text: row['text']!.replace(/^\w+/, 'other') }),
    'one word more': (row) => ({ ...row, title: `${row['title']!} new` }),
    'another price': (row) => ({ ...row, price: '1.00' }),
  }
  for (const [form, change] of Object.entries(forms))
    it(form, async () => expect(await leaksOf(copied(change))).toEqual(['leak-twin-items']))

  it('short texts, of which a third stand there in pairs', async () => {
    const planted = shop({ items: 240 })
    const colours = 'red blue green white black grey'.split(' ')
    for (const [i, row] of planted.items.entries()) {
      // the second of a pair has the words in another order
      const n = i < 160 ? i : i - 80
      const words = [colours[n % 6]!, colours[Math.floor(n / 6) % 6]!, 'shirt', String(100 + n)]
      Object.assign(row, { title: (i < 160 ? words : words.toReversed()).join(' '), text: '', category: `g${n % 6}`, price: '', stars: '' })
    }
    expect(await leaksOf(planted)).toEqual(['leak-twin-items'])
  })

  it('clean: namesakes and templates', async () => {
    const planted = shop()
    for (const [i, row] of planted.items.entries())
      [row['title'], row['text']] = [`shirt number ${i % 70}`, 'A shirt of cotton, made to last']
    expect(await leaksOf(planted)).toEqual([])
  })
})

describe('a session on both sides of the split', () => {
  const ids: Record<string, (user: number, session: number) => string> = {
    text: (u, s) => `s-${u}-${s}`,
    integers: (u, s) => String(1000 + u * 20 + s),
    'counted within the user': (_, s) => String(s),
  }
  for (const [form, make] of Object.entries(ids))
    it(form, async () =>
      expect(await leaksOf(rowColumn((_, history, at) => make(history[at]!.user, 1 + Math.floor(at / 4))))).toEqual(['leak-session extra']),
    )
  it('in a random split', async () =>
    expect(
      await leaksOf(
        rowColumn((_, history, at) => `s${history[at]!.user * 9 + Math.floor(at / 3)}`),
        { split: 'random:0.2' },
      ),
    ).toEqual(['leak-session extra']))
  it('clean: sessions that end before the test begins, devices, days and ids of rows', async () => {
    expect(await leaksOf(rowColumn((_, history, at) => `s${history[at]!.user * 9 + (at === 11 ? 8 : Math.floor(at / 4))}`))).toEqual([])
    const next = dice(9)
    expect(await leaksOf(rowColumn(() => (next() < 0.3 ? 'phone' : 'web')))).toEqual([])
    expect(await leaksOf(rowColumn((_, history, at) => new Date(history[at]!.time * 1000).toISOString().slice(0, 10)))).toEqual([])
    expect(await leaksOf(rowColumn((_, history, at) => String(history[at]!.user * 100 + at)))).toEqual([])
  })
})

it('a column that is left out is no leak', async () =>
  expect(
    await leaksOf(
      userColumn((from, u) => itemId(target(from, u))),
      { kinds: 'users.extra=ignore' },
    ),
  ).toEqual([]))

describe('what public data is warned of', () => {
  const codesOf = async (name: string): Promise<string[]> =>
    (await importFrom(dataFolder(name)!, { path: '.' })).manifest.findings!.map(({ code }) => code)
  for (const name of ['inside-airbnb-albany', 'inside-airbnb-singapore'])
    needing(`data:${name}`).test(`${name}: most users have one event, and no leak`, async () =>
      expect(await codesOf(name)).toEqual(['one-event-users', 'split-time', 'users-without-test', 'future-in-training']),
    )
  needing('data:ml-latest-small').test('ml-latest-small: the last ones look ahead, and no leak', async () =>
    expect(await codesOf('ml-latest-small')).toEqual(['future-in-training']),
  )
  needing('data:gowalla').test('gowalla: its test part is of more popular items', async () =>
    expect(await codesOf('gowalla')).toEqual(['test-popularity']),
  )
})
