/** A look at files before they are imported: what is guessed, what is wrong, and that an import of the answer does what was shown. */
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinPairs, splitPairs } from '../../../main/contract/import-options.ts'
import type { FileInspection } from '../../../main/contract/shapes/inspection.ts'
import { inspectInput } from '../../../main/contract/verbs/datasets.ts'
import { inspectFiles } from '../../../main/engine/import/inspect-files.ts'
import { temporaryFolder } from '../../helpers/folder.ts'
import { filesIn, importFrom } from './imported.ts'

const clicks = 'user_id,movie_id,when\nu1,m1,2024-01-01\nu1,m2,2024-01-03\nu2,m1,2024-01-02\n'
const movies = 'id,name,price,tags\nm1,First film,3.5,a|b\nm2,Second film,4,a|c\n'
const people = 'user_id,city\nu1,Oslo\nu2,Lima\n'

async function inspect(files: Record<string, string>, input: Record<string, unknown> = { path: '.' }): Promise<FileInspection> {
  const folder = await filesIn(files)
  const place = (value: unknown): unknown =>
    Array.isArray(value) ? value.map((file) => join(folder, String(file))) : join(folder, String(value))
  const paths = Object.fromEntries(
    Object.entries(input).map(([key, value]) => [
      key,
      ['map', 'kinds', 'format', 'header', 'badRows'].includes(key) ? value : place(value),
    ]),
  )
  const stage = inspectFiles({ input: inspectInput.parse(paths), scratch: join(await temporaryFolder(), 's'), threads: 1 })
  for (;;) {
    const next = await stage.next()
    if (next.done === true) return JSON.parse(JSON.stringify(next.value).replaceAll(`${folder}/`, '')) as FileInspection
  }
}

const brief = ({ files }: FileInspection): Record<string, string[]> =>
  Object.fromEntries(
    files.map(({ shown, role, columns }) => [
      `${shown} ${role}`,
      columns.map((c) => `${c.name}${c.role === null ? '' : ` = ${c.role}`}${c.kind === null ? '' : ` (${c.kind})`}`),
    ]),
  )

test('files of a folder in no known layout get their parts by columns and names', async () => {
  const found = await inspect({ 'clicks.csv': clicks, 'movies.csv': movies, 'people.csv': people, 'notes.md': '# x' })
  expect(brief(found)).toEqual({
    'clicks.csv interactions': ['user_id = user', 'movie_id = item', 'when = time'],
    'movies.csv items': ['id = itemId', 'name = title (text)', 'price (number)', 'tags (tags)'],
    'people.csv users': ['user_id = userId', 'city (category)'],
  })
  expect(found).toMatchObject({
    format: 'table',
    source: { interactions: 'clicks.csv', items: 'movies.csv', users: 'people.csv' },
    counts: { users: 2, items: 2, interactions: 3 },
    hasTime: true,
  })
})

test('a corrected role is seen at once: the time has its form and its span', async () => {
  const found = await inspect({ 'clicks.csv': clicks }, { interactions: 'clicks.csv', map: 'time=when' })
  expect(found.files[0]!.columns[2]).toEqual({
    name: 'when',
    role: 'time',
    confidence: 'said',
    reason: '',
    kind: null,
    how: 'ISO date',
    samples: ['2024-01-01', '2024-01-03', '2024-01-02'],
    missing: 0,
  })
  expect(found.hasTime).toBe(true)
  expect(found.activity).toMatchObject({ from: Date.UTC(2024, 0, 1) / 1000, to: Date.UTC(2024, 0, 3) / 1000 })
  expect(found.activity!.counts).toHaveLength(60)
  expect(found.activity!.counts.reduce((a, b) => a + b, 0)).toBe(3)
})

