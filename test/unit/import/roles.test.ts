/** Which column is what, by what the values are; how sure it is; and what is asked where it is not. */
import { expect, test } from 'vitest'
import { guessRoles } from '../../../main/engine/import/role-guess.ts'
import { failure, importFiles } from './imported.ts'

/** `role = column, confidence` of a file without a header, or with names that say nothing. */
function guessed(rows: readonly (readonly string[])[], names: readonly string[] | null = null): string[] {
  const samples = rows[0]!.map((_, k) => ({
    name: names?.[k] ?? `column${k + 1}`,
    type: 'VARCHAR',
    cells: rows.map((row) => (row[k] === '' ? null : row[k]!)),
  }))
  return [...guessRoles(samples, {}, names !== null, 'f').roles].map(
    ([role, { column, confidence }]) => `${role} = ${column}, ${confidence}`,
  )
}
const many = (n: number, row: (k: number) => string[]): string[][] => Array.from({ length: n }, (_, k) => row(k))
/** numbers that look drawn at random, the same in every run */
const drawn = (k: number, most: number): number =>
  Math.imul(k + 1, 2654435761) % most < 0 ? most + (Math.imul(k + 1, 2654435761) % most) : Math.imul(k + 1, 2654435761) % most

test('events of a shop without names: user, item, category, event, time', () => {
  const rows = many(400, (k) => {
    const item = drawn(k, 60)
    return [
      String(1000 + Math.floor(k / 8)),
      String(520_000 + item),
      String(9000 + (item % 7)),
      ['pv', 'cart', 'buy'][k % 3]!,
      String(1_511_544_070 + k * 17),
    ]
  })
  expect(guessed(rows)).toEqual(['event = column4, high', 'user = column1, medium', 'item = column2, medium', 'time = column5, high'])
  // the same in another order
  const moved = rows.map(([user, item, category, event, time]) => [time!, category!, event!, item!, user!])
  expect(guessed(moved)).toEqual(['event = column3, high', 'user = column5, medium', 'item = column4, medium', 'time = column1, high'])
})

test('of many rows a column of few values, a device, is no id beside those of ten times as many', () => {
  const plays = (rows: number): string[][] =>
    many(rows, (k) => [String(100 + drawn(k, 40)), String(5000 + drawn(k + 3, 90)), ['phone', 'desktop', 'tv'][drawn(k + 9, 3)]!])
  expect(guessed(plays(600))).toEqual(['user = column1, medium', 'item = column2, medium'])
  expect(guessed(plays(60)).join()).toContain('low')
})

test('ids that say what they are, numbers of rows and names of items are told apart', () => {
  const rows = many(60, (k) => [String(k + 1), `item_${drawn(k, 9)}`, `The ${drawn(k, 9)} Best Songs`, `u${drawn(k + 7, 12)}`])
  expect(guessed(rows)).toEqual(['user = column4, high', 'item = column2, high'])
  expect(guessed(rows, ['nr', 'x', 'y', 'z'])).toEqual(['user = z, high', 'item = x, high'])
})

test('ratings are few small numbers; a count or another number is none, and is left out', () => {
  const rows = (weight: (k: number) => string): string[][] => many(80, (k) => [`u${k % 9}`, `m${drawn(k, 20)}`, weight(k)])
  expect(guessed(rows((k) => String((k % 9) / 2 + 0.5)))).toContain('weight = column3, medium')
  expect(guessed(rows((k) => String(drawn(k, 90_000) / 7))).some((guess) => guess.startsWith('weight'))).toBe(false)
})

test('names in other scripts, or that nobody knows, beside values that tell', () => {
  const rows = [
    ['甲', 'p1', '2024-01-01'],
    ['甲', 'p2', '2024-01-02'],
    ['乙', 'p2', '2024-01-01'],
    ['乙', 'p3', '2024-01-03'],
  ]
  expect(guessed(rows, ['用户', '商品', '时间'])).toEqual(['user = 用户, high', 'item = 商品, high', 'time = 时间, high'])
  expect(guessed(rows, ['α', 'β', 'γ'])).toEqual(['user = α, high', 'item = β, high', 'time = γ, medium'])
})

test('a shop names its columns in Chinese', () => {
  const rows = many(60, (k) => [
    `2026/03/0${1 + (k % 7)} 10:00:00`,
    `买家${drawn(k, 9)}`,
    `G${drawn(k + 5, 12)}`,
    `北欧风${drawn(k + 5, 12)}`,
    ['浏览', '下单'][k % 2]!,
  ])
  const user = ['user = 买家编号, high', 'item = 商品编号, high', 'time = 下单时间, high', 'event = 行为, high']
  expect(guessed(rows, ['下单时间', '买家编号', '商品编号', '商品名称', '行为']).toSorted()).toEqual(user.toSorted())
  expect(guessed(rows, ['支付时间', '会员编号', '产品编号', '品名', '事件类型'])).toContain('user = 会员编号, high')
})

