/** A file of any name is read as that file, by every reader, beside files that its name would match were it a pattern. */
import Database from 'better-sqlite3'
import { DuckDBInstance } from '@duckdb/node-api'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../../helpers/folder.ts'
import { importFrom } from './imported.ts'

const NAMES = [
  ...['c[1]', 'c[a-z]', 'c[!x]', 'c*', 'c?', '**', '[[]', 'c[1', 'c]', 'c{1,a}', "it's", 'a"b', 'a#b', 'a%20b', 'a b', '-x', '--'],
  ...['数据', 'Ünïcode', '\u202exyz', '😀', 'a\nb', 'a\tb', ' lead', 'http:', '~', '$HOME', 'a;b', 'a|b', 'a&b?c=d', 'a\\b', 'a:b'],
  ...['year=2024', 'x'.repeat(240)],
]

const csv = (user: string): string => `user,item\n${user},1\n${user},2\n`

/** Writes the same two interactions of a user in every format, as `NAME.ext`. */
const WRITERS: Readonly<Record<string, (path: string, user: string) => Promise<unknown>>> = {
  csv: (path, user) => writeFile(path, csv(user)),
  'csv.gz': (path, user) => writeFile(path, gzipSync(csv(user))),
  jsonl: (path, user) => writeFile(path, `{"user":"${user}","item":"1"}\n{"user":"${user}","item":"2"}\n`),
  parquet: async (path, user) => {
    const plain = join(dirname(path), 'plain')
    const duck = await (await DuckDBInstance.create(':memory:')).connect()
    await duck.run(`COPY (SELECT '${user}' AS "user", unnest(['1', '2']) AS item) TO '${plain.replaceAll("'", "''")}' (FORMAT parquet)`)
    duck.closeSync()
    await rename(plain, path)
  },
  sqlite: async (path, user) => {
    const plain = join(dirname(path), 'plain')
    const db = new Database(plain)
    db.exec(`CREATE TABLE seen (user TEXT, item TEXT); INSERT INTO seen VALUES ('${user}', '1'), ('${user}', '2')`)
    db.close()
    await rename(plain, path)
  },
}

test.each(Object.keys(WRITERS))('%s: the rows are those of the named file', { timeout: 120_000 }, async (extension) => {
  const write = WRITERS[extension]!
  const folder = await temporaryFolder()
  for (const decoy of ['c1', 'ca', 'c', 'cx', 'a', 'x']) await write(join(folder, `${decoy}.${extension}`), 'wrong')
  // CSV meets them all; of the others each meets what its reader might take for more than a letter
  const names = extension === 'csv' ? NAMES : NAMES.filter((name) => /[[*?#%'"\\]|=|^-x|^数|^x{9}/.test(name))
  const read: string[][] = []
  for (const name of names) {
    await write(join(folder, `${name}.${extension}`), 'right')
    read.push([name, ...(await (await importFrom(folder, { interactions: `${name}.${extension}` })).dataset.ids('user'))])
  }
  expect(read).toEqual(names.map((name) => [name, 'right']))
})

test('folders of such names, and columns that a folder’s name would add', async () => {
  const base = await temporaryFolder()
  const read: string[][] = []
  for (const name of ['c[1]', 'year=2024', "it's*"]) {
    for (const [folder, user] of [
      ['c1', 'wrong'],
      [name, 'right'],
    ] as const) {
      await mkdir(join(base, folder), { recursive: true })
      await WRITERS['parquet']!(join(base, folder, 'x.parquet'), user)
    }
    const { dataset, said } = await importFrom(base, { interactions: `${name}/x.parquet` })
    read.push([...(await dataset.ids('user')), ...said.filter((text) => text.includes('not used'))])
  }
  expect(read).toEqual([['right'], ['right'], ['right']])
})

test('what DuckDB cannot be told is refused, and no other file is read', async () => {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'a'))
  await writeFile(join(folder, 'a', 'b*.csv'), csv('wrong'))
  await writeFile(join(folder, 'a\\b*.csv'), csv('right'))
  await expect(importFrom(folder, { interactions: 'a\\b*.csv' })).rejects.toMatchObject({
    code: 'bad-input',
    place: join(folder, 'a\\b*.csv'),
  })
})
