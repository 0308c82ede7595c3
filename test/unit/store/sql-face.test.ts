/** The workspace asked in SQL: answers over the views, and nothing but reading. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Database } from '../../../main/engine/store/database.ts'
import { askSql, SQL_VIEWS } from '../../../main/engine/store/sql-face.ts'

let folder: string
let database: Database
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pylon-sql-'))
  database = new Database(join(folder, 'pylon.sqlite'))
  database.insert('datasets', { name: 'shop', created_at: '2026-01-01', checksum: 'c', manifest: '{"users":3,"items":4,"interactions":9}' })
  database.insert('protocols', { hash: 'p', protocol: '{}' })
  const run = (id: string, name: string, epochs: number): void =>
    database.insert('runs', {
      ...{ id, name, dataset: 'shop', model: 'two-tower', spec: JSON.stringify({ training: { epochs } }), threads: 1, state: 'finished' },
      ...{ created_at: `2026-01-0${epochs}`, protocol: 'p' },
    })
  run('a', 'first', 2)
  run('b', '二号, "quoted"', 3)
  for (const [id, value] of [
    ['a', 0.25],
    ['b', 0.5],
  ] as const)
    database.insert('metrics', { run: id, part: 'test', protocol: 'p', name: 'recall@20', value })
})
afterAll(() => {
  database.close()
  rmSync(folder, { recursive: true, force: true })
})

test('runs with their metrics and a field of their config; datasets with what their manifest counts', () => {
  const sql = `-- the best first
    SELECT name, value, config ->> '$.training.epochs' AS epochs FROM runs JOIN metrics USING (run) WHERE metric = 'recall@20' ORDER BY value DESC`
  expect(askSql(database, sql, 10)).toEqual({
    columns: ['name', 'value', 'epochs'],
    rows: [
      ['二号, "quoted"', 0.5, 3],
      ['first', 0.25, 2],
    ],
    more: false,
  })
  expect(askSql(database, 'SELECT run FROM runs ORDER BY run', 1)).toEqual({ columns: ['run'], rows: [['a']], more: true })
  expect(askSql(database, 'SELECT users + items + interactions FROM datasets', 5).rows).toEqual([[16]])
  expect(askSql(database, 'WITH x AS (SELECT 1 AS n) SELECT n FROM x', 5).rows).toEqual([[1]])
})

test.each(Object.keys(SQL_VIEWS))('the view %s is there, with its columns', (name) => {
  expect(askSql(database, `SELECT * FROM ${name}`, 5).columns).toEqual(Object.keys(SQL_VIEWS[name]!.columns))
})

test('whatever is not a question is refused, and changes and reads nothing', () => {
  const secret = join(folder, 'secret.txt')
  writeFileSync(secret, 'secret')
  const attempts = [
    'DELETE FROM runs',
    "INSERT INTO tags VALUES ('a', 'x') RETURNING tag",
    'WITH x AS (SELECT 1) DELETE FROM runs RETURNING run',
    `ATTACH '${join(folder, 'pylon.sqlite')}' AS w`,
    `VACUUM INTO '${join(folder, 'copy.sqlite')}'`,
    'PRAGMA query_only = OFF',
    'SELECT 1; DELETE FROM runs',
    `SELECT readfile('${secret}')`,
    `SELECT writefile('${join(folder, 'out.txt')}', 'x')`,
    "SELECT load_extension('x')",
    'EXPLAIN SELECT 1',
    'SELECT spec FROM sqlite_schema_of_workspace',
    '',
  ]
  for (const sql of attempts) expect(() => askSql(database, sql, 10), sql).toThrow(expect.objectContaining({ code: 'bad-input' }))
  expect(() => askSql(database, 'SELECT * FROM run', 10)).toThrow(/no view "run"; did you mean "runs"/)
  // names of the store's own tables mean nothing here
  expect(() => askSql(database, 'SELECT * FROM artefacts', 10)).toThrow(/no view "artefacts"/)
  expect(database.all('SELECT id FROM runs')).toHaveLength(2)
  expect(database.all('SELECT tag FROM tags')).toEqual([])
})
