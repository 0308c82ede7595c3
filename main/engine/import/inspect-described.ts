/** What a look at files tells of the columns of a log that describe its users and items, by the rules of the import. */
import type { InspectedFile } from '../../contract/shapes/inspection.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { textSql } from '../dataset/duck.ts'
import { refuseUnknownKinds } from './choose.ts'
import { askedColumns, SIDES } from './described/choose.ts'
import { describeByLog, logOf, type LogMetadata } from './described/describe.ts'
import type { ImportContext } from './import-context.ts'
import type { Side } from './ids.ts'
import type { LoadedTable } from './load-interactions.ts'
import type { Relation } from './relation.ts'
import { typeOf } from './relation.ts'
import type { InteractionColumns } from './roles.ts'

/** Rows by which a log that is not read whole is judged. */
const HEAD = 400_000

/**
 * What describes whom. @param loaded the interactions in the table `raw`; null where the file is not read whole, and its first rows tell
 * @param given tables of the sides
 */
export async function* lookAtDescribed(
  job: ImportContext,
  relation: Relation,
  columns: InteractionColumns,
  given: Readonly<Record<Side, Relation | null>>,
  loaded: LoadedTable | null,
): Stage<LogMetadata> {
  const asked = askedColumns(job, relation, columns, given)
  if (loaded !== null)
    return yield* describeByLog(
      job,
      columns,
      asked,
      logOf(job, columns, loaded.rereads, { user: '(SELECT "user" FROM raw)', item: '(SELECT item FROM raw)' }),
    )
  const ids = SIDES.map((side) => `${textSql(columns[side], typeOf(relation, columns[side]))} AS "${side}"`)
  const from = `(SELECT * FROM ${relation.from} LIMIT ${HEAD})`
  const head = {
    relation: { ...relation, from, parts: [from] },
    columns: `${ids.join(', ')}, CAST(NULL AS DOUBLE) AS time`,
    roles: [],
  }
  return yield* describeByLog(job, columns, asked, { files: [head], isTimed: false, taken: 'true', ids: null })
}

/** @throws PylonError bad-input for a kind of a column that describes nobody, as the import does */
export function refuseKindsOfNobody(
  job: ImportContext,
  relation: Relation,
  columns: InteractionColumns,
  given: Readonly<Record<Side, Relation | null>>,
  { metadata }: LogMetadata,
): void {
  const { all } = askedColumns(job, relation, columns, given)
  const tables = { user: given.user ?? metadata.user?.relation ?? null, item: given.item ?? metadata.item?.relation ?? null }
  refuseUnknownKinds(job, tables, { left: all })
}

type InspectedColumn = InspectedFile['columns'][number]

/** A column of the interactions with what it describes, or why it does not. */
export function withDescribed(column: InspectedColumn, { metadata, title, left }: LogMetadata): InspectedColumn {
  for (const side of SIDES) {
    const reading = metadata[side]?.columns.find(({ source }) => source === column.name)?.reading
    if (reading === undefined) continue
    const { kind, how } = reading
    return { ...column, ...(side === 'item' && column.name === title && { role: 'title' }), describes: side, kind, how }
  }
  const why = left.find((other) => other.column === column.name)?.why
  return why === undefined ? column : { ...column, left: why }
}