test('values beside their like in a few rows are chance; many of them are a log that goes user by user', () => {
  const [users, items] = [
    ['anna', 'bob', 'anna', 'carl', 'bob', 'anna'],
    ['x', 'y', 'y', 'x', 'z', 'z'],
  ]
  const few = users.map((user, k) => [user, items[k]!])
  expect(guessed(few)).toEqual(['user = column1, medium', 'item = column2, medium'])
  // with names that nobody knows it is asked
  expect(guessed(few, ['α', 'β'])).toEqual(['user = α, low', 'item = β, low'])
  const log = many(60, (k) => [String(drawn(k, 23)), String(100 + Math.floor(k / 6))])
  expect(guessed(log)).toEqual(['user = column2, medium', 'item = column1, medium'])
})

test.each([
  ['مستخدم', 'منتج', 'وقت'],
  ['उपयोगकर्ता', 'वस्तु', 'समय'],
  ['χρήστης', 'προϊόν', 'χρόνος'],
  ['ผู้ใช้', 'สินค้า', 'เวลา'],
  ['משתמש', 'פריט', 'זמן'],
  ['kullanıcı', 'ürün', 'zaman'],
  ['người_dùng', 'sản_phẩm', 'thời_gian'],
  ['USUÁRIO', 'Produto', 'Data'],
])('%s, %s, %s', (user, item, time) => {
  const rows = many(9, (k) => [String(1_700_000_000 + k), `x${drawn(k, 4)}`, `y${drawn(k + 3, 3)}`])
  expect(guessed(rows, [time, item, user])).toEqual([`user = ${user}, high`, `item = ${item}, high`, `time = ${time}, high`])
})

test('a date of birth is no time of an event; two columns of times are asked about', () => {
  const rows = many(20, (k) => [`u${k % 3}`, `i${k % 7}`, '1980-01-01', '2024-01-01'])
  expect(guessed(rows, ['user', 'item', 'birth_date', 'x'])).toContain('time = x, medium')
  expect(guessed(rows, ['user', 'item', 'a', 'b'])).toContain('time = a, low')
})

test('what is not sure is refused with the flag to say, and taken once it is said', async () => {
  const rows = many(24, (k) => [String(1 + Math.floor(k / 4)), `1${drawn(k, 9)}`, `70${drawn(k + 5, 8)}`])
  const files = { 'i.csv': `${rows.map((row) => row.join(',')).join('\n')}\n` }
  const input = { interactions: 'i.csv', format: 'table' } as const
  const message = await failure(files, input)
  expect(message).toContain('Cannot tell which column is the item; say it with --map item=COLUMN. It may be "column2"')
  const { dataset, said } = await importFiles(files, { ...input, map: 'item=2' })
  expect(await dataset.ids('item')).toEqual(['10', '11', '12', '13', '14', '15', '16', '18'])
  expect(said.some((text) => text.includes('user = column1, likely: '))).toBe(true)
})

test('a column that its name makes the time or the weight is never dropped without a word', async () => {
  expect(await failure({ 'i.csv': 'user,item,time\na,x,soon\na,y,later\n' }, { interactions: 'i.csv' })).toContain(
    'i.csv column "time": This is no time that is known ("soon"). Say how times are written with --date-format',
  )
  const { manifest } = await importFiles({ 'i.csv': 'user,item,rating\na,x,good\na,y,bad\n' }, { interactions: 'i.csv' })
  expect(manifest.warnings[0]).toContain('"rating" is not used as weight: "good" is no number. Every interaction counts the same')
  expect(await failure({ 'i.csv': 'user;item;rating\nu0;i0;inf\nu1;i1;1\nu0;i2;2\n' }, { interactions: 'i.csv' })).toContain(
    'i.csv:2 column "rating": "inf" is no finite number',
  )
})

test('the id of metadata is the column whose values are those of the interactions', async () => {
  const items = 'id,sku,title\n1,a,One\n2,b,Two\n3,c,Three\n'
  const { manifest, said } = await importFiles(
    { 'i.csv': 'user,item\nu,a\nu,b\nv,c\n', 'items.csv': items },
    { interactions: 'i.csv', items: 'items.csv' },
  )
  expect([manifest.items, manifest.profile.itemsWithoutMetadata]).toEqual([3, 0])
  expect(said.some((text) => text.includes('item id = sku, its values are item ids of the interactions, those of "id" are not'))).toBe(true)
})

