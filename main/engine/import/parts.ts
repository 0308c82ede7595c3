/**
 * A table, whether it is one file or many: parts are read as one, in the order of their paths, by the names of their columns. The columns of
 * Hive folders are columns of the table. A part without a header has the columns of the first; an empty part is none.
 */
import { statSync } from 'node:fs'
import { basename } from 'node:path'
import { badData, badInput, PylonError } from '../../contract/errors.ts'
import { listNames } from '../../contract/did-you-mean.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { digitsSql, sqlName, sqlText } from '../dataset/duck.ts'
import { layoutOf, type TextLayout } from './dialect.ts'
import type { Relation, Source, SourceContext } from './relation.ts'
import { splitTable } from '../files/path-guard.ts'
import { openSource, queried, unpackSource } from './sources.ts'
import { isParts, partsOf, type Part } from './tables.ts'
import { isRoleName } from './roles.ts'

/** Opens a file, a folder of parts or a pattern. @throws PylonError not-found, bad-input, bad-data */
export async function* openTable(source: Source, context: SourceContext): Stage<Relation> {
  if (source.more !== undefined || source.constants !== undefined) return yield* openSeveral(source, context)
  const path = context.guard.check(source.path, 'table', source.path)
  if (!isParts(path)) return yield* openSource(source, context)
  const { query, ...plain } = source
  const key = JSON.stringify(plain)
  const opened = context.opened.get(key) ?? (yield* openParts(plain, path, context))
  context.opened.set(key, opened)
  return query === undefined ? opened : queried(opened, query, context.duck)
}

/** Opens a table that is given in several files, each on its own terms, as one. */
async function* openSeveral({ more = [], key, constants, query, ...first }: Source, context: SourceContext): Stage<Relation> {
  const found: OpenPart[] = []
  for (const { constants: values = {}, query: _, ...source } of [{ ...first, constants }, ...more]) {
    const relation = yield* openTable(source, context)
    const rows = relation.countRows ?? (await constantCount(context, relation))
    found.push({ path: source.path, partitions: values, relation, rows })
  }
  if (key === undefined) refuseTwice(found)
  const opened = combined(first.path, found, { key, by: 'files' })
  return query === undefined ? opened : queried(opened, query, context.duck)
}

/** @throws PylonError bad-input for a file whose rows another one has, byte for byte */
function refuseTwice(parts: readonly OpenPart[]): void {
  const seen = new Map<string, string>()
  for (const { path: given, relation } of parts) {
    // tables of one archive or workbook are of one file
    if (splitTable(given)[1] !== undefined) continue
    const own = relation.files.filter(({ sha256 }) => sha256 !== null)
    const again = own.find(({ sha256 }) => seen.has(sha256!))
    if (again !== undefined)
      throw badInput(
        `This file holds what ${basename(seen.get(again.sha256!)!)} does, byte for byte, and its rows would count twice. Leave one out.`,
        again.path,
      )
    for (const { sha256, path } of own) seen.set(sha256!, path)
  }
}

interface OpenPart extends Part {
  readonly relation: Relation
  readonly rows: () => number
}

async function* openParts(source: Source, path: string, context: SourceContext): Stage<Relation> {
  const found: OpenPart[] = []
  for (const part of partsOf(path, context.guard)) {
    if (statSync(part.path).size === 0) continue
    const { plain } = yield* unpackSource(part.path, context)
    if (statSync(plain.path).size === 0) continue
    const first = found[0]?.relation.text
    const dialect = first === undefined || plain.content !== 'text' ? {} : await dialectOf(plain.path, first)
    const relation = yield* openSource({ ...source, path: part.path, ...dialect }, context)
    const known = relation.countRows
    const rows = known ?? (await constantCount(context, relation))
    found.push({ ...part, relation, rows })
  }
  if (found.length === 0) throw badData('All of these files are empty.', path)
  return combined(path, found)
}

async function constantCount({ duck }: SourceContext, relation: Relation): Promise<() => number> {
  const rows = await duck.count(relation.from)
  return () => rows
}

/** A part is written as the first is, unless its own header says otherwise; whether it repeats the header, its first line says. */
async function dialectOf(path: string, first: TextLayout): Promise<Partial<Source>> {
  const dialect = { delimiter: first.delimiter, quote: first.quote }
  if (!first.header) return { ...dialect, header: 'no', names: first.names }
  const same = new Set(first.names.map((name) => name.toLowerCase()))
  const repeats = ({ names }: TextLayout): boolean => names.filter((name) => same.has(name.toLowerCase())).length * 2 > first.names.length
  if (repeats(await layoutOf(path, { ...dialect, header: 'yes' }))) return { ...dialect, header: 'yes' }
  // one that says the same names in signs of its own is read by those
  const own = await layoutOf(path, { header: 'yes' })
  if (repeats(own)) return { delimiter: own.delimiter, quote: own.quote, header: 'yes' }
  // a user and an item by their usual names are no row
  const { names } = await layoutOf(path, { ...dialect, header: 'yes' })
  if (names.filter(isRoleName).length >= 2)
    throw badData(
      `Its first line looks like column names (${names.join(', ')}), which are not those of the first part (${first.names.join(', ')}). Give it the same names, or import it as a table of its own with --also.`,
      path,
    )
  return { ...dialect, header: 'no', names: first.names }
}

