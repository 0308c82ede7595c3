/** What a look at a file reads of it: the head of every column, and, of interactions read whole, counts and activity over time. */
import type { FileInspection } from '../../contract/shapes/inspection.ts'
import { textSql, type Duck } from '../dataset/duck.ts'
import { sayNearDuplicates } from './ids.ts'
import type { ImportContext } from './import-context.ts'
import type { LoadedTable } from './load-interactions.ts'
import { explainedBy, type Relation } from './relation.ts'
import { guessTime } from '../dataset/cells/times.ts'

const HEAD_ROWS = 2000
const SAMPLES = 5
const SAMPLE_LENGTH = 80
const BINS = 60

export interface ColumnHead {
  readonly samples: string[]
  /** share of empty cells */
  readonly missing: number
  /** what the cells look like as times; null where they are none */
  readonly timeLabel: string | null
}

export interface FileHead {
  readonly columns: ReadonlyMap<string, ColumnHead>
  /** estimated from the bytes of the head unless `exact` */
  readonly rows: number
  readonly exact: boolean
}

/** The first rows of a file. @throws PylonError bad-data in terms of the file */
export async function readFileHead(duck: Duck, relation: Relation): Promise<FileHead> {
  const names = relation.columns.map((column) => column.name)
  const cells = relation.columns.map(({ name: column, type }, i) => `${textSql(column, type)} AS c${i}`)
  const rows = await duck
    .rows(`SELECT ${cells.join(', ')} FROM (SELECT * FROM ${relation.from} LIMIT ${HEAD_ROWS})`)
    .catch(explainedBy(relation))
  let characters = 0
  const columns = new Map<string, ColumnHead>()
  for (const [i, column] of names.entries()) {
    const values = rows.map((row) => row[`c${i}`]).filter((value): value is string => typeof value === 'string')
    const filled = values.filter((value) => value.trim() !== '')
    for (const value of values) characters += value.length + 1
    columns.set(column, {
      samples: [...new Set(filled)].slice(0, SAMPLES).map((value) => value.slice(0, SAMPLE_LENGTH)),
      missing: rows.length === 0 ? 0 : 1 - filled.length / rows.length,
      timeLabel: guessTime(filled)?.form.name ?? null,
    })
  }
  if (rows.length < HEAD_ROWS) return { columns, rows: rows.length, exact: true }
  return { columns, rows: Math.round(relation.file.bytes / (characters / rows.length)), exact: false }
}

export interface InteractionFacts {
  readonly rows: number
  /** of these, of the file itself; the others are the test file's */
  readonly given: number
  readonly events: string[]
  readonly users: number
  readonly items: number
  readonly activity: FileInspection['activity']
}

/** Counts, event types and activity of the table `raw`. */
export async function interactionFacts(job: ImportContext, { rows, given, columns }: LoadedTable): Promise<InteractionFacts> {
  const { duck } = job.source
  for (const side of ['user', 'item'] as const) await sayNearDuplicates(job, side, `(SELECT DISTINCT ${side} AS id FROM raw)`)
  const counts = await duck.one('SELECT count(DISTINCT user) AS users, count(DISTINCT item) AS items FROM raw')
  const activity = columns.time === null ? null : await activityOf(duck)
  return { rows, given, users: Number(counts['users']), items: Number(counts['items']), events: await eventsOf(duck, columns), activity }
}

async function eventsOf(duck: Duck, columns: LoadedTable['columns']): Promise<string[]> {
  if (columns.event === null) return []
  return (await duck.rows('SELECT DISTINCT event AS e FROM raw ORDER BY e LIMIT 50')).map((row) => String(row['e']))
}

async function activityOf(duck: Duck): Promise<NonNullable<FileInspection['activity']>> {
  const span = await duck.one('SELECT min(time) AS low, max(time) AS high FROM raw')
  const [from, to] = [Number(span['low']), Number(span['high'])]
  const counts = new Array<number>(to > from ? BINS : 1).fill(0)
  const scale = to > from ? counts.length / (to - from) : 0
  const bins = await duck.rows(
    `SELECT least(${counts.length - 1}, CAST(floor((time - ${from}) * ${scale}) AS INTEGER)) AS bin, count(*) AS n FROM raw GROUP BY 1`,
  )
  for (const { bin, n } of bins) counts[Number(bin)] = Number(n)
  return { from, to, counts }
}
