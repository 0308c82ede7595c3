/** Whether the ids of interactions stand in a column of another table: what its metadata is, and of which side. */
import { digitsSql, sqlText, type Duck } from '../dataset/duck.ts'
import { sampleColumn } from './column-samples.ts'
import { explainedBy, type Relation, typeOf } from './relation.ts'

/** Ids of the interactions that a column of metadata is tried with. */
const TRIED_IDS = 500

/** Ids of the first interactions, to be looked for elsewhere; whole floating ones without their zeros. */
export async function someIds(
  duck: Duck,
  { relation, column }: { readonly relation: Relation; readonly column: string },
): Promise<string[]> {
  const cells = (await sampleColumn(duck, relation, column)).map((cell) => cell.replace(/^(-?\d+)\.0+$/, '$1'))
  return [...new Set(cells)].slice(0, TRIED_IDS)
}

/** The share of these ids that stand in each column. */
export async function sharesOf(
  duck: Duck,
  relation: Relation,
  columns: readonly string[],
  ids: readonly string[],
): Promise<Map<string, number>> {
  const list = ids.map(sqlText).join(', ')
  const counts = columns.map((column, k) => {
    const cell = `regexp_replace(${digitsSql(column, typeOf(relation, column))}, '^(-?[0-9]+)[.]0+$', '\\1')`
    return `count(DISTINCT ${cell}) FILTER (${cell} IN (${list})) AS c${k}`
  })
  const found = await duck.one(`SELECT ${counts.join(', ')} FROM ${relation.from}`).catch(explainedBy(relation))
  return new Map(columns.map((column, k) => [column, Number(found[`c${k}`]) / ids.length]))
}
