/** RecBole's atomic files: the header names each column's type (`user_id:token`, `token_seq`, `float`, `float_seq`). */
import type { ColumnKind } from '../../../contract/shapes/dataset.ts'
import { sqlName } from '../../dataset/duck.ts'
import type { FileRole } from '../../../contract/shapes/inspection.ts'
import { rowByRow, type Layout, type Reading, type TableLook } from './layout.ts'

const TYPED = /^(.+):(token|token_seq|float|float_seq)$/
const USER = /user|session|reviewer|customer|visitor|author|member/i
const ITEM = /item|product|movie|business|book|track|song|artist|venue|poi|location|article|news|game|video|anime|recipe|listing|asin/i
const WORDS = /title|name|desc|text|summary|content|review/i

interface TypedColumn {
  readonly whole: string
  readonly name: string
  readonly type: string
}

/** Its columns with their types, and the delimiter; null where its first line says none. */
function typedHeader({ lines }: TableLook): { readonly columns: readonly TypedColumn[]; readonly delimiter: string } | null {
  for (const delimiter of ['\t', ',']) {
    const cells = (lines[0] ?? '').split(delimiter)
    const columns = cells.flatMap((cell) => {
      const [whole, name, type] = TYPED.exec(cell.trim()) ?? []
      return whole === undefined ? [] : [{ whole, name: name!, type: type! }]
    })
    // a column that somebody added has no type
    if (columns.length > 0 && columns.length * 2 > cells.length) return { columns, delimiter }
  }
  return null
}

const asRole =
  (role: FileRole) =>
  (look: TableLook): Reading | null => {
    const header = typedHeader(look)
    if (header === null) return null
    const ids = header.columns.filter(({ type }) => type === 'token')
    const [user, item] = [ids.find(({ name }) => USER.test(name) && !ITEM.test(name)), ids.find(({ name }) => ITEM.test(name))]
    const first = header.columns[0]!.name
    const fits =
      role === 'interactions'
        ? user !== undefined && item !== undefined
        : role === 'users'
          ? USER.test(first) && item === undefined
          : ITEM.test(first) && user === undefined
    if (!fits) return null
    const cells = header.columns.map((column) => `${cellSql(column, role)} AS ${sqlName(column.name)}`)
    const kinds = Object.fromEntries(header.columns.flatMap((column) => kindOf(column)))
    return {
      delimiter: header.delimiter,
      quote: '',
      header: 'yes',
      query: rowByRow(cells.join(', ')),
      ...(role !== 'interactions' && { kinds }),
    }
  }

const isWords = ({ name, type }: TypedColumn): boolean => type === 'token_seq' && WORDS.test(name)

function cellSql(column: TypedColumn, role: FileRole): string {
  const cell = sqlName(column.whole)
  if (role === 'interactions' || isWords(column)) return cell
  const parts = `string_split(nullif(trim(${cell}), ''), ' ')`
  if (column.type === 'token_seq') return parts
  return column.type === 'float_seq' ? `list_transform(${parts}, lambda part: CAST(part AS FLOAT))` : cell
}

function kindOf(column: TypedColumn): [string, ColumnKind][] {
  if (isWords(column)) return [[column.name, 'text']]
  const kind = ({ token: 'category', token_seq: 'tags', float: 'number', float_seq: 'vector' } as const)[column.type]
  return kind === undefined ? [] : [[column.name, kind]]
}

export const RECBOLE = {
  recbole: {
    title: 'RecBole atomic files',
    files: 'NAME.inter, NAME.item, NAME.user (tab separated, typed header)',
    tables: [
      { role: 'interactions', match: asRole('interactions') },
      { role: 'items', match: asRole('items'), optional: true },
      { role: 'users', match: asRole('users'), optional: true },
    ],
    map: {},
  },
} satisfies Record<string, Layout>
