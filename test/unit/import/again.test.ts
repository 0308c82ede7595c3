/** Imports made again: with further rows, with other files, and what of them is told before. */
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { describeFinding } from '../../../main/contract/shapes/finding.ts'
import { importInput, inspectInput } from '../../../main/contract/verbs/datasets.ts'
import type { DatasetManifest } from '../../../main/contract/shapes/dataset.ts'
import { againFindings, kindsOf, optionsLike } from '../../../main/engine/import/again.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { filesIn, importFrom, type Imported } from './imported.ts'

const LOG = 'who,what,when,stars\na,1,2024-01-01,5\na,2,2024-01-02,3\nb,1,2024-01-03,4\nb,3,2024-01-04,2\n'
const NEXT = 'who,what,when,stars\na,3,2024-02-01,5\nc,4,2024-02-02,4\n'
const ITEMS = 'sku,name,price\n1,One,10\n2,Two,20\n3,Three,30\n'
const first = { interactions: 'log.csv', items: 'items.csv', map: 'user=who,item=what,time=when,weight=stars' }

/** Imports like a dataset; paths are relative to the folder. */
async function like(before: DatasetManifest, folder: string, more: object): Promise<Imported> {
  const { name: _, ...options } = optionsLike(importInput.parse({ name: 'next', like: 'test', ...more }), before)
  return importFrom('/', options)
}
async function preview(before: DatasetManifest, more: object): Promise<{ told: string[]; problems: string[] }> {
  const asked = optionsLike(inspectInput.parse({ like: 'test', ...more }), before)
  const stage = inspectFiles({ input: asked, scratch: join(await temporaryFolder(), 's'), threads: 1, kindsBefore: kindsOf(before) })
  let next = await stage.next()
  while (next.done !== true) next = await stage.next()
  const again = againFindings(next.value, before, asked.append !== undefined).filter(({ code }) => code.startsWith('again-'))
  return {
    told: again.map(describeFinding),
    problems: next.value.problems.filter(({ level }) => level === 'error').map(({ message }) => message),
  }
}
const idsOf = async ({ dataset }: Imported, side: 'user' | 'item'): Promise<string[]> => [...(await dataset.ids(side))]

test('next month is appended: old rows and new ones as one dataset, again and again', async () => {
  const folder = await filesIn({
    'log.csv': LOG,
    'items.csv': ITEMS,
    'feb.csv': NEXT,
    'mar.csv': 'who,what,when,stars\nd,1,2024-03-01,1\n',
  })
  const { manifest } = await importFrom(folder, first)
  const append = [join(folder, 'feb.csv')]
  expect((await preview(manifest, { append })).told).toEqual(['Added to test: 2 interactions, 1 users and 1 items that it did not have.'])
  const second = await like(manifest, folder, { append })
  expect(second.manifest).toMatchObject({ interactions: 6, hasTime: true, hasWeight: true })
  expect(await idsOf(second, 'user')).toEqual(['a', 'b', 'c'])
  expect(await idsOf(second, 'item')).toEqual(['1', '2', '3', '4'])
  const third = await like(second.manifest, folder, { append: [join(folder, 'mar.csv')] })
  expect(third.manifest.interactions).toBe(7)
  const whole = await importFrom(await filesIn({ 'log.csv': `${LOG}${NEXT.slice(NEXT.indexOf('\n') + 1)}`, 'items.csv': ITEMS }), first)
  expect(second.manifest.checksum).toBe(whole.manifest.checksum)
})

test('a folder is matched table by table; of two rows of an item the newer one counts', async () => {
  const folder = await filesIn({
    'log.csv': LOG,
    'items.csv': ITEMS,
    'feb/log.csv': NEXT,
    'feb/items.csv': 'sku,name,price\n4,Four,40\n1,One again,11\n',
  })
  const { manifest } = await importFrom(folder, first)
  const found = await like(manifest, folder, { append: [join(folder, 'feb')] })
  expect(await found.dataset.rows('item', [0, 1, 2, 3])).toMatchObject([
    { name: 'One again', price: 11 },
    { name: 'Two', price: 20 },
    { name: 'Three', price: 30 },
    { name: 'Four', price: 40 },
  ])
})

test('other files by the same choices; columns that are missing or new are told', async () => {
  const folder = await filesIn({
    'log.csv': LOG,
    'items.csv': ITEMS,
    'other/log.csv': NEXT,
    'other/items.csv': 'sku,name,colour\n3,Three,red\n4,Four,blue\n',
  })
  const { manifest } = await importFrom(folder, { ...first, positiveWeight: 4 })
  const other = { interactions: join(folder, 'other/log.csv'), items: join(folder, 'other/items.csv') }
  expect((await preview(manifest, other)).told).toEqual([
    'items.csv lacks columns that test has: price. They are not in the new dataset, or empty for the new rows.',
    'items.csv has columns that test has not: colour.',
  ])
  const found = await like(manifest, folder, other)
  expect(found.manifest).toMatchObject({ interactions: 2, hasWeight: true, itemTitle: 'name' })
  expect(found.manifest.recipe).toMatchObject({ positiveWeight: 4 })
})

test('a changed kind, a changed file, and a dataset without a recipe are refused', async () => {
  const folder = await filesIn({
    'log.csv': LOG,
    'items.csv': ITEMS,
    'feb.csv': NEXT,
    'new.csv': 'sku,name,price\n3,Three,cheap\n4,Four,dear\n',
  })
  const { manifest } = await importFrom(folder, first)
  const changed = { interactions: join(folder, 'feb.csv'), items: join(folder, 'new.csv') }
  expect((await preview(manifest, changed)).problems).toEqual([
    expect.stringMatching(/kind number and is now category.*--kinds items.price=number/),
  ])
  await writeFile(join(folder, 'log.csv'), `${LOG}x,1,2024-01-09,2\n`)
  const append = [join(folder, 'feb.csv')]
  const asked = importInput.parse({ name: 'n', like: 'test', append })
  expect(() => optionsLike(asked, manifest)).toThrow(/log.csv.*is another by now/)
  const { recipe: _, ...older } = manifest
  expect(() => optionsLike(asked, older)).toThrow(/does not say how it was imported/)
  expect(() => optionsLike(importInput.parse({ name: 'n', like: 'test' }), manifest)).toThrow(/--append FILE, or --path/)
})

test('several tables of interactions are one, with the file as event type', async () => {
  const folder = await filesIn({
    'views.csv': 'user,item,time\na,1,10\na,2,20\nb,1,30\n',
    'purchases.csv': 'user,item,time\na,2,25\nb,1,40\n',
  })
  const { manifest, dataset } = await importFrom(folder, {
    interactions: 'views.csv',
    also: [join(folder, 'purchases.csv')],
    positives: 'purchases',
  })
  expect(manifest).toMatchObject({ events: ['purchases', 'views'], positives: ['purchases'], interactions: 5 })
  expect([...dataset.interactions.event!]).toEqual([1, 1, 0, 1, 0])
})
