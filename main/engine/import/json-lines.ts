/** JSON Lines some of whose lines are no objects, where such rows are to be left out: without them, every other line at its number. */
import { join } from 'node:path'
import { copyRecords, scanFile, WHOLE_LINES } from './delimited-records.ts'
import type { SourceContext } from './relation.ts'

let copies = 0

/**
 * The path of the lines that are objects; the same path where all are, or where the text is no JSON Lines: then lines of objects are the
 * fewer ones, as in a document that is written over many lines. Reads the file once more, or twice.
 */
export function objectLines(path: string, shown: string, { scratch, skipped }: Pick<SourceContext, 'scratch' | 'skipped'>): string {
  let [good, bad] = [0, 0]
  scanFile(path, WHOLE_LINES, (record) => {
    const fault = faultOf(record.text())
    if (fault === null) good++
    else if (fault !== '') bad++
    return true
  })
  if (bad === 0 || good <= bad) return path
  const to = join(scratch, `objects${copies++}.jsonl`)
  copyRecords(path, to, WHOLE_LINES, (record) => {
    const text = record.text()
    const fault = faultOf(text)
    if (fault === null || fault === '') return true
    skipped.add(shown, `line ${record.line}`, fault, text)
    return false
  })
  return to
}

/** Why a line is no object; '' of an empty one. */
function faultOf(line: string): string | null {
  const text = line.replace(/^\uFEFF/, '')
  if (text.trim() === '') return ''
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? null : 'no JSON object'
  } catch (reason) {
    return `no JSON: ${(reason as Error).message}`
  }
}
