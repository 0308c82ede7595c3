/** Numbers of versions before 0.4, whose protocol did not say what a run was fitted on, come under protocols that do. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Database } from '../../../main/engine/store/database.ts'
import { migrations } from '../../../main/engine/store/migrations.ts'
import { recordOf, writeRecord } from '../../../main/engine/store/run-record.ts'
import { tinyProtocol } from '../../helpers/job-bodies.ts'
import { withWorkspace } from '../../helpers/workspace.ts'

const BEFORE = migrations.findIndex((step) => typeof step === 'function')

/** What Pylon 0.3 left of runs measured by one protocol: fitted on train, refitted, a baseline, and one whose spec does not say. */
function oldDatabase(path: string, validation: number): void {
  const old = new Database(path, { steps: migrations.slice(0, BEFORE) })
  const { fittedOn: _, ...fields } = tinyProtocol('d')
  old.run(`INSERT INTO datasets VALUES ('d', 't', 'c', ?)`, JSON.stringify({ parts: { validation } }))
  old.run(`INSERT INTO protocols VALUES ('aaaaaaaaaaaa', ?)`, JSON.stringify({ ...fields, version: 1 }))
  old.run(`INSERT INTO protocols VALUES ('cccccccccccc', ?)`, JSON.stringify({ ...fields, part: 'validation', version: 1 }))
  for (const [id, model, spec] of [
    ['once', 'two-tower', '{"training":{"finalFit":false}}'],
    ['twice', 'two-tower', '{"training":{"finalFit":true}}'],
    ['ease', 'ease', '{}'],
    ['odd', 'two-tower', '{"training":7}'],
  ] as const) {
    old.run(
      `INSERT INTO runs (id, name, dataset, model, spec, threads, state, created_at, protocol) VALUES (?, ?, 'd', ?, ?, 1, 'finished', 't', ?)`,
      ...[id, id, model, spec, 'aaaaaaaaaaaa'],
    )
    for (const hash of ['aaaaaaaaaaaa', 'cccccccccccc'])
      old.run(`INSERT INTO metrics (run, part, protocol, name, value) VALUES (?, 'test', ?, 'recall@20', 0.5)`, id, hash)
    old.run(`INSERT INTO baselines (run, protocol, name, value) VALUES (?, 'aaaaaaaaaaaa', 'recall@20', 0.1)`, id)
  }
  old.close()
}

/** For each run what its number on the test part, its baseline's and the one on the validation part say it was fitted on. */
function said(database: Database): Record<string, string[]> {
  const rows = database.all<{ run: string; said: string }>(
    `SELECT r.id AS run, p.protocol ->> '$.fittedOn' || ', ' || b.protocol || ' ' || (b.protocol = r.protocol) || ', ' ||
       (SELECT group_concat(q.protocol ->> '$.part' || ' ' || (q.protocol ->> '$.fittedOn'), '; ' ORDER BY q.protocol ->> '$.part')
        FROM metrics m JOIN protocols q ON q.hash = m.protocol WHERE m.run = r.id) AS said
     FROM runs r JOIN protocols p ON p.hash = r.protocol JOIN baselines b ON b.run = r.id ORDER BY r.id`,
  )
  return Object.fromEntries(rows.map(({ run, said: text }) => [run, text.replace(/[0-9a-f]{12} /, '').split(', ')]))
}

const ONCE = ['train', '1', 'test train; validation train']
const TWICE = ['train+validation', '1', 'test train+validation; validation train']

test('each run by its model and final fit, and no protocol of before is left', () =>
  withWorkspace((home) => {
    const path = join(home, 'x.sqlite')
    oldDatabase(path, 5)
    const database = new Database(path)
    expect(said(database)).toEqual({ ease: TWICE, odd: ONCE, once: ONCE, twice: TWICE })
    expect(database.all(`SELECT protocol ->> '$.version' AS version, count(*) AS n FROM protocols GROUP BY 1`)).toEqual([
      { version: 2, n: 3 },
    ])
    expect(database.get(`SELECT count(*) AS n FROM metrics`)).toEqual({ n: 8 })
    database.close()
  }))

test('without a validation part nothing was refitted', () =>
  withWorkspace((home) => {
    oldDatabase(join(home, 'x.sqlite'), 0)
    const database = new Database(join(home, 'x.sqlite'))
    expect(Object.values(said(database)).map(([fitted]) => fitted)).toEqual(['train', 'train', 'train', 'train'])
    database.close()
  }))

test('a record that an older Pylon wrote beside a run is brought up to date when it is read back', () =>
  withWorkspace((home) => {
    oldDatabase(join(home, 'old.sqlite'), 5)
    const old = new Database(join(home, 'old.sqlite'), { steps: migrations.slice(0, BEFORE) })
    const record = recordOf(old, 'twice')
    old.close()
    const database = new Database(join(home, 'new.sqlite'))
    database.run(`INSERT INTO datasets VALUES ('d', 't', 'c', ?)`, JSON.stringify({ parts: { validation: 5 } }))
    writeRecord(database, record, 'twice')
    expect(said(database)).toEqual({ twice: TWICE })
    database.close()
  }))
