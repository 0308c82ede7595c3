/** What an id is: text as it is written, from every format; what stands for nothing among ids; numbers that a file made floating. */
import { expect, test } from 'vitest'
import { importFiles } from './imported.ts'

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
