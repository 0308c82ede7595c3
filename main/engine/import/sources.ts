/**
 * Opens one file as a relation. What a file is, its first bytes say (`containers/kinds.ts`); packed ones are unpacked first. A reader is a row
 * in a table.
 */
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { badData, badInput, notFound } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { Duck } from '../dataset/duck.ts'
import { sha256File } from '../files/atomic.ts'
import { splitTable, type PathGuard } from '../files/path-guard.ts'
import { unpack, type Unpacked } from './containers/unpack.ts'
import { openDelimited, openSequence } from './read-text.ts'
import { openArrow, openJson, openParquet, openSqlite, openXlsx } from './read-typed.ts'
import { explainedBy, type Open, type Query, type Reader, type Relation, type Source, type SourceContext } from './relation.ts'
import { SKIPPED_ROWS, SkippedRows } from './skipped-rows.ts'

export const sourceContext = (duck: Duck, scratch: string, guard: PathGuard): SourceContext => ({
  guard,
  duck,
  scratch,
  opened: new Map(),
  unpacked: new Map(),
  skipped: new SkippedRows(join(scratch, SKIPPED_ROWS)),
})

const READERS = {
  delimited: openDelimited,
  sequence: openSequence,
  parquet: openParquet,
  json: openJson,
  sqlite: openSqlite,
  arrow: openArrow,
  xlsx: openXlsx,
} satisfies Record<Reader, Open>

/** Opens one file. @throws PylonError not-found, bad-input, bad-data */
export async function* openSource(source: Source, context: SourceContext): Stage<Relation> {
  const { query, ...plain } = source
  const { plain: unpacked } = yield* unpackSource(source.path, context)
  // how text is written is nothing to what holds typed values: those are opened once
  const key = JSON.stringify(['text', 'xlsx'].includes(unpacked.content) || source.reader !== undefined ? plain : { path: source.path })
  const opened = context.opened.get(key) ?? (yield* openPlain(plain, context))
  context.opened.set(key, opened)
  return query === undefined ? opened : queried(opened, query, context.duck)
}

/** A relation with a query over it. */
export async function queried(relation: Relation, query: Query, duck: Duck): Promise<Relation> {
  const over = async (rows: string): Promise<string> => `(${await query.sql(rows, duck)})`
  const { parts: each, ...whole } = relation
  const from = await over(relation.from)
  const parts = each !== undefined && (query.rowByRow || query.eachRow === true) ? { parts: await Promise.all(each.map(over)) } : {}
  const notes = [...relation.notes, ...((await query.check?.(relation, duck)) ?? [])]
  const columns = await duck.describe(`SELECT * FROM ${from}`).catch(explainedBy(relation))
  if (query.rowByRow) return { ...whole, ...parts, from, columns, notes, named: true }
  const place = (row: number, column?: string): string =>
    `${relation.shown}, unrolled: row ${row + 1}${column === undefined ? '' : ` column "${column}"`}`
  const { linesOf: _, partOf: __, ...plain } = whole
  return { ...plain, ...parts, from, columns, notes, named: true, place, cell: () => null }
}

/** A file without its packing. @throws PylonError not-found, bad-input, bad-data */
export async function* unpackSource(given: string, { guard, scratch, unpacked }: SourceContext): Stage<{ path: string; plain: Unpacked }> {
  const allowed = guard.check(given, 'table', given)
  const [path, member] = splitTable(allowed)
  if (!existsSync(path)) throw notFound('There is no such file or folder.', path)
  if (!statSync(path).isFile()) throw badInput('This is a folder; name a file, or pass the folder with --path.', path)
  if (statSync(path).size === 0) throw badData('This file is empty.', path)
  const plain = unpacked.get(allowed) ?? (yield* unpack(path, member, scratch))
  unpacked.set(allowed, plain)
  return { path: allowed, plain }
}

async function* openPlain(source: Source, context: SourceContext): Stage<Relation> {
  const { path: allowed, plain: unpacked } = yield* unpackSource(source.path, context)
  const [path] = splitTable(allowed)
  if (statSync(unpacked.path).size === 0) throw badData('This file is empty.', path)
  const reader = source.reader ?? (unpacked.content === 'text' ? 'delimited' : unpacked.content)
  const file = unpacked.packed ? { path, ...(await sha256File(path)) } : null
  return yield* READERS[reader]({ source, given: path, unpacked, file, context })
}