test('files and columns of names that say nothing are told by their contents; what joins nothing is not used', async () => {
  const events = Array.from({ length: 60 }, (_, k) => `cust-${k % 12},sku${(k * 7) % 20},2024-03-${String(1 + (k % 28)).padStart(2, '0')}`)
  const files = {
    'd/a.csv': `x,y,z\n${Array.from({ length: 20 }, (_, k) => `sku${k},colour ${k % 3},${k}`).join('\n')}\n`,
    'd/b.csv': `p,q,r\n${events.join('\n')}\n`,
    'd/c.csv': `s,t\n${Array.from({ length: 12 }, (_, k) => `cust-${k},town ${k % 4}`).join('\n')}\n`,
    // friends are no key of anybody, other shops' articles are not these
    'd/e.csv': `l,m\n${Array.from({ length: 40 }, (_, k) => `cust-${k % 12},cust-${(k * 5) % 12}`).join('\n')}\n`,
    'd/f.csv': `n,o\n${Array.from({ length: 9 }, (_, k) => `other${k},colour ${k % 3}`).join('\n')}\n`,
  }
  const { manifest, said } = await importFiles(files, { path: 'd' })
  expect(manifest).toMatchObject({ interactions: 60, users: 12, items: 20, hasTime: true })
  expect(manifest.itemColumns.map(({ name }) => name)).toEqual(['y', 'z'])
  expect(manifest.userColumns.map(({ name }) => name)).toEqual(['t'])
  for (const name of ['e.csv', 'f.csv']) expect(said.join('\n')).toContain(`${name}: This file is not used`)
})

test('of several columns that are called as weights are, the one of numbers is the weight', async () => {
  const rows = 'user,item,count,评分\na,1,few,"1,838.5"\na,2,many,"1,284.5"\nb,1,few,"1,560.5"\n'
  const { dataset } = await importFiles({ 'i.csv': rows }, { interactions: 'i.csv' })
  expect([...dataset.interactions.weight!]).toEqual([1838.5, 1284.5, 1560.5])
})

test('a second file of the columns of the interactions is not used, and what would use it is said', async () => {
  const rows = (n: number): string =>
    `who,what,time\n${Array.from({ length: n }, (_, k) => `u${k % 5},i${drawn(k, 9)},${1_700_000_000 + k}\n`).join('')}`
  const { manifest, said } = await importFiles({ 'd/views.csv': rows(40), 'd/wishes.csv': rows(20) }, { path: 'd' })
  expect(manifest.interactions).toBe(40)
  expect(said.join('\n')).toContain(
    'wishes.csv: This file is not used: it has the columns of views.csv, and one file of interactions is taken; --also',
  )
})

test('a date that each item keeps is no time of the interactions by its values, and is told where its name says so', async () => {
  const log = (name: string, date: (user: number, item: number, row: number) => string): string =>
    `user_id,item_id,${name}\n${Array.from({ length: 200 }, (_, k) => {
      const [u, i] = [drawn(k, 30), drawn(k + 999, 20)]
      return `u${u},i${i},${date(u, i, k)}\n`
    }).join('')}`
  const day = (n: number): string => `2019-03-${String(1 + (n % 28)).padStart(2, '0')}`
  const of = async (text: string, map?: string): Promise<{ hasTime: boolean; columns: string[]; warnings: string }> => {
    const { manifest } = await importFiles({ 'i.csv': text }, { interactions: 'i.csv', ...(map !== undefined && { map }) })
    const { hasTime, itemColumns, warnings } = manifest
    return { hasTime, columns: itemColumns.map(({ name, kind }) => `${name} ${kind}`), warnings: warnings.join() }
  }
  const kept = await of(log('"new, since"', (_, i) => day(i)))
  expect(kept).toMatchObject({ hasTime: false, columns: ['new, since time'] })
  expect(kept.warnings).toContain(`say --map 'time="new, since"'.`)
  expect(
    await of(
      log('premiere', (_, i) => day(i)),
      'time=premiere',
    ),
  ).toEqual({ hasTime: true, columns: [], warnings: '' })
  const named = await of(log('date', (_, i) => day(i)))
  expect(named).toMatchObject({ hasTime: true, columns: [] })
  expect(named.warnings).toContain('say --map time=none.')
  // days of a log, of a user's only visit, and one day for all are no such thing
  for (const date of [(_: number, __: number, k: number) => day(k >> 3), (u: number) => day(u), () => day(1)])
    expect(await of(log('when', date))).toMatchObject({ hasTime: true, warnings: '' })
  const two = await of(log('premiere,moment', (_, i, k) => `${day(i)},${day(k >> 3)}`))
  expect(two).toMatchObject({ hasTime: true, columns: ['premiere time'], warnings: '' })
})
