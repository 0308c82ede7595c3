/** Metadata of the users and items of a log that has no tables of them: its own columns, a row an id, read as any metadata is. */
import { listNames } from '../../../contract/did-you-mean.ts'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { kindOption, toldColumns } from '../choose.ts'
import type { ImportContext } from '../import-context.ts'
import type { Side } from '../ids.ts'
import { loadMetadata, type Metadata } from '../metadata.ts'
import type { InteractionColumns } from '../roles.ts'
import { chooseDescribing, FLAGS, percent, SIDES, titleAmong, type Asked, type LeftColumn } from './choose.ts'
import { MOST_DIFFERING } from './agreement.ts'
import { logColumns, takenSql } from './rows.ts'
import { describedTable, type Differing, type Log } from './table.ts'

/** What a log tells of its users and items. */
export interface LogMetadata {
  readonly metadata: Readonly<Record<Side, Metadata | null>>
  /** the item's column that is its title, as the log calls it */
  readonly title: string | null
  readonly left: readonly LeftColumn[]
  /** of ids with several values, each with its column */
  readonly warnings: readonly { readonly column: string; readonly text: string }[]
}

/**
 * Loads what the columns of a log say of its users and items; ids with several values are to be warned of.
 * @throws PylonError bad-data for cells that a said kind does not read
 */
export async function* describeByLog(job: ImportContext, columns: InteractionColumns, asked: Asked, log: Log): Stage<LogMetadata> {
  const { duck } = job.source
  const relation = log.files[0]!.relation
  const known = await logColumns(job, relation, asked.all, (column) => kindOption(job, 'item', column) ?? kindOption(job, 'user', column))
  yield { stage: `look at ${relation.shown}`, done: 0, total: null, unit: 'rows' }
  const chosen = await chooseDescribing(job, log.files[0]!, asked, known, log.taken)
  const left = [...chosen.left]
  const metadata: Record<Side, Metadata | null> = { item: null, user: null }
  const warnings: { column: string; text: string }[] = []
  let title: string | null = null
  for (const side of SIDES) {
    const own = known.filter(({ name }) => chosen.columns[side].includes(name))
    if (own.length === 0) continue
    const table = yield* describedTable(duck, side, log, columns[side], own)
    // what the first rows agreed on all rows may not
    const isKept = ({ column, ids: n, several }: Differing): boolean =>
      asked.said[side]?.includes(column) === true || column === chosen.saidTitle || n <= MOST_DIFFERING * several
    const kept = table.differing.filter(isKept)
    for (const differing of table.differing)
      if (!isKept(differing)) left.push({ column: differing.column, why: severalWords(side, differing) })
    if (kept.length > 0) {
      const names = kept.map(({ column }) => column)
      if (side === 'item') title = titleAmong(job, relation, names)
      const of = own.filter(({ name }) => names.includes(name))
      metadata[side] = yield* loadMetadata(
        job,
        side,
        table.relationOf(of),
        columns[side],
        (column) => kindOption(job, side, column),
        side === 'item' ? title : null,
      )
      warnings.push(...kept.flatMap((differing) => differingWords(side, differing, log.isTimed)))
    }
    await duck.run(`DROP TABLE described_${side}`)
  }
  return { metadata, title, left, warnings }
}

/** A log and which of its rows count. @param ids SQL of a table of the ids that are there, by side; null: all */
export const logOf = (job: ImportContext, columns: InteractionColumns, files: Log['files'], ids: Log['ids']): Log => ({
  files,
  isTimed: columns.time !== null,
  taken: takenSql(job, columns),
  ids,
})

/** Tells what was taken and what was not, with the flag that changes it. */
export function sayDescribed(job: ImportContext, { files }: Log, asked: Asked, { metadata, title, left, warnings }: LogMetadata): void {
  for (const { text } of warnings) job.warn(text)
  for (const side of SIDES) {
    const own = metadata[side]
    if (own !== null) sayTaken(job, side, own, asked, side === 'item' ? title : null)
  }
  if (files[1] !== undefined && SIDES.some((side) => metadata[side] !== null))
    job.say(`${files[1].relation.shown}: its rows describe who or what is in no other`)
  if (asked.open.length > 0) sayLeft(job, files[0]!.relation.shown, left, asked.open)
}

function sayTaken(job: ImportContext, side: Side, { relation, columns }: Metadata, { said }: Asked, title: string | null): void {
  const told = `${relation.shown}: columns of the ${side}: ${toldColumns(columns)}${title === null ? '' : `; title = ${title}`}`
  job.say(said[side] === null ? `${told}; others are named with ${FLAGS[side]}` : told)
}

/** Columns that are told one by one. */
const MOST_TOLD = 12

function sayLeft(job: ImportContext, shown: string, left: readonly LeftColumn[], open: readonly Side[]): void {
  const flags = open.map((side) => FLAGS[side]).join(', ')
  for (const { column, why } of left.slice(0, MOST_TOLD))
    job.say(`${shown}: the column "${column}" is not used: ${why}; to take it: ${flags}`)
  if (left.length > MOST_TOLD) job.say(`${shown}: not used either: ${listNames(left.slice(MOST_TOLD).map(({ column }) => column))}`)
}

const severalWords = (side: Side, { ids, several }: Differing): string => `it varies within ${percent(ids / several)} of the ${side}s`

/** Nothing is merged in silence: how many ids have several values, and those of one of them. */
function differingWords(side: Side, { column, ids, several, example }: Differing, isTimed: boolean): { column: string; text: string }[] {
  if (example === null) return []
  const which = isTimed ? 'newest' : 'last'
  const text = `Column "${column}": ${count(ids)} of ${count(several)} ${side}s with several rows have several values, of which the ${which} counts. ${exampleOf(example)}`
  return [{ column, text }]
}

const exampleOf = ({ id, newest, other }: NonNullable<Differing['example']>): string =>
  `Of ${JSON.stringify(id)} it is ${JSON.stringify(newest.value)} (${newest.place}), and not ${JSON.stringify(other.value)} (${other.place}).`

const count = (n: number): string => n.toLocaleString('en-US')
