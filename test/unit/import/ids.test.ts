/** What an id is: text as it is written, from every format; what stands for nothing among ids; numbers that a file made floating. */
import { DuckDBInstance } from '@duckdb/node-api'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../helpers/folder.ts'
import { failure, importFiles, importFrom } from './imported.ts'

const lines = (...rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('')

test('JSON Lines: texts that look like dates, times, UUIDs or numbers stay as they are written', async () => {
  const ids = [
    '01-02-03',
    '01-02-2003',
    '2024-01-01',
    '2024-01-01 10:00:00',
    '10:00:00',
    '3BD73256-3905-4F3A-97E2-8B341527F805',
    '007',
    '1e5',
  ]
  for (const id of ids) {
    const file = lines({ user: id, item: id }, { user: id, item: id })
    const { dataset } = await importFiles(
      { 'i.jsonl': file, 'items.jsonl': lines({ item: id, also: { day: id } }) },
      { interactions: 'i.jsonl', items: 'items.jsonl' },
    )
    expect([await dataset.ids('user'), await dataset.ids('item')]).toEqual([[id], [id]])
  }
})

test('JSON Lines: integers of any length keep every digit, also beside texts', async () => {
  const numbers = ['9007199254740993', '18446744073709551617', '123456789012345678901234567890123456789012345', '5']
  const pure = numbers.map((n) => `{"user":"u","item":${n}}\n`).join('')
  const { dataset } = await importFiles({ 'i.jsonl': pure }, { interactions: 'i.jsonl' })
  expect(new Set(await dataset.ids('item'))).toEqual(new Set(numbers))
  const mixed = await importFiles(
    { 'i.jsonl': `${pure}{"user":"u","item":"A-1"}\n{"user":"u","item":true}\n` },
    { interactions: 'i.jsonl' },
  )
  expect(new Set(await mixed.dataset.ids('item'))).toEqual(new Set([...numbers, 'A-1', 'true']))
})

test('UUIDs of JSON Lines join those of a CSV file', async () => {
  const id = (end: string): string => `A0000000-0000-4000-8000-00000000000${end}`
  const { manifest } = await importFiles(
    {
      'i.jsonl': lines({ user: 'u', item: id('A'), time: 1 }, { user: 'u', item: id('b'), time: 2 }),
      'items.csv': `item,title\n${id('A')},One\n${id('b')},Two\n`,
    },
    { interactions: 'i.jsonl', items: 'items.csv' },
  )
  expect([manifest.items, manifest.profile.itemsWithoutMetadata]).toEqual([2, 0])
})

const NO_IDS = ['NULL', 'None', 'nan', String.raw`\N`, '']
const withMissing = `user,item,time\nu0,i0,1\nu1,i1,2\n${NO_IDS.map((word, k) => `u0,"${word}",${k + 3}\n`).join('')}`

test('words for a missing id are counted and refused, left out or kept as is said; never one big item in silence', async () => {
  const [files, table] = [{ 'i.csv': withMissing }, { interactions: 'i.csv' }]
  expect(await failure(files, table)).toBe(
    'bad-data i.csv:4 column "item": "NULL" is no item id but a word for a missing one. Correct such rows (5 here: "NULL" 1, "None" 1, "nan" 1, "\\N" 1, empty 1), or leave them out with --missing-ids drop, or pass --missing-ids keep where it is an id.',
  )
  const { dataset, manifest } = await importFiles(files, { ...table, missingIds: 'drop' })
  expect([await dataset.ids('item'), manifest.interactions]).toEqual([['i0', 'i1'], 2])
  expect(manifest.warnings[0]).toBe(
    'i.csv: 5 rows without an item id in "item" are left out ("NULL" 1, "None" 1, "nan" 1, "\\N" 1, empty 1).',
  )
  expect(await failure(files, { ...table, missingIds: 'keep' })).toContain('i.csv:8 column "item": This cell is empty')
  const kept = await importFiles({ 'i.csv': withMissing.slice(0, withMissing.lastIndexOf('u0')) }, { ...table, missingIds: 'keep' })
  expect(await kept.dataset.ids('item')).toEqual(['NULL', 'None', String.raw`\N`, 'i0', 'i1', 'nan'].toSorted())
  expect(kept.manifest.warnings[0]).toContain('taken as item ids in "item": "NULL" 1, "None" 1')
})

test('metadata without an id is refused or left out, by the same choice', async () => {
  const files = { 'i.csv': 'user,item\nu,i0\nu,i1\n', 'items.csv': 'item,title\ni0,One\n,Two\nNULL,Three\n' }
  const input = { interactions: 'i.csv', items: 'items.csv' }
  expect(await failure(files, input)).toContain('items.csv:3 column "item": This cell is empty; every row of metadata needs an item id.')
  const { dataset, manifest } = await importFiles(files, { ...input, missingIds: 'drop' })
  expect([await dataset.ids('item'), manifest.profile.itemsWithoutMetadata]).toEqual([['i0', 'i1'], 1])
})

test('whole floating ids are the whole number, in text too, so that two files join; said, and left by a flag', async () => {
  const files = { 'i.csv': 'user,item\n1.0,p\n2.0,q\n2.0,p\n', 'users.csv': 'user,age\n1,20\n2,30\n' }
  const input = { interactions: 'i.csv', users: 'users.csv' }
  const { dataset, manifest } = await importFiles(files, input)
  expect([await dataset.ids('user'), manifest.profile.usersWithoutMetadata]).toEqual([['1', '2'], 0])
  expect(manifest.warnings[0]).toContain('the user ids of "user" are floating numbers, of which 1.0 is the id 1; --float-ids keep')
  expect(await (await importFiles(files, { ...input, floatIds: 'keep' })).dataset.ids('user')).toEqual(['1', '1.0', '2', '2.0'])
  // one id that is none of these: all are texts
  const mixed = await importFiles({ 'i.csv': 'user,item\n1.0,p\n2.0,q\n1,p\n' }, { interactions: 'i.csv' })
  expect(await mixed.dataset.ids('user')).toEqual(['1', '1.0', '2.0'])
})

async function parquet(select: string): Promise<string> {
  const path = join(await temporaryFolder(), 'i.parquet')
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet)`)
  connection.closeSync()
  return path
}

async function failureOf(select: string): Promise<string> {
  const path = await parquet(select)
  try {
    await importFrom('/', { interactions: path })
  } catch (error) {
    return (error as Error).message
  }
  return 'no failure'
}

test('Parquet: whole floating ids are integers; NaN, infinity, lists and structures are refused with what to do', async () => {
  const { dataset } = await importFrom('/', { interactions: await parquet(`SELECT unnest([1.0::DOUBLE, 2, 1e17]) AS user, 'x' AS item`) })
  expect(await dataset.ids('user')).toEqual(['1', '2', '100000000000000000'])
  expect(await failureOf(`SELECT unnest([1::DOUBLE, 'nan']) AS user, 'x' AS item`)).toContain('row 2 column "user": "nan" is no user id')
  for (const bad of ['1e300', '2.5'])
    expect(await failureOf(`SELECT unnest([1::DOUBLE, ${bad}]) AS user, 'x' AS item`)).toContain('row 2 column "user": "')
  expect(await failureOf(`SELECT unnest([1::DOUBLE, 2.5]) AS user, 'x' AS item`)).toContain('--float-ids keep')
  const whole = await importFrom('/', { interactions: await parquet(`SELECT unnest([7, 8])::DECIMAL(38,0) AS user, 'x' AS item`) })
  expect([await whole.dataset.ids('user'), whole.said.join().includes('floating')]).toEqual([['7', '8'], false])
  expect(await failureOf(`SELECT unnest([1::DOUBLE, '-inf']) AS user, 'x' AS item`)).toContain('row 2 column "user": "-inf" is no user id')
  expect(await failureOf(`SELECT 'u' AS user, ['a', 'b'] AS item`)).toContain(
    'column "item": This column holds lists, which are no ids. With --unroll item',
  )
  expect(await failureOf(`SELECT 'u' AS user, {'sku': 'a'} AS item`)).toContain('holds structures, which are no ids')
  for (const bytes of ["'\\xAA'", "'a\\x00b'"])
    expect(await failureOf(`SELECT 'u' AS user, ${bytes}::BLOB AS item`)).toContain('holds bytes')
})

test('ids that differ in blanks or case only are pointed out and stay apart', async () => {
  const { dataset, manifest } = await importFiles({ 'i.csv': 'user,item\nu,A1\nu,a1\nu,"A1 "\nu,B\n' }, { interactions: 'i.csv' })
  expect(await dataset.ids('item')).toEqual(['A1', 'A1 ', 'B', 'a1'])
  expect(manifest.warnings[0]).toContain('3 item ids differ from another one in blanks, case')
})

test('JSON Lines: a key with a zero byte, at which SQL ends, is no column', async () => {
  const lines = '{"user":"a","item":"x","no\\u0000te":"1"}\n{"user":"b","item":"y","note":"2"}\n'
  const { dataset } = await importFiles({ 'i.jsonl': lines }, { interactions: 'i.jsonl' })
  expect(await dataset.ids('item')).toEqual(['x', 'y'])
})