/**
 * @param key of rows that stand for what it names: of several parts the last that has it counts
 * @param by what names the columns that a part has beside its own
 */
function combined(
  path: string,
  parts: readonly OpenPart[],
  { key, by = 'folders' }: { readonly key?: string | undefined; readonly by?: 'folders' | 'files' } = {},
): Relation {
  const { linesOf: _, countRows: __, ...first } = parts[0]!.relation
  const shown = `${basename(path)} (${parts.length} ${parts.length === 1 ? 'file' : 'files'})`
  const types = new Map<string, { name: string; types: Set<string> }>()
  for (const { relation } of parts)
    for (const { name, type } of relation.columns) {
      const known = types.get(name.toLowerCase()) ?? { name, types: new Set<string>() }
      known.types.add(type)
      types.set(name.toLowerCase(), known)
    }
  const columns = [...types.values()].map(({ name, types: seen }) => ({ name, type: commonType(seen) }))
  const keys = [...new Set(parts.flatMap(({ partitions }) => Object.keys(partitions)))].filter((key) => !types.has(key.toLowerCase()))
  const text = (name: string): string => `CAST(${sqlName(name)} AS VARCHAR)`
  const select = ({ relation, partitions }: OpenPart, from: string): string => {
    const cells = columns.map(({ name, type }) => {
      const own = columnOf(relation, name)
      if (own === undefined) return `CAST(NULL AS ${type}) AS ${sqlName(name)}`
      const cell = own.type === type || type !== 'VARCHAR' ? sqlName(own.name) : digitsSql(own.name, own.type)
      return `${cell} AS ${sqlName(name)}`
    })
    const values = keys.map((key) => `CAST(${textOrNull(partitions[key])} AS VARCHAR) AS ${sqlName(key)}`)
    const later = key === undefined ? [] : parts.slice(parts.findIndex((part) => part.relation === relation) + 1)
    const latest = later.map(
      (part) => ` AND ${text(key!)} NOT IN (SELECT ${text(key!)} FROM ${part.relation.from} WHERE ${sqlName(key!)} IS NOT NULL)`,
    )
    return `SELECT ${[...cells, ...values].join(', ')} FROM ${from}${latest.length === 0 ? '' : ` WHERE true${latest.join('')}`}`
  }
  const selects = parts.flatMap((part) => (part.relation.parts ?? [part.relation.from]).map((from) => select(part, from)))
  const lacking = parts.filter(({ relation }) => relation.columns.length < columns.length)
  const lacked = columns
    .filter(({ name }) => lacking.some(({ relation }) => columnOf(relation, name) === undefined))
    .map(({ name }) => name)
  const at = <T>(row: number, use: (relation: Relation, row: number) => T): T => {
    let before = 0
    for (const { relation, rows } of parts.slice(0, -1)) {
      const count = rows()
      if (row < before + count) return use(relation, row - before)
      before += count
    }
    return use(parts.at(-1)!.relation, row - before)
  }
  return {
    ...first,
    shown,
    file: { path, bytes: parts.reduce((sum, { relation }) => sum + relation.file.bytes, 0), sha256: null },
    files: parts.flatMap(({ relation }) => relation.files),
    from: `(${selects.join(' UNION ALL ')})`,
    parts: selects.map((sql) => `(${sql})`),
    columns: [...columns, ...keys.map((name) => ({ name, type: 'VARCHAR' }))],
    notes: [
      ...new Set(parts.flatMap(({ relation }) => relation.notes)),
      `${shown}: read as one table${keys.length === 0 ? '' : by === 'folders' ? `, with the columns of its folders (${listNames(keys)})` : `; ${listNames(keys)} by the names of the files`}`,
      ...(lacking.length === 0
        ? []
        : [`${shown}: ${lacking.length} of the files lack columns that others have (${listNames(lacked)}), which are empty there`]),
    ],
    place: (row, column) => at(row, (relation, own) => relation.place(own, column)),
    partOf: (row) => at(row, (relation, own) => relation.partOf?.(own) ?? { relation, row: own }),
    lacks: (row, column) => at(row, (relation) => (columnOf(relation, column) === undefined ? relation.shown : null)),
    cell: (row, column) => at(row, (relation, own) => relation.cell(own, column)),
    explain: (error) => {
      const told = parts.map(({ relation }) => relation.explain(error))
      return told.find((e) => e instanceof PylonError && /:\d+$/.test(e.place ?? '')) ?? told[0]
    },
  }
}

/** A part's own column of that name, in whatever case it is written there. */
const columnOf = ({ columns }: Relation, name: string): Relation['columns'][number] | undefined =>
  columns.find((own) => own.name.toLowerCase() === name.toLowerCase())

const INTEGER = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/

/** Parts that disagree: integers stay such, anything else becomes text, which loses nothing. */
function commonType(types: ReadonlySet<string>): string {
  const [only] = types
  if (types.size === 1) return only!
  return [...types].every((type) => INTEGER.test(type)) ? 'HUGEINT' : 'VARCHAR'
}

const textOrNull = (value: string | null | undefined): string => (value === null || value === undefined ? 'NULL' : sqlText(value))
