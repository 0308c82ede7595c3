/**
 * Whether a column of a log is a matter of its item, or of its user: most ids that have several rows keep one value, where chance would give
 * them several. Told by the first rows of the log (400,000 of them, fewer of many columns); whoever takes a
 * column checks it on all rows.
 */
import type { Duck } from '../../dataset/duck.ts'
import type { Reread } from '../load-interactions.ts'
import type { Side } from '../ids.ts'
import { VALUES, type Agreement } from './agreement.ts'
import { cellsSql, type LogColumn } from './rows.ts'

/** Cells that are looked at, and rows at most. */
const CELLS = 8_000_000
const ROWS = 400_000

export interface Evidence {
  readonly column: string
  readonly values: number
  readonly agreement: Readonly<Record<Side, Agreement>>
}

/** @param taken SQL of which rows count */
export async function evidenceOf(duck: Duck, log: Reread, columns: readonly LogColumn[], taken: string): Promise<Evidence[]> {
  const rows = Math.min(ROWS, Math.ceil(CELLS / (columns.length + 2)))
  const hashes = columns.map((_, k) => `CASE WHEN v${k} IS NOT NULL THEN hash(v${k}) END AS h${k}`)
  const first = `SELECT ${cellsSql(log, columns)} FROM (SELECT * FROM ${log.relation.from} LIMIT ${rows})`
  await duck.run(
    `CREATE TABLE log_look AS SELECT hash("user") AS "user", hash(item) AS item, ${hashes.join(', ')} FROM (${first}) WHERE ${taken}`,
  )
  const values: { values: number; shares: number[] }[] = []
  for (const k of columns.keys()) {
    const counts = `SELECT count(*) AS n FROM log_look WHERE h${k} IS NOT NULL GROUP BY h${k}`
    const found = await duck.one(`SELECT count(*) AS "values", sum(n)::DOUBLE AS present, max(n, ${VALUES}) AS top FROM (${counts})`)
    const top = Array.isArray(found['top']) ? found['top'].map(Number) : []
    values.push({ values: Number(found['values']), shares: top.map((n) => n / Number(found['present'])) })
  }
  const sides = { user: await agreements(duck, 'user', values), item: await agreements(duck, 'item', values) }
  await duck.run('DROP TABLE log_look')
  return columns.map(({ name }, k) => ({
    column: name,
    values: values[k]!.values,
    agreement: { user: sides.user[k]!, item: sides.item[k]! },
  }))
}

async function agreements(duck: Duck, side: Side, columns: readonly { readonly shares: readonly number[] }[]): Promise<Agreement[]> {
  const cells = columns.map((_, k) => `count(h${k}) AS n${k}, min(h${k}) <> max(h${k}) AS d${k}`)
  await duck.run(`CREATE TABLE log_ids AS SELECT ${cells.join(', ')} FROM log_look GROUP BY "${side}"`)
  const ids = await duck.count('log_ids')
  const found: Agreement[] = []
  for (const [k, { shares }] of columns.entries()) {
    let [several, differing, byChance] = [0, 0, 0]
    for (const row of await duck.rows(
      `SELECT n${k} AS n, count(*) AS ids, count(*) FILTER (d${k}) AS differing FROM log_ids WHERE n${k} > 1 GROUP BY 1`,
    )) {
      const [rows, here] = [Number(row['n']), Number(row['ids'])]
      several += here
      differing += Number(row['differing'])
      byChance += here * (1 - shares.reduce((sum, share) => sum + share ** rows, 0))
    }
    found.push({ ids, several, differing, byChance })
  }
  await duck.run('DROP TABLE log_ids')
  return found
}
