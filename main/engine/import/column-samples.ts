/** The first rows of a file as text, whole numbers without a point, by column: what roles, forms and kinds of ids are guessed from. Read once a file. */
import { digitsSql, type Duck } from '../dataset/duck.ts'
import { explainedBy, type Relation } from './relation.ts'

const ROWS = 2000

export interface ColumnSample {
  readonly name: string
  /** DuckDB's */
  readonly type: string
  /** in the order of rows; null and blank where a cell is empty */
  readonly cells: readonly (string | null)[]
}

const read = new WeakMap<Relation, Promise<readonly ColumnSample[]>>()

export function columnSamples(duck: Duck, relation: Relation): Promise<readonly ColumnSample[]> {
  const known = read.get(relation) ?? sample(duck, relation)
  read.set(relation, known)
  return known
}

async function sample(duck: Duck, relation: Relation): Promise<readonly ColumnSample[]> {
  const cells = relation.columns.map(({ name, type }, i) => `${digitsSql(name, type)} AS c${i}`)
  const rows = await duck
    .rows(`SELECT ${cells.join(', ')} FROM (SELECT * FROM ${relation.from} LIMIT ${ROWS})`)
    .catch(explainedBy(relation))
  return relation.columns.map(({ name, type }, i) => ({
    name,
    type,
    cells: rows.map((row) => {
      const cell = row[`c${i}`]
      return typeof cell === 'string' ? cell : null
    }),
  }))
}

/** The cells of one column that are not empty. */
export async function sampleColumn(duck: Duck, relation: Relation, column: string): Promise<string[]> {
  return filled((await columnSamples(duck, relation)).find(({ name }) => name === column)?.cells ?? [])
}

export const filled = (cells: readonly (string | null)[]): string[] =>
  cells.filter((cell): cell is string => cell !== null && cell.trim() !== '')
