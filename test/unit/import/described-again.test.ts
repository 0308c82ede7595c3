/** Columns of a log that describe its items and users, when they are looked at beforehand and when the import is made again. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { describeFinding } from '../../../main/contract/shapes/finding.ts'
import type { FileInspection } from '../../../main/contract/shapes/inspection.ts'
import { importInput, inspectInput, type ImportInput } from '../../../main/contract/verbs/datasets.ts'
import { againFindings, kindsOf, optionsLike } from '../../../main/engine/import/again.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { drain } from '../../../main/engine/files/drain.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { filesIn, importFrom, type Imported } from './imported.ts'

/** Rows from one number to another. @param price of an item at a row */
const rows = (from: number, to: number, price: (item: number, row: number) => number = (item) => item): string =>
  Array.from({ length: to - from }, (_, n) => {
    const k = from + n
    const item = (k * 5) % 24
    return `u${(k * 7 + Math.floor(k / 24)) % 12},i${item},${1_700_000_000 + k},"thing, ${item}",${price(item, k)},${(k * k) % 7 > 2 ? 'ios' : 'web'}\n`
  }).join('')
const HEADER = 'user,item,time,title,price,device\n'

async function look(input: object, before?: Imported['manifest']): Promise<FileInspection> {
  const asked = before === undefined ? inspectInput.parse(input) : optionsLike(inspectInput.parse({ like: 'test', ...input }), before)
  const options = { input: asked, scratch: join(await temporaryFolder(), 's'), threads: 1 }
  return drain(inspectFiles({ ...options, ...(before !== undefined && { kindsBefore: kindsOf(before) }) }))
}
const again = (before: Imported['manifest'], more: Partial<ImportInput>): Promise<Imported> => {
  const { name: _, ...options } = optionsLike(importInput.parse({ name: 'next', like: 'test', ...more }), before)
  return importFrom('/', options)
}
const names = ({ manifest }: Imported): string[] => manifest.itemColumns.map(({ name }) => name)

test('a look tells what would be taken, as what, and why the others would not', async () => {
  const folder = await filesIn({ 'log.csv': HEADER + rows(0, 240) })
  const found = await look({ interactions: join(folder, 'log.csv') })
  const columns = Object.fromEntries(found.files[0]!.columns.map((column) => [column.name, column]))
  expect(columns['title']).toMatchObject({ role: 'title', describes: 'item', kind: 'text' })
  expect(columns['price']).toMatchObject({ role: null, describes: 'item', kind: 'number' })
  expect(columns['device']).toMatchObject({ role: null, kind: null })
  expect(columns['device']!.left).toContain('it varies within')
  expect(columns['user']).not.toHaveProperty('describes')
  const said = await look({ interactions: join(folder, 'log.csv'), itemColumns: 'none', userColumns: 'device' })
  expect(said.files[0]!.columns.map(({ describes }) => describes ?? null)).toEqual([null, null, null, null, null, 'user'])
  expect(said.problems.map(({ message }) => message).join()).toMatch(/Column "device": 12 of 12 users with several rows/)
  const wrong = await look({ interactions: join(folder, 'log.csv'), itemColumns: 'nothing' })
  expect(wrong.problems).toMatchObject([{ level: 'error', file: 'log.csv' }])
  expect(wrong.problems[0]!.message).toContain('no column "nothing"')
  // what describes nobody may be left out by its kind as well
  expect((await look({ interactions: join(folder, 'log.csv'), kinds: 'device=ignore' })).problems).toEqual([])
  expect(names(await importFrom(folder, { interactions: 'log.csv', kinds: 'device=ignore' }))).toEqual(['title', 'price'])
  // as the import does, and what is told of the columns stays
  for (const [kinds, words] of [
    ['device=category', /"device" of the interactions describes neither the item nor the user so far/],
    ['users.price=number', /"price" of the interactions does not describe the user so far: take it with --user-columns/],
    ['nothing=number', /There is no column "nothing"/],
  ] as const) {
    const { problems, files } = await look({ interactions: join(folder, 'log.csv'), kinds })
    expect(problems.map(({ level }) => level)).toEqual(['error'])
    expect(problems[0]!.message).toMatch(words)
    expect(files[0]!.columns.find(({ name }) => name === 'title')).toMatchObject({ describes: 'item' })
    await expect(importFrom(folder, { interactions: 'log.csv', kinds })).rejects.toThrow(words)
  }
})

test('the newer row counts when files are appended, and columns stay what they were', async () => {
  const folder = await filesIn({ 'log.csv': HEADER + rows(0, 240), 'next.csv': HEADER + rows(240, 300, (item) => item + 100) })
  const first = await importFrom(folder, { interactions: 'log.csv' })
  expect(names(first)).toEqual(['title', 'price'])
  const append = [join(folder, 'next.csv')]
  const looked = await look({ append }, first.manifest)
  const findings = againFindings(looked, first.manifest, true).filter(({ code }) => code.startsWith('again-'))
  expect(findings.map(describeFinding)).toEqual(['Added to test: 60 interactions, 0 users and 0 items that it did not have.'])
  const second = await again(first.manifest, { append })
  expect(names(second)).toEqual(['title', 'price'])
  expect(second.manifest.warnings.join()).toMatch(/Column "price": 24 of 24 items/)
  const ids = await second.dataset.ids('item')
  expect(await second.dataset.rows('item', [ids.indexOf('i7')])).toMatchObject([{ title: 'thing, 7', price: 107 }])
})

test('other files by the same choices; a table that comes with them takes the place; what is missing is refused by name', async () => {
  const folder = await filesIn({
    'log.csv': HEADER + rows(0, 240),
    'other.csv': HEADER + rows(0, 200, (item, row) => item + (row % 4)),
    'items.csv': 'item,colour\ni1,red\ni2,blue\n',
    'less.csv': 'user,item,time\na,i1,1\na,i2,2\nb,i1,3\nb,i2,4\n',
  })
  const first = await importFrom(folder, { interactions: 'log.csv' })
  expect(names(await again(first.manifest, { path: join(folder, 'other.csv') }))).toEqual(['title', 'price'])
  const [interactions, items] = [join(folder, 'other.csv'), join(folder, 'items.csv')]
  expect(names(await again(first.manifest, { interactions, items }))).toEqual(['colour'])
  await expect(again(first.manifest, { path: join(folder, 'less.csv') })).rejects.toThrow(/There is no column "title"/)
  expect(names(await again(first.manifest, { path: join(folder, 'less.csv'), itemColumns: 'none' }))).toEqual([])
  // datasets of before this was known had no columns of a log
  const { itemColumns: _, userColumns: __, ...recipe } = first.manifest.recipe!
  expect(names(await again({ ...first.manifest, itemColumns: [], recipe }, { path: join(folder, 'other.csv') }))).toEqual([])
})

test('a column that only the appended file has is named, beforehand and by the import', async () => {
  const first = await importFrom(await filesIn({ 'log.csv': HEADER + rows(0, 240) }), { interactions: 'log.csv' })
  const more = rows(240, 300).replaceAll('\n', ',red\n')
  const next = join(await filesIn({ 'next.csv': HEADER.replace('\n', ',colour\n') + more }), 'next.csv')
  const told = '1 of the files lack columns that others have (colour), which are empty there'
  const found = await look({ append: [next] }, first.manifest)
  expect(found.problems.map(({ message }) => message).join()).toContain(told)
  expect((await again(first.manifest, { append: [next] })).said.join()).toContain(told)
})
