/** Columns may be called anything, in any script: what is said is what is taken, and no name of the importer's own gets in the way. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinPairs } from '../../../main/contract/import-options.ts'
import { importFiles } from './imported.ts'

const NAMES = [
  'rowid', '__id', '__k', '__source', 'id_2', 'c0', 'c1', 'k', 'e', 'm', 'r', 'v', 'n', 'raw', 'user_ids', 'file_row_number', 'filename', 'select', 'from', 'order', 'group',
  'a.b', 'a b', ' padded', 'say "hi"', "it's", 'a,b', 'a=b', 'a;b', 'a\tb', '[x]', '{y}', '用户', 'товар', 'العنصر', 'μ', '🎬', '1', '-', '%s', '$1', '\\N', 'none',
] // prettier-ignore
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

test.each(NAMES)('a column of metadata called %j', async (name) => {
  const { dataset, manifest } = await importFiles(
    { 'i.csv': 'user,item\nu,p\nu,q\nv,r\n', 'items.csv': `item,${quoted(name)},plain\np,1,x\nq,2,y\nr,3,z\n` },
    { interactions: 'i.csv', items: 'items.csv', map: 'itemId=item' },
  )
  expect(manifest.warnings).toEqual([])
  const rows = await dataset.rows('item', [0, 1, 2])
  expect(rows.map((row) => Object.values(row).map(String).toSorted())).toEqual([
    ['1', 'p', 'x'],
    ['2', 'q', 'y'],
    ['3', 'r', 'z'],
  ])
})

test('columns of interactions are those that are said, whatever their names', async () => {
  const pairs = fc.uniqueArray(fc.constantFrom(...NAMES.filter((name) => name !== 'none')), {
    minLength: 3,
    maxLength: 3,
  })
  for (const [user, item, time] of fc.sample(pairs, { numRuns: 30, seed: 1 }) as [string, string, string][]) {
    const { dataset, manifest } = await importFiles(
      { 'i.csv': `other,${[item, time, user].map(quoted).join(',')}\nx,p,1700000000,u\ny,q,1700000001,v\n` },
      { interactions: 'i.csv', header: 'yes', map: joinPairs(Object.entries({ user, item, time })) },
    )
    expect([await dataset.ids('user'), await dataset.ids('item'), manifest.hasTime]).toEqual([['u', 'v'], ['p', 'q'], true])
  }
})

test.each([
  ['用户', '商品', '名称'],
  ['пользователь', 'товар', 'название'],
  ['ユーザー', 'アイテム', '名前'],
  ['المستخدم', 'العنصر', 'الاسم'],
  ['χρήστης', 'είδος', 'όνομα'],
])('names in another script: %s, %s', async (user, item, title) => {
  const { dataset, manifest } = await importFiles(
    {
      'i.csv': `${user},${item}\na,p1\na,p2\nb,p2\nb,p3\n`,
      'items.csv': `${title},${item}\nOne,p1\nTwo,p2\nThree,p3\n`,
    },
    { interactions: 'i.csv', items: 'items.csv', map: `user=${user},item=${item}` },
  )
  expect([await dataset.ids('item'), manifest.profile.itemsWithoutMetadata]).toEqual([['p1', 'p2', 'p3'], 0])
})

test('a column of numbers that some cells spoil is told, as it is taken for words', async () => {
  const items = (cells: readonly string[]): string => `item,p\n${cells.map((cell, k) => `i${k},"${cell}"`).join('\n')}\n`
  const read = async (cells: readonly string[], more = {}): Promise<{ kind: string; warnings: readonly string[] }> => {
    const { manifest } = await importFiles(
      { 'i.csv': 'user,item\nu,i0\nu,i1\nv,i2\n', 'items.csv': items(cells) },
      { interactions: 'i.csv', items: 'items.csv', map: 'itemId=item', ...more },
    )
    return { kind: manifest.itemColumns[0]!.kind, warnings: manifest.warnings }
  }
  const spoiled = ['1', '2', 'inf', '4', '5', '-Infinity']
  const { kind, warnings } = await read(spoiled)
  expect(kind).toBe('category')
  expect(warnings).toEqual([
    'items.csv column "p": 4 of 6 cells looked at are numbers and "inf" is none, so the column is taken as category. Correct such cells, or say --kinds p=category where that is meant.',
  ])
  expect((await read(spoiled, { kinds: 'items.p=category' })).warnings).toEqual([])
  // sizes, codes and words are what they are
  for (const cells of [
    ['S', 'M', 'L', '38', 'S', 'M'],
    ['007', '011', '12A', '013', '014', '015'],
    ['a', 'b', 'c', 'd', 'e', '1'],
  ])
    expect((await read(cells)).warnings, cells.join()).toEqual([])
})

test('whole numbers that floating ones do not have keep their digits: they are codes', async () => {
  const codes = Array.from({ length: 30 }, (_, k) => String(9_007_199_254_740_992n + BigInt(k)))
  const files = {
    'i.csv': 'user,item\nu,i0\nu,i1\nv,i2\n',
    'items.csv': `item,upc,size\n${codes.map((code, k) => `i${k},${code},${k}`).join('\n')}\n`,
  }
  const { manifest, dataset } = await importFiles(files, { interactions: 'i.csv', items: 'items.csv' })
  expect(manifest.itemColumns.map(({ name, kind }) => [name, kind])).toEqual([
    ['upc', 'ignore'],
    ['size', 'number'],
  ])
  const [row] = await dataset.rows('item', [(await dataset.ids('item')).indexOf('i1')])
  expect(row!['upc']).toBe(codes[1])
})
