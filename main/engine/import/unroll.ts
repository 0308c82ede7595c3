/**
 * Lists and structures where cells should be: `--unroll items` makes of a row with a list a row for each of its entries, of several columns in
 * step, and of a structure its fields, as columns `item.id`. A list may be typed, JSON, or text (`["a", "b"]`, `a b`, `a|b`).
 */
import { badData, badInput, type PylonError } from '../../contract/errors.ts'
import { sqlName, sqlText, type Duck } from '../dataset/duck.ts'
import { nameOption, namesOption, pairOption, splitNames } from '../../contract/import-options.ts'
import { findColumn, parseMap, roleColumn, type RoleMap } from './roles.ts'
import { explainedBy, type Query, type Relation, type Source } from './relation.ts'

export const isList = (type: string): boolean => /\]$/.test(type)
export const isStructureList = (type: string): boolean => isList(type) && type.startsWith('STRUCT')
export const isStructure = (type: string): boolean => /^(STRUCT|MAP|UNION)/.test(type) && !isList(type)

/** The columns of `--unroll`. */
export const unrolledColumns = (unroll: string | undefined): string[] => splitNames(unroll ?? '')

/** A query that unrolls columns of a source. @throws PylonError bad-input for a column that is not there */
export function unrolling(columns: readonly string[], { path, badRows }: Pick<Source, 'path' | 'badRows'>): Query {
  const wantedOf = (names: readonly string[]): string[] => columns.map((name) => findColumn(name, names, path, '--unroll'))
  return {
    rowByRow: false,
    eachRow: true,
    check: (relation, duck) => checkLists(relation, duck, wantedOf(relation.columns.map(({ name }) => name)), badRows === 'skip'),
    async sql(from, duck) {
      const found = await duck.describe(`SELECT * FROM ${from}`)
      const wanted = wantedOf(found.map(({ name }) => name))
      const cells = found.map(({ name, type }) => {
        if (!wanted.includes(name) || isStructure(type)) return sqlName(name)
        return `unnest(${listSql(name, type)}) AS ${sqlName(name)}`
      })
      const unnested = `(SELECT ${cells.join(', ')} FROM ${from})`
      return flattened(unnested, wanted, duck)
    },
  }
}

/**
 * Lists are taken in step, so in one row they have one length; and a row whose lists are empty is no interaction, which is said.
 * @param skip entries without a partner are left out, as rows that cannot be read
 * @throws PylonError bad-data naming the first row whose lists differ in length
 */
async function checkLists(relation: Relation, duck: Duck, wanted: readonly string[], skip: boolean): Promise<string[]> {
  const lists = relation.columns.filter(({ name, type }) => wanted.includes(name) && !isStructure(type))
  if (lists.length === 0) return []
  const lengths = lists.map(({ name, type }, k) => `coalesce(len(${listSql(name, type)}), 0) AS l${k}`)
  const uneven = lists.map((_, k) => `l${k} <> l0`).join(' OR ')
  const found = await duck
    .one(
      `SELECT min(n) FILTER (${uneven}) AS uneven, ${lists.map((_, k) => `arg_min(l${k}, n) FILTER (${uneven}) AS l${k}`).join(', ')}, count(*) FILTER (${lists.map((_, k) => `l${k} = 0`).join(' AND ')}) AS empty FROM (SELECT row_number() OVER () - 1 AS n, ${lengths.join(', ')} FROM ${relation.from})`,
    )
    .catch(explainedBy(relation))
  if (found['uneven'] !== null && !skip) {
    const told = lists.map(({ name }, k) => `${name} ${String(found[`l${k}`])}`).join(', ')
    throw badData(
      `The lists of this row are of different lengths (${told}), and their entries are taken in step. Correct the row, or leave entries without a partner out with --bad-rows skip.`,
      relation.place(Number(found['uneven'])),
    )
  }
  const empty = Number(found['empty'])
  return empty === 0
    ? []
    : [
        `${relation.shown}: ${empty.toLocaleString('en-US')} ${empty === 1 ? 'row whose lists are empty is no interaction' : 'rows whose lists are empty are no interactions'}`,
      ]
}

function listSql(column: string, type: string): string {
  const cell = sqlName(column)
  if (isList(type)) return cell
  const text = type === 'VARCHAR' ? cell : `CAST(${cell} AS VARCHAR)`
  const words = `list_filter(string_split_regex(trim(${text}), '[ ,|;\t]+'), lambda word: word <> '')`
  return `CASE WHEN trim(${text}) LIKE '[%' THEN from_json(CAST(${text} AS JSON), '["VARCHAR"]') ELSE ${words} END`
}

/** Structures among the wanted columns become their fields. */
async function flattened(from: string, wanted: readonly string[], duck: Duck): Promise<string> {
  const columns = await duck.describe(`SELECT * FROM ${from}`)
  const cells: string[] = []
  for (const { name, type } of columns) {
    if (!wanted.includes(name) || !isStructure(type) || !type.startsWith('STRUCT')) {
      cells.push(sqlName(name))
      continue
    }
    const fields = await duck.describe(`SELECT unnest(${sqlName(name)}) FROM ${from}`)
    for (const field of fields)
      cells.push(`struct_extract(${sqlName(name)}, ${sqlText(field.name)}) AS ${sqlName(`${name}.${field.name}`)}`)
  }
  return `SELECT ${cells.join(', ')} FROM ${from}`
}

/** The unrolled column is the item's, unless that was said or its name is another's. */
export function unrolledMap(columns: readonly string[], said: string | undefined): RoleMap {
  const map = parseMap(said)
  const [only] = columns
  if (only === undefined || map.item !== undefined || Object.values(map).includes(only)) return {}
  return roleColumn('user', {}, [only], '--unroll') === null ? { item: only } : {}
}

/** What to do where a list or structure stands for an id. */
export function refuseNested(relation: Relation, column: string, role: 'user' | 'item'): PylonError | null {
  const type = relation.columns.find(({ name }) => name === column)?.type ?? ''
  const [unroll, field] = [nameOption('unroll', column), pairOption('map', role, `${column}.FIELD`)]
  if (isStructureList(type))
    return badInput(
      `This column holds lists of structures. With ${unroll} each entry is an interaction of its own and its fields are columns: then name one with ${field}.`,
      `${relation.shown} column "${column}"`,
    )
  if (isList(type))
    return badInput(
      `This column holds lists, which are no ids. With ${unroll} each entry is an interaction of its own; or name another column with --map ${role}=COLUMN.`,
      `${relation.shown} column "${column}"`,
    )
  if (!isStructure(type)) return null
  // where one is a structure, others are: the user's fields, and the item's
  const all = [column, ...relation.columns.filter((other) => other.name !== column && isStructure(other.type)).map(({ name }) => name)]
  return badInput(
    `This column holds structures, which are no ids. With ${namesOption('unroll', all)} their fields are columns: then name one with ${field}.`,
    `${relation.shown} column "${column}"`,
  )
}
