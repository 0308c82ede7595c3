/**
 * All that the database knows of one run, as plain rows by table: kept beside the run's files as `run.json`, so that the database can
 * be made anew from the folders, and with a deleted run in the trash, so that it can be taken back. Steps travel as packed columns.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { badData, conflict, notFound } from '../../contract/errors.ts'
import { tryParseJson } from '../files/json-file.ts'
import { Curves, unpackSteps } from './curves.ts'
import type { Database } from './database.ts'
import { fillFamilies } from './families.ts'
import type { SqlValue } from './tables.ts'
import { upgradeProtocols } from './upgrade-protocols.ts'

export const RECORD = 'run.json'

/** Tables that hang on a run, in the order in which rows may refer to each other. */
const TABLES = ['runs', 'environments', 'epochs', 'trials', 'metrics', 'baselines', 'artefacts', 'tags', 'events'] as const
type Table = (typeof TABLES)[number]
const keyOf = (table: Table): string => (table === 'runs' ? 'id' : 'run')

const rowSchema = z.record(z.string(), z.union([z.string(), z.number(), z.null()]))
export const recordSchema = z.strictObject({
  version: z.literal(1),
  run: z.string().regex(/^[0-9a-z]{1,32}$/),
  /** protocols that its numbers name, by hash */
  protocols: z.record(z.string(), z.string()),
  tables: z.partialRecord(z.enum(TABLES), z.array(rowSchema)),
  /** base64 of the packed columns, see curves.ts */
  steps: z.string().nullable(),
})
export type RunRecord = z.infer<typeof recordSchema>

/** A record as a file: with a checksum over itself, as a changed digit would otherwise be taken for what was measured. */
export function serialiseRecord(record: RunRecord): string {
  return `${JSON.stringify({ sha256: checksumOf(record), record })}\n`
}

/** The record in a file's text; null where it is none, of another run, or not as it was written. */
export function parseRecord(text: string, run: string): RunRecord | null {
  const { data } = z.strictObject({ sha256: z.string(), record: recordSchema }).safeParse(tryParseJson(text))
  return data?.record.run === run && data.sha256 === checksumOf(data.record) ? data.record : null
}

/** Over the values in the order of the schema's keys, which parsing keeps. */
function checksumOf(record: RunRecord): string {
  return createHash('sha256')
    .update(JSON.stringify(recordSchema.parse(record)))
    .digest('hex')
}

/** A row without the column of runs that the database makes itself. */
function given({ loss, ...row }: z.infer<typeof rowSchema>, table: Table): z.infer<typeof rowSchema> {
  return table === 'runs' || loss === undefined ? row : { ...row, loss }
}

/** The record of a run. @throws PylonError not-found */
export function recordOf(database: Database, run: string): RunRecord {
  const tables: Partial<Record<Table, z.infer<typeof rowSchema>[]>> = {}
  for (const table of TABLES)
    tables[table] = database
      .all<z.infer<typeof rowSchema>>(`SELECT * FROM ${table} WHERE ${keyOf(table)} = ?`, run)
      .map((row) => given(row, table))
  if (tables.runs!.length === 0) throw notFound(`There is no run "${run}".`)
  const hashes = new Set([...tables.metrics!, ...tables.baselines!, ...tables.runs!].map((row) => row['protocol']))
  const protocols = [...hashes].flatMap((hash) =>
    typeof hash === 'string' ? database.all<{ hash: string; protocol: string }>('SELECT * FROM protocols WHERE hash = ?', hash) : [],
  )
  const steps = new Curves(database).packed(run)
  return {
    version: 1,
    run,
    protocols: Object.fromEntries(protocols.map(({ hash, protocol }) => [hash, protocol])),
    tables,
    steps: steps === null ? null : Buffer.from(steps).toString('base64'),
  }
}

/**
 * Writes the rows of a record, as far as this database has their columns; a run that was being trained is an interrupted one.
 * @throws PylonError conflict where the run is there, or its dataset is not; bad-data where it speaks of another run
 */
export function writeRecord(database: Database, record: RunRecord, run: string): void {
  const { protocols, tables, steps } = record
  for (const table of TABLES)
    for (const row of tables[table] ?? [])
      if (record.run !== run || row[keyOf(table)] !== run)
        throw badData(`The record of run ${run} has rows of another one: nothing was done with it.`)
  if (tables.runs?.length !== 1) throw badData(`The record of run ${run} has no row of it.`)
  database.transaction(() => {
    if (database.get('SELECT 1 FROM runs WHERE id = ?', run) !== undefined) throw conflict(`There is a run ${run} already.`)
    const dataset = tables.runs?.[0]?.['dataset'] ?? ''
    if (database.get('SELECT 1 FROM datasets WHERE name = ?', dataset) === undefined)
      throw conflict(`Run ${run} is of the dataset "${dataset}", which is not there: bring that back first.`)
    for (const [hash, protocol] of Object.entries(protocols)) database.insert('protocols', { hash, protocol }, 'IGNORE')
    for (const table of TABLES) for (const row of tables[table] ?? []) insert(database, table, table === 'runs' ? settled(row) : row)
    if (steps !== null) addSteps(database, run, Buffer.from(steps, 'base64'))
    upgradeProtocols(database, run)
    fillFamilies(database, run)
  })
}

/** Nobody works on a run that has just been written. */
function settled(row: Readonly<Record<string, SqlValue>>): Record<string, SqlValue> {
  const underWay = row['state'] === 'queued' || row['state'] === 'running'
  return { ...row, owner: null, ...(underWay ? { state: 'interrupted' } : {}) }
}

function insert(database: Database, table: Table, row: Readonly<Record<string, SqlValue>>): void {
  const tableColumns = database.all<{ name: string }>(`SELECT name FROM pragma_table_info(?)`, table).map(({ name }) => name)
  // the log's line numbers are this database's own
  const kept = Object.entries(row).filter(([name]) => tableColumns.includes(name) && !(table === 'events' && name === 'id'))
  database.insert(table, Object.fromEntries(kept))
}

function addSteps(database: Database, run: string, packed: Uint8Array): void {
  const { step, epoch, loss, learningRate, examplesPerSecond } = unpackSteps(packed)
  const known = (value: number): number | null => (Number.isNaN(value) ? null : value)
  for (let i = 0; i < step.length; i++) {
    const rates = { learning_rate: learningRate[i]!, examples_per_second: known(examplesPerSecond[i]!) }
    database.insert('steps', { run, step: step[i]!, epoch: epoch[i]!, loss: known(loss[i]!), ...rates })
  }
  database.insert('packed_steps', { run, columns: packed }, 'REPLACE')
}
