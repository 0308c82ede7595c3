/** The database: its schema comes step by step, a newer one is refused, and its rules hold. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../main/engine/store/database.ts'
import { migrations } from '../../../main/engine/store/migrations.ts'
import { Store } from '../../../main/engine/store/store.ts'
import { messageOf, OLD_RUNS, unpackOld } from '../../helpers/old-workspace.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const withFile = <T>(body: (path: string) => T): Promise<T> => withWorkspace((home) => body(join(home, 'x.sqlite')))

test('a database of an older schema gets the steps that it lacks, once', () =>
  withFile((path) => {
    const steps = [
      'CREATE TABLE a (x INTEGER) STRICT',
      'ALTER TABLE a ADD COLUMN y TEXT; INSERT INTO a VALUES (1, $$one$$)'.replaceAll('$$', "'"),
    ]
    const old = new Database(path, { steps: steps.slice(0, 1) })
    old.run('INSERT INTO a VALUES (?)', 0)
    old.close()
    for (let i = 0; i < 2; i++) {
      const now = new Database(path, { steps: steps })
      expect(now.all('SELECT * FROM a')).toEqual([
        { x: 0, y: null },
        { x: 1, y: 'one' },
      ])
      now.close()
    }
  }))

test('a run of the first schema keeps all that hangs on it, and may be paused in the present one', () =>
  withFile((path) => {
    const old = new Database(path, { steps: migrations.slice(0, 1) })
    old.run(`INSERT INTO datasets VALUES ('d', 't', 'c', '{}')`)
    old.run(
      `INSERT INTO runs (id, name, dataset, model, spec, threads, state, created_at) VALUES ('r', 'n', 'd', 'm', '{}', 1, 'cancelled', 't')`,
    )
    old.run(`INSERT INTO tags VALUES ('r', 'x')`)
    old.run(`INSERT INTO steps VALUES ('r', 1, 1, 0.5, 0.1)`)
    expect(() => old.run(`UPDATE runs SET state = 'paused'`)).toThrow(/CHECK/)
    old.close()
    const now = new Database(path)
    now.run(`UPDATE runs SET state = 'paused'`)
    expect(now.get('SELECT name, state, note FROM runs')).toEqual({ name: 'n', state: 'paused', note: '' })
    expect(now.get('SELECT tag FROM tags')).toEqual({ tag: 'x' })
    expect(now.get('SELECT loss, examples_per_second FROM steps')).toEqual({ loss: 0.5, examples_per_second: null })
    now.run(`DELETE FROM runs`)
    expect(now.all('SELECT * FROM tags')).toEqual([])
    now.close()
  }))

test('a step that fails changes nothing', () =>
  withFile((path) => {
    expect(() => new Database(path, { steps: ['CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE broken ('] })).toThrow(/cannot be opened/)
    const after = new Database(path, { steps: [] })
    expect(after.all(`SELECT name FROM sqlite_schema`)).toEqual([])
    after.close()
  }))

test('a database of a newer Pylon is refused and left as it is', () =>
  withFile((path) => {
    new Database(path, { steps: [...migrations, 'CREATE TABLE later (x INTEGER) STRICT'] }).close()
    expect(() => new Database(path)).toThrow(
      expect.objectContaining({
        code: 'unavailable',
        message: expect.stringMatching(/written by a newer Pylon \(schema \d+, this one knows \d+\): use that version/) as string,
      }),
    )
  }))

test('all tables are strict, and foreign keys hold', () =>
  withFile((path) => {
    const database = new Database(path)
    expect(
      database.all(
        `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' AND NOT strict`,
      ),
    ).toEqual([])
    expect(() => database.run(`INSERT INTO tags (run, tag) VALUES ('nobody', 'x')`)).toThrow(/FOREIGN KEY/)
    expect(database.get('PRAGMA journal_mode')).toEqual({ journal_mode: 'wal' })
    database.close()
  }))

test('a transaction is all or nothing, also within another', () =>
  withFile((path) => {
    const database = new Database(path, { steps: ['CREATE TABLE a (x INTEGER) STRICT'] })
    expect(() =>
      database.transaction(() => {
        database.transaction(() => database.run('INSERT INTO a VALUES (1)'))
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(database.all('SELECT * FROM a')).toEqual([])
    database.close()
  }))

test('a cell that a damaged disk changed is told by what it was, not as a bug', () =>
  withWorkspace((folder) => {
    const home = unpackOld(folder)
    const store = new Store(home)
    const [run] = OLD_RUNS
    const told = (sql: string, read: () => unknown): string => {
      store.database.run(sql)
      return messageOf(read)
    }
    const detail = (): unknown => store.results.detail(store.runs.resolve(run), '')
    const protocols = (): unknown => store.table.protocols(store.table.columns(QUESTION))
    expect(told(`UPDATE protocols SET protocol = '{}'`, protocols)).toMatch(/keeps the protocol/)
    expect(told(`UPDATE epochs SET validation = '{"recall' WHERE epoch = 2`, protocols)).toMatch(/keeps the metrics or settings of a run/)
    store.database.run(`UPDATE runs SET protocol = NULL`)
    expect(messageOf(detail)).toMatch(/metrics of epoch 2 of run 0v90kv8v: restore/)
    expect(told(`UPDATE runs SET spec = '{"model":"none"}'`, () => store.runs.resolve(run))).toMatch(/keeps the spec of run 0v90kv8v/)
    store.close()
  }))

const QUESTION = { metrics: [], best: 'recall@20', spec: [] }