test('problems of several files stand together, each at its file and column', async () => {
  const bad = { 'clicks.csv': 'who,item\na,x\n', 'items.csv': 'id,price\nx,1\nx,2\n', 'users.csv': 'nobody,age\nz,1\n' }
  const found = await inspect(bad, { interactions: 'clicks.csv', items: 'items.csv', users: 'users.csv' })
  expect(found.problems.map(({ level, file, column, role, message }) => [level, file, column, role, message.split('.')[0]])).toEqual([
    ['error', 'clicks.csv', 'who', 'user', 'clicks'],
    ['error', 'items.csv', 'id', null, 'items'],
    ['error', 'users.csv', null, 'userId', 'users'],
  ])
  expect(brief(found)['clicks.csv interactions']).toEqual(['who = user', 'item = item'])
})

test('a bad row of the interactions is named with its line before anything is imported', async () => {
  const found = await inspect({ 'c.csv': 'user,item,time\na,x,1\na,,2\n' }, { interactions: 'c.csv' })
  expect(found.problems).toMatchObject([
    { level: 'error', file: 'c.csv', column: 'item', message: expect.stringContaining('c.csv:3') as string },
  ])
  expect(found.counts).toBeNull()
})

test('dropped files of a known layout are that layout; others are told apart by content', async () => {
  const ratings = 'userId,movieId,rating,timestamp\n1,2,4.0,964982703\n'
  const layout = await inspect(
    { 'ratings.csv': ratings, 'movies.csv': 'movieId,title,genres\n2,Film (1995),A|B\n' },
    { files: ['movies.csv', 'ratings.csv'] },
  )
  expect(layout).toMatchObject({ format: 'movielens', source: { format: 'movielens' } })
  const halves = await inspect({ 'a-test.csv': clicks, 'a.csv': `${clicks}u3,m2,2024-02-01\n` }, { files: ['a-test.csv', 'a.csv'] })
  expect(halves.source).toMatchObject({ interactions: 'a.csv', test: 'a-test.csv' })
})

test('what was looked at is what gets imported, corrections with difficult names included', async () => {
  const files = { 'clicks.csv': clicks, 'movies.csv': 'id,"a,b=""c""",name\nm1,1,One\nm2,2,Two\n' }
  const kinds = joinPairs([['items.a,b="c"', 'category']])
  const found = await inspect(files, { files: ['clicks.csv', 'movies.csv'], kinds })
  expect(found.problems.filter(({ level }) => level === 'error')).toEqual([])
  const { interactions, items } = found.source
  const { manifest } = await importFrom(await filesIn(files), { interactions, items, kinds, map: 'time=when' })
  expect(manifest.itemColumns.map(({ name, kind }) => [name, kind])).toEqual([
    ['a,b="c"', 'category'],
    ['name', 'text'],
  ])
})

test('any names survive a list of pairs', () => {
  const part = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '')
  fc.assert(
    fc.property(fc.array(fc.tuple(part, part)), (pairs) => {
      expect(splitPairs(joinPairs(pairs)).map(({ pair }) => pair)).toEqual(pairs)
    }),
  )
  expect(splitPairs('a=b, c = d ,,e').map(({ text, pair }) => pair ?? text)).toEqual([['a', 'b'], ['c', 'd'], 'e'])
})

test('rows that an import would leave out are counted beforehand, in each table and once', async () => {
  const files = {
    'clicks.csv': `${clicks}${Array.from({ length: 30 }, (_, k) => `v${k},m1,2024-02-${String((k % 28) + 1).padStart(2, '0')}\n`).join('')}u3\nu3,m1,soon\n`,
    'movies.csv': `${movies}m3,Third\n`,
  }
  const { problems, counts } = await inspect(files, { path: '.', badRows: 'skip' })
  expect(counts).toMatchObject({ interactions: 33 })
  expect(problems.filter(({ level }) => level !== 'info').map(({ message }) => message)).toEqual([
    'clicks.csv: 2 rows could not be read and are left out; skipped-rows.csv of the dataset lists them.',
    'movies.csv: 1 row could not be read and is left out; skipped-rows.csv of the dataset lists them.',
  ])
})
