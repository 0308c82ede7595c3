/**
 * JSON that is one document rather than an object a line, written again as JSON Lines with every digit of its numbers: what pandas makes
 * of a table by columns (its default), by rows (`index`), `split`, `list` or `table`, and one list of objects under some name. A document is
 * parsed in memory, so it has a limit; JSON Lines and one plain list of objects have none.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { badData } from '../../../contract/errors.ts'
import { headOf } from './kinds.ts'
import { isPythonLiteral, writePythonLines } from './python-literals.ts'

const MAX_BYTES = 512 * 2 ** 20
const HEAD = 64 * 1024

export interface JsonText {
  readonly path: string
  /** how the document was read; null where it is plain */
  readonly note: string | null
}

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
type JsonObject = { readonly [key: string]: Json }

let documents = 0

/** A path that holds JSON Lines or a list of objects. @throws PylonError bad-data for a document of no known form */
export async function jsonLines(path: string, shown: string, scratch: string): Promise<JsonText> {
  if (
    isPythonLiteral(
      headOf(path)
        .toString('utf8')
        .replace(/^\uFEFF/, '')
        .trimStart(),
    )
  ) {
    const to = join(scratch, `literals${documents++}.jsonl`)
    await writePythonLines(path, to, shown)
    return { path: to, note: 'read as lines of Python literals' }
  }
  if (!(await isDocument(path))) return { path: await withoutMark(path, scratch), note: null }
  if ((await stat(path)).size > MAX_BYTES)
    throw badData(
      'This is one JSON document of more than 512 MiB. Write it as JSON Lines: df.to_json(file, orient="records", lines=True).',
      shown,
    )
  const parsed = parseDocument(await readFile(path, 'utf8'))
  if (parsed === null) return { path, note: null }
  const found = recordsOf(parsed)
  if (found === null)
    throw badData(
      'This JSON document is no table that is known: write an object a row, as JSON Lines. With pandas: df.to_json(file, orient="records", lines=True).',
      shown,
    )
  const to = join(scratch, `document${documents++}.jsonl`)
  await writeFile(to, found.records.map((record) => `${JSON.stringify(record)}\n`).join(''))
  return { path: to, note: `read as ${found.form}` }
}

/** DuckDB sees no list behind a byte-order mark. */
async function withoutMark(path: string, scratch: string): Promise<string> {
  const head = headOf(path)
  if (!/^\uFEFF\s*\[/.test(head.toString('utf8'))) return path
  const to = join(scratch, `unmarked${documents++}.json`)
  await pipeline(createReadStream(path, { start: 3 }), createWriteStream(to))
  return to
}

/** Whether a text that begins with a bracket is one value: its first line is none by itself, or is the only one. */
async function isDocument(path: string): Promise<boolean> {
  const head = headOf(path, HEAD)
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  // a list of objects is what DuckDB reads as it is
  if (/^\[\s*(\{|\]|$)/.test(text)) return false
  const end = text.indexOf('\n')
  if (end < 0) return head.length < HEAD || !(await hasSecondLine(path))
  if (parseDocument(text.slice(0, end)) === null) return true
  return text.slice(end).trim() === '' && head.length < HEAD
}

async function hasSecondLine(path: string): Promise<boolean> {
  let ended = false
  for await (const piece of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const at = ended ? 0 : piece.indexOf('\n')
    if (at < 0) continue
    if (piece.slice(at).trim() !== '') return true
    ended = true
  }
  return false
}

/** A number keeps its text where JavaScript's would be another. */
const keepDigits = (_: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined && String(value) !== context.source ? raw(context.source) : value

/** JSON.rawJSON: younger than the library's types. */
const raw = (source: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source)

function parseDocument(text: string): Json {
  try {
    return JSON.parse(text, keepDigits) as Json
  } catch {
    return null
  }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRaw(value)
const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value)
const isRaw = (value: unknown): boolean => (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value)

interface Records {
  readonly form: string
  readonly records: Iterable<Json> & { map<T>(make: (record: Json) => T): T[] }
}

function recordsOf(document: Json): Records | null {
  if (isList(document)) {
    if (!document.every(isList)) return null
    const names = (document[0] ?? []).map((_, i) => `column${i + 1}`)
    return { form: 'a list of rows without column names', records: document.map((row) => byName(names, row)) }
  }
  if (!isObject(document)) return null
  const { columns, data } = document
  if (isList(columns) && isList(data) && data.every(isList)) {
    const names = columns.map(String)
    return { form: 'a pandas document (orient "split")', records: data.map((row) => byName(names, row)) }
  }
  const entries = Object.entries(document)
  const lists = entries.filter(([, value]) => isList(value))
  const [only] = lists
  if (lists.length === 1 && isList(only![1]) && only![1].length > 0 && only![1].every(isObject))
    return { form: `the list "${only![0]}"`, records: only![1] }
  if (entries.length > 0 && entries.every(([, value]) => isObject(value))) return byKeys(document as { readonly [key: string]: JsonObject })
  if (lists.length === entries.length && lists.length > 0) return byLists(Object.fromEntries(lists) as { readonly [key: string]: Json[] })
  return { form: 'one object', records: [document] }
}

const byName = (names: readonly string[], row: readonly Json[]): JsonObject =>
  Object.fromEntries(names.map((name, i) => [name, row[i] ?? null]))

/** Objects in an object: a column each, with a cell a row, or a row each; rows are what is numbered, or what there is more of. */
function byKeys(document: { readonly [key: string]: JsonObject }): Records {
  const outer = Object.keys(document)
  const inner = Object.keys(document[outer[0]!]!)
  const numbered = (keys: readonly string[]): boolean => keys.every((key) => /^-?\d+$/.test(key))
  const columns = numbered(inner) !== numbered(outer) ? numbered(inner) : inner.length >= outer.length
  if (!columns) return { form: 'a document by rows (orient "index")', records: Object.values(document) }
  const rows = [...new Set(outer.flatMap((name) => Object.keys(document[name]!)))]
  const records = rows.map((row) => Object.fromEntries(outer.map((name) => [name, document[name]![row] ?? null])))
  return { form: 'a pandas document by columns', records }
}

function byLists(document: { readonly [key: string]: readonly Json[] }): Records | null {
  const lengths = new Set(Object.values(document).map((list) => list.length))
  if (lengths.size !== 1) return null
  const [length] = lengths
  const names = Object.keys(document)
  const records = Array.from({ length: length! }, (_, row) => Object.fromEntries(names.map((name) => [name, document[name]![row] ?? null])))
  return { form: 'a document of lists', records }
}
