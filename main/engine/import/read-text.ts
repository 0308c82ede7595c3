/** Delimited text and lines of ids: read as text (no type guessing by DuckDB) in an explicit dialect, so that what is accepted does not depend on a sample. */
import { join } from 'node:path'
import { badData } from '../../contract/errors.ts'
import { listNames } from '../../contract/did-you-mean.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { NO_HIVE_PARTITIONS, sqlFile, sqlText } from '../dataset/duck.ts'
import {
  copyRecords,
  countRecords,
  linesOf,
  MAX_RECORD_BYTES,
  recordAt,
  type RecordAt,
  scanFile,
  WHOLE_LINES,
} from './delimited-records.ts'
import { layoutOf, type TextLayout } from './dialect.ts'
import { prepareText, type PreparedText } from './encoding.ts'
import { explainReadError, explainTextError, fitsLayout, misfit } from './explain.ts'
import { filesOf, shownOf, type Opening, type Relation, type SourceContext } from './relation.ts'

let copies = 0

export async function* openDelimited({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const prepared = yield* prepareText(unpacked.path, given, source.encoding ?? 'auto', context.scratch)
  const layout = await layoutOf(prepared.path, { ...source, header: source.header ?? 'auto' })
  if (layout.empty) throw badData('This file has no rows.', given)
  const first = layout.header ? 1 : 0
  const shown = shownOf(source.path)
  const path = cleanRows(prepared.path, layout, source.badRows === 'skip' ? shown : null, context)
  const lineOf = (row: number): { line: number; cells: string[] } | null => recordAt(path, layout, row + first)
  return {
    shown,
    reader: 'delimited',
    ...filesOf(file ?? { path: given, bytes: prepared.bytes, sha256: prepared.sha256 }),
    // DuckDB takes an empty line above the header for it
    from: readCsv(path, layout, (recordAt(path, layout, 0)?.line ?? 1) - 1),
    columns: layout.names.map((n) => ({ name: n, type: 'VARCHAR' })),
    named: layout.header || source.names !== undefined,
    text: layout,
    countRows: () => countRecords(path, layout) - first,
    linesOf: (rows) =>
      linesOf(
        path,
        layout,
        rows.map((row) => row + first),
      ),
    notes: notesOf(shown, prepared, layout),
    place: (row, column) => `${shown}:${lineOf(row)?.line ?? `row ${row + 1}`}${column === undefined ? '' : ` column "${column}"`}`,
    cell: (row, column) => lineOf(row)?.cells[layout.names.indexOf(column)] ?? null,
    explain: (error) => explainTextError(error, shown, path, layout),
  }
}

/** The file without comments and, where such rows are left out, without rows that do not fit; every line keeps its number. */
function cleanRows(path: string, layout: TextLayout, shown: string | null, { scratch, skipped }: SourceContext): string {
  if (layout.comment === undefined && shown === null) return path
  const clean = join(scratch, `rows${copies++}.csv`)
  copyRecords(path, clean, layout, (record) => {
    if (shown === null || fitsLayout(record, layout)) return true
    refuseOpenEnd(record, shown)
    skipped.add(shown, `line ${record.line}`, misfit(record, layout), record.text())
    return false
  })
  return clean
}

/** @throws PylonError bad-data for a quote that is never closed: with its row all lines behind it would be left out */
function refuseOpenEnd(record: RecordAt, shown: string): void {
  const more = record.fault === 'unclosed quote' ? record.text().trimEnd().split('\n').length - 1 : 0
  if (more > 0)
    throw badData(
      `The quote that opens in this row is never closed, and ${more.toLocaleString('en-US')} lines behind it would be left out with it. Close it, or say --quote none where quotes are signs like any other.`,
      `${shown}:${record.line}`,
    )
}

function notesOf(shown: string, prepared: PreparedText, layout: TextLayout): string[] {
  const notes: string[] = []
  if (prepared.encoding === 'utf-16') notes.push(`${shown}: read as UTF-16`)
  else if (prepared.encoding !== 'utf-8')
    notes.push(
      `${shown}: read as ${prepared.encoding === 'latin-1' ? 'Latin-1' : prepared.encoding}, by its bytes; --encoding says another`,
    )
  if (layout.preamble !== undefined)
    notes.push(
      `${shown}: ${layout.preamble === 1 ? 'the first line is' : `the first ${layout.preamble} lines are`} above the table and not read`,
    )
  if (layout.comment !== undefined) notes.push(`${shown}: lines that begin with ${layout.comment} are taken as comments`)
  if (layout.headerDoubtful)
    notes.push(`${shown}: the first line is taken as column names (${listNames(layout.names)}); pass --header no where it is data`)
  return notes
}

/** DuckDB's buffer is otherwise sixteen longest lines a thread. */
const READING = `${NO_HIVE_PARTITIONS}, compression = 'none', max_line_size = ${MAX_RECORD_BYTES}, buffer_size = 33554432`

/** The FROM clause: everything is said, nothing is left to DuckDB's guess. */
function readCsv(path: string, layout: TextLayout, skip: number): string {
  const columns = layout.names.map((n) => `${sqlText(n)}: 'VARCHAR'`).join(', ')
  const dialect = `delim = ${sqlText(layout.delimiter)}, quote = ${sqlText(layout.quote)}, escape = ${sqlText(layout.escape ?? layout.quote)}`
  return `read_csv(${sqlFile(path)}, auto_detect = false, header = ${layout.header}, skip = ${skip}, ${dialect}, columns = {${columns}}, ${READING})`
}

// ---- `user item item …` a line

export async function* openSequence({ source, given, unpacked, file, context }: Opening): Stage<Relation> {
  const prepared = yield* prepareText(unpacked.path, given, source.encoding ?? 'auto', context.scratch)
  const shown = shownOf(source.path)
  const lines = `read_csv(${sqlFile(prepared.path)}, auto_detect = false, header = false, delim = '\x1f', quote = '', escape = '', columns = {line: 'VARCHAR'}, ${READING})`
  const from = `(SELECT words[1] AS "user", unnest(words[2:]) AS item FROM (SELECT string_split_regex(trim(line, ' \t\r'), '[ \t,]+') AS words FROM ${lines} WHERE trim(line, ' \t\r') <> ''))`
  return {
    shown,
    reader: 'sequence',
    ...filesOf(file ?? { path: given, bytes: prepared.bytes, sha256: prepared.sha256 }),
    from,
    columns: ['user', 'item'].map((n) => ({ name: n, type: 'VARCHAR' })),
    named: true,
    notes: [],
    place: (row) => `${shown}:${lineOfPair(prepared.path, row) ?? `pair ${row + 1}`}`,
    cell: () => null,
    explain: (error) => explainReadError(error, shown),
  }
}

function lineOfPair(path: string, pair: number): number | null {
  let before = 0
  let line: number | null = null
  scanFile(path, WHOLE_LINES, (record) => {
    before += Math.max(
      0,
      record
        .cells()[0]!
        .trim()
        .split(/[ \t,]+/).length - 1,
    )
    line = record.line
    return before <= pair
  })
  return before > pair ? line : null
}
