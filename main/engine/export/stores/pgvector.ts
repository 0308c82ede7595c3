/** The items as SQL that `psql` reads, and `load.py` by psycopg: every statement is one line. */
import type { ItemValue } from '../../serving/filter.ts'
import { linesOf } from '../lines.ts'
import type { Ranking } from '../ranking.ts'
import type { ItemColumn, StoreItems } from './items.ts'
import { HNSW } from './hnsw.ts'
import { storeWriter } from './write.ts'

/** Rows of one INSERT. */
const ROWS = 200
const TYPES = { text: 'text', number: 'double precision', list: 'text[]', date: 'date', time: 'timestamptz' } as const

/**
 * `items.sql`: a table that the items are put into, an HNSW index, and the query. What it says happens in one transaction, and twice is once.
 * COPY would be faster, and not every server that speaks PostgreSQL's protocol has it.
 */
export const writePgvector = storeWriter('pgvector', ['id', 'embedding'], (items, ranking) => [
  ['items.sql', linesOf(sqlLines(items, ranking))],
])

function* sqlLines({ dim, ids, vector, columns }: StoreItems, { pgvector: [operator, family] }: Ranking): Generator<string> {
  const names = ['id', ...columns.map(({ name }) => identifier(name)), 'embedding']
  const list = names.join(', ')
  const others = 'SELECT count(*) FROM %I AS t WHERE NOT EXISTS (SELECT FROM pylon_incoming AS i WHERE i.id = t.id)'
  const refusal = `'%', format('%s rows of table %s are not in this export: choose another name (-v table=NAME), or have them removed (-v replace=on)', others, current_setting('pylon.table'))`
  yield '-- Items of a two-tower model for PostgreSQL with pgvector (0.8 or newer): psql -f items.sql DATABASE, or python load.py'
  yield '-- Another name than items: -v table=NAME. Rows there that are not in this export are refused, or removed: -v replace=on'
  yield String.raw`\set ON_ERROR_STOP on`
  yield String.raw`\if :{?table} \else \set table items \endif`
  yield String.raw`\if :{?replace} \else \set replace off \endif`
  yield String.raw`\set index :table _by_embedding`
  yield 'BEGIN;'
  yield 'CREATE EXTENSION IF NOT EXISTS vector;'
  const fields = columns.map(({ type }, i) => `${names[i + 1]!} ${TYPES[type]}, `).join('')
  yield `CREATE TABLE IF NOT EXISTS :"table" (id text PRIMARY KEY, ${fields}embedding vector(${dim}) NOT NULL);`
  yield 'CREATE TEMPORARY TABLE pylon_incoming (LIKE :"table") ON COMMIT DROP;'
  for (let from = 0; from < ids.length; from += ROWS) {
    const rows = ids.slice(from, from + ROWS).map((id, i) => {
      const k = from + i
      return `(${[text(id), ...columns.map((column) => literal(column, k)), `'[${Array.from(vector(k)).join(',')}]'`].join(', ')})`
    })
    yield `INSERT INTO pylon_incoming (${list}) VALUES ${rows.join(', ')};`
  }
  yield `SELECT set_config('pylon.table', :'table', true), set_config('pylon.replace', :'replace', true);`
  yield `DO $$ DECLARE others bigint; BEGIN EXECUTE format('${others}', current_setting('pylon.table')) INTO others; IF others > 0 AND current_setting('pylon.replace') <> 'on' THEN RAISE EXCEPTION ${refusal}; END IF; END $$;`
  yield 'DELETE FROM :"table" AS t WHERE NOT EXISTS (SELECT FROM pylon_incoming AS i WHERE i.id = t.id);'
  const changes = names.slice(1).map((name) => `${name} = EXCLUDED.${name}`)
  yield `INSERT INTO :"table" (${list}) SELECT ${list} FROM pylon_incoming ON CONFLICT (id) DO UPDATE SET ${changes.join(', ')};`
  const settings = `m = ${HNSW.m}, ef_construction = ${HNSW.efConstruction}`
  yield `CREATE INDEX IF NOT EXISTS :"index" ON :"table" USING hnsw (embedding ${family}) WITH (${settings});`
  yield 'COMMIT;'
  yield '-- Candidates for a vector of a user. By its own settings pgvector looks at 40 items, and under a WHERE finds what of those fits: none at'
  yield '-- times. Let each session look further, and go on until there are enough:'
  yield `-- SET hnsw.ef_search = ${HNSW.efSearch}; SET hnsw.iterative_scan = strict_order; SET hnsw.max_scan_tuples = 200000;`
  yield `-- SELECT id FROM items ORDER BY embedding ${operator} '[…]' LIMIT 10;`
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`

/** On one line, whatever is in it; PostgreSQL's texts cannot hold the character 0. */
const text = (value: string): string =>
  `E'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '')}'`

function literal({ type, valueOf }: ItemColumn, k: number): string {
  const value: ItemValue = valueOf(k)
  if (value === null) return 'NULL'
  if (typeof value === 'object') return `ARRAY[${value.map(text).join(', ')}]::text[]`
  return typeof value === 'number' ? String(value) : type === 'text' ? text(value) : `'${value}'`
}
