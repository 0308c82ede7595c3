/** A file of the input as a relation that DuckDB can select from, with the knowledge to say where its row k lies in the file: what readers answer. */
import { basename } from 'node:path'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { Duck } from '../dataset/duck.ts'
import { sha256File } from '../files/atomic.ts'
import { splitTable, type PathGuard } from '../files/path-guard.ts'
import type { Unpacked } from './containers/unpack.ts'
import type { TextLayout } from './dialect.ts'
import type { Encoding } from './encoding.ts'
import type { SkippedRows } from './skipped-rows.ts'

/** What a format says about a file of its own; all but `path` may be left to be found out. */
export interface Source {
  /** as given, `#TABLE` included */
  readonly path: string
  readonly reader?: Reader
  readonly delimiter?: string
  readonly quote?: string
  readonly header?: 'auto' | 'yes' | 'no'
  readonly encoding?: 'auto' | Encoding
  /** of text; what is left out is looked for */
  readonly escape?: string
  readonly comment?: string
  /** rows that do not fit are left out and listed */
  readonly badRows?: 'fail' | 'skip'
  /** names of the first columns, whatever a header calls them */
  readonly names?: readonly string[]
  /** further tables of the same rows, read as one with it */
  readonly more?: readonly Source[]
  /** of `more`: this column names what a row is of, and the latest row of each is kept */
  readonly key?: string
  /** columns with one value for all of its rows */
  readonly constants?: Readonly<Record<string, string>>
  /** SQL over those columns, where the format's are not the wanted ones */
  readonly query?: Query
}

/** A query over a relation, as `SELECT … FROM (…)`. */
export interface Query {
  sql(from: string, duck: Duck): string | Promise<string>
  /** whether row k of the answer is row k of the file */
  readonly rowByRow: boolean
  /** whether what a row becomes is a matter of that row alone; so of all that are `rowByRow` */
  readonly eachRow?: boolean
  /** What is to be said of the rows it is asked over. @throws PylonError bad-data naming a row that it cannot be asked over */
  check?(relation: Relation, duck: Duck): Promise<readonly string[]>
}

export type Reader = 'delimited' | 'sequence' | 'parquet' | 'json' | 'sqlite' | 'arrow' | 'xlsx'

export interface SourceFile {
  readonly path: string
  readonly bytes: number
  readonly sha256: string | null
}

export interface RelationColumn {
  readonly name: string
  /** DuckDB's */
  readonly type: string
  /** text of what the file has as numbers, whole or floating */
  readonly numbers?: boolean
}

export interface Relation {
  /** the file's name, for messages */
  readonly shown: string
  readonly reader: Reader
  /** the file, or what the parts are together */
  readonly file: SourceFile
  /** every file that it is made of */
  readonly files: readonly SourceFile[]
  /** goes behind FROM */
  readonly from: string
  /** of several files: each of them, behind FROM, with the same columns; together they are `from` */
  readonly parts?: readonly string[]
  readonly columns: readonly RelationColumn[]
  /** false where columns have no names of their own */
  readonly named: boolean
  /** things worth saying: a guess about the header, another encoding */
  readonly notes: readonly string[]
  /** `ratings.csv:12 column "price"` for the row with this number from 0 */
  place(row: number, column?: string): string
  /** the text of a cell as the file has it, where that can be told */
  cell(row: number, column: string): string | null
  /** lines of a text's rows, which come in ascending order; in one pass */
  readonly linesOf?: (rows: readonly number[]) => readonly number[]
  /** of several files: the one that a row is of, and its row there */
  readonly partOf?: (row: number) => { readonly relation: Relation; readonly row: number }
  /** the part that a row is of, where that part has no such column */
  readonly lacks?: (row: number, column: string) => string | null
  /** how delimited text is written */
  readonly text?: TextLayout
  /** rows of a text, counted by reading it: for places of rows in parts */
  readonly countRows?: () => number
  /** an error of DuckDB in terms of the file */
  explain(error: unknown): unknown
}

/**
 * SQL of a relation's rows with their numbers from 0. Parts are numbered each: below a join DuckDB reads those of a union in any order, and
 * would number them so.
 */
export async function numberedSql(
  duck: Duck,
  { from, parts = [from] }: Pick<Relation, 'from' | 'parts'>,
  { cells, number }: { readonly cells: string; readonly number: string },
): Promise<string> {
  const each: string[] = []
  let before = 0
  for (const [k, part] of parts.entries()) {
    each.push(`SELECT *, row_number() OVER () - 1 + ${before} AS ${number} FROM (SELECT ${cells} FROM ${part})`)
    if (k < parts.length - 1) before += await duck.count(part)
  }
  return each.join(' UNION ALL ')
}

/** A column's type, as DuckDB has it. */
export const typeOf = ({ columns }: Relation, column: string): string => columns.find(({ name }) => name === column)?.type ?? 'VARCHAR'

/** Throws an error of DuckDB in terms of the file. */
export const explainedBy =
  (relation: Relation) =>
  (error: unknown): never => {
    throw relation.explain(error)
  }

export interface SourceContext {
  /** a file found in a folder may be a link that leads elsewhere */
  readonly guard: PathGuard
  readonly duck: Duck
  readonly scratch: string
  /** what was opened and unpacked already: a look at files before an import opens them twice */
  readonly opened: Map<string, Relation>
  readonly unpacked: Map<string, Unpacked>
  readonly skipped: SkippedRows
}

/** A plain file that is about to be read. */
export interface Opening {
  readonly source: Source
  /** as given */
  readonly given: string
  readonly unpacked: Unpacked
  /** of the file as given; null: that of the plain one */
  readonly file: SourceFile | null
  readonly context: SourceContext
}

export type Open = (opening: Opening) => Stage<Relation>

export const hashed = async (path: string): Promise<SourceFile> => ({ path, ...(await sha256File(path)) })

export const filesOf = (file: SourceFile): Pick<Relation, 'file' | 'files'> => ({ file, files: [file] })

/** A file, with its table or entry, as messages call it. */
export function shownOf(path: string): string {
  const [file, member] = splitTable(path)
  return member === undefined ? basename(file) : `${basename(file)}#${member}`
}

/** Files and places of rows, which come in ascending order: lines where the file has them. */
export function placesOf(relation: Relation, rows: readonly number[]): { readonly file: string; readonly place: string }[] {
  const parts = rows.map((row) => relation.partOf?.(row) ?? { relation, row })
  const lines = new Map<Relation, readonly number[] | undefined>()
  const seen = new Map<Relation, number>()
  for (const part of new Set(parts.map((each) => each.relation)))
    lines.set(part, part.linesOf?.(parts.filter((each) => each.relation === part).map(({ row }) => row)))
  return parts.map(({ relation: part, row }) => {
    const k = seen.get(part) ?? 0
    seen.set(part, k + 1)
    const line = lines.get(part)?.[k]
    return { file: part.shown, place: line === undefined ? `row ${row + 1}` : `line ${line}` }
  })
}
