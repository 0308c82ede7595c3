/**
 * Errors of DuckDB in terms of the file: which line, what is wrong with it, what to do. For delimited text our own scan finds the first
 * record that does not fit, so that the line is the same whatever thread came upon it first.
 */
import { badData, PylonError, systemFailure, unavailable } from '../../contract/errors.ts'
import type { TextLayout } from './dialect.ts'
import { WHOLE_LINES, scanFile, type RecordAt } from './delimited-records.ts'

/** An error of reading any file; what is no error of DuckDB comes back as it is. */
export function explainReadError(error: unknown, shown: string): unknown {
  if (error instanceof PylonError || !(error instanceof Error) || systemFailure(error) !== null) return error
  if (/^Out of Memory/.test(error.message)) {
    return unavailable('The import ran out of the memory it may use; close other programs or import less at once.', shown, { cause: error })
  }
  const what = error.message.split('\n')[0]!.replace(/^[A-Z][A-Za-z ]+ Error: /, '')
  return badData(`This file cannot be read: ${what.trim().replace(/\.$/, '')}. Get it again, or write it anew.`, shown, { cause: error })
}

/** An error of reading JSON Lines: DuckDB's line is where it noticed, so the first line that does not parse is looked for. */
export function explainJsonError(error: unknown, shown: string, path: string): unknown {
  if (error instanceof PylonError || !(error instanceof Error)) return error
  const found: { line: number; what: string }[] = []
  scanFile(path, WHOLE_LINES, (record) => {
    const line = record.cells()[0]!
    if (record.index === 0 && line.trimStart().startsWith('[')) return false
    try {
      JSON.parse(line)
      return true
    } catch (reason) {
      found.push({ line: record.line, what: (reason as Error).message })
      return false
    }
  })
  const [first] = found
  if (first === undefined) return explainReadError(error, shown)
  return badData(
    `This line is no JSON object: ${first.what}. Write one object a line, or leave such lines out with --bad-rows skip.`,
    `${shown}:${first.line}`,
    {
      cause: error,
    },
  )
}

/** An error of reading delimited text. @param path of the text as DuckDB read it */
export function explainTextError(error: unknown, shown: string, path: string, layout: TextLayout): unknown {
  if (error instanceof PylonError || !(error instanceof Error)) return error
  const record = firstMisfit(path, layout)
  if (record === null) return explainReadError(error, shown)
  const remedy = `correct the row (the delimiter is taken to be ${JSON.stringify(layout.delimiter)}; --delimiter says another), or leave such rows out with --bad-rows skip`
  return badData(`${misfit(record, layout)}; ${remedy}.`, `${shown}:${record.line}`, { cause: error })
}

/** Whether a record can be read as a row. */
export function fitsLayout(record: RecordAt, { names: { length: width } }: TextLayout): boolean {
  // a delimiter at the very end of a line is no field of its own to DuckDB
  return record.fault === null && (record.fields === width || (record.fields === width + 1 && record.cells().at(-1) === ''))
}

function firstMisfit(path: string, layout: TextLayout): RecordAt | null {
  const found: RecordAt[] = []
  scanFile(path, layout, (record) => {
    if (fitsLayout(record, layout)) return true
    found.push(record)
    return false
  })
  return found[0] ?? null
}

/** What is wrong with a record. */
export function misfit({ fault, fields }: RecordAt, layout: TextLayout): string {
  if (fault === 'unclosed quote') return 'A quote that opens in this row is never closed'
  if (fault !== null) return 'There is text behind a closing quote in this row'
  return `This row has ${fields} field${fields === 1 ? '' : 's'}, the ${layout.header ? 'header' : 'first row'} has ${layout.names.length}`
}
