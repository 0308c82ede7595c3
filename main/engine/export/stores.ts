/** The items for vector stores: SQL for PostgreSQL with pgvector, and upload files for Qdrant and Milvus, metadata included for filters. */
import { join } from 'node:path'
import type { Progress } from '../../contract/shapes/progress.ts'
import { writeFileAtomic } from '../files/atomic.ts'
import type { ItemValue } from '../serving/filter.ts'
import { requireRanking, type ExportSource } from './source.ts'
import { writeLines } from './lines.ts'
import type { Ranking } from './ranking.ts'
import { itemColumns, vectorRows, type ItemColumn, type VectorRows } from './vector-rows.ts'

/** Points of one upload request of Qdrant. */
const POINTS = 1000

/** `items.sql`: table, rows by COPY, an HNSW index, and the query. */
export async function* writePgvector(source: ExportSource): AsyncGenerator<Progress, void> {
  const rows = await vectorRows(source.runFolder, 'item')
  yield { stage: 'write items', done: 0, total: rows.ids.length, unit: 'items' }
  await writeLines(join(source.folder, 'items.sql'), sqlLines(rows, await itemColumns(source), requireRanking(source)))
}

function* sqlLines(
  { dim, ids, vector }: VectorRows,
  columns: readonly ItemColumn[],
  { pgvector: [operator, family] }: Ranking,
): Generator<string> {
  const types = { text: 'text', number: 'double precision', list: 'text[]' } as const
  const names = columns.map(({ name }) => identifier(name === 'id' || name === 'embedding' ? `${name}_` : name))
  yield '-- Items of a two-tower model for PostgreSQL with pgvector: psql -v ON_ERROR_STOP=1 -f items.sql DATABASE'
  yield 'BEGIN;'
  yield 'CREATE EXTENSION IF NOT EXISTS vector;'
  yield `CREATE TABLE items (`
  yield `  id text PRIMARY KEY,`
  for (const [i, { type }] of columns.entries()) yield `  ${names[i]!} ${types[type]},`
  yield `  embedding vector(${dim}) NOT NULL`
  yield ');'
  yield `COPY items (${['id', ...names, 'embedding'].join(', ')}) FROM stdin;`
  for (const [k, id] of ids.entries())
    yield [copyText(id), ...columns.map((column) => copyValue(column.valueOf(k))), `[${Array.from(vector(k)).join(',')}]`].join('\t')
  yield '\\.'
  yield `CREATE INDEX items_by_embedding ON items USING hnsw (embedding ${family});`
  yield 'COMMIT;'
  yield `-- candidates for a user's vector: SELECT id FROM items ORDER BY embedding ${operator} '[…]' LIMIT 10;`
}

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
/** A text of COPY's own format: backslash, tab and line breaks escaped. */
const copyText = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\0', '')
const arrayElement = (value: string): string => `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

function copyValue(value: ItemValue): string {
  if (value === null) return '\\N'
  if (typeof value === 'object') return copyText(`{${value.map(arrayElement).join(',')}}`)
  return typeof value === 'number' ? String(value) : copyText(value)
}

/** `collection.json` for PUT /collections/NAME, and `points-0001.json` … for PUT /collections/NAME/points. Qdrant's ids are numbers; ours is in the payload. */
export async function* writeQdrant(source: ExportSource): AsyncGenerator<Progress, void> {
  const { folder } = source
  const { dim, ids, vector } = await vectorRows(source.runFolder, 'item')
  const columns = await itemColumns(source)
  const distance = requireRanking(source).qdrant
  await writeFileAtomic(join(folder, 'collection.json'), `${JSON.stringify({ vectors: { size: dim, distance } }, null, 2)}\n`)
  for (let from = 0, file = 1; from < ids.length; from += POINTS, file++) {
    yield { stage: 'write points', done: from, total: ids.length, unit: 'items' }
    const points = ids.slice(from, from + POINTS).map((id, i) => ({
      id: from + i,
      vector: Array.from(vector(from + i)),
      payload: { item: id, ...payload(columns, from + i) },
    }))
    await writeFileAtomic(join(folder, `points-${String(file).padStart(4, '0')}.json`), JSON.stringify({ points }))
  }
}

/** `schema.json` for a collection, and `rows.json` for Milvus's bulk import ({"rows": […]}, one field a column, lists and numbers as they are). */
export async function* writeMilvus(source: ExportSource): AsyncGenerator<Progress, void> {
  const { folder } = source
  const { dim, ids, vector } = await vectorRows(source.runFolder, 'item')
  const columns = await itemColumns(source)
  yield { stage: 'write rows', done: 0, total: ids.length, unit: 'items' }
  const longest = ids.reduce((most, id) => Math.max(most, Buffer.byteLength(id)), 1)
  const schema = {
    autoId: false,
    enableDynamicField: true,
    fields: [
      { fieldName: 'item', dataType: 'VarChar', isPrimary: true, elementTypeParams: { max_length: longest } },
      { fieldName: 'embedding', dataType: 'FloatVector', elementTypeParams: { dim } },
    ],
    indexParams: [
      {
        fieldName: 'embedding',
        indexName: 'embedding',
        indexType: 'HNSW',
        metricType: requireRanking(source).milvus,
        params: { M: 16, efConstruction: 128 },
      },
    ],
  }
  await writeFileAtomic(join(folder, 'schema.json'), `${JSON.stringify(schema, null, 2)}\n`)
  await writeLines(join(folder, 'rows.json'), milvusLines(ids, vector, columns))
}

function* milvusLines(ids: readonly string[], vector: VectorRows['vector'], columns: readonly ItemColumn[]): Generator<string> {
  yield '{"rows": ['
  for (const [k, id] of ids.entries()) {
    const row = JSON.stringify({ item: id, embedding: Array.from(vector(k)), ...payload(columns, k) })
    yield k === ids.length - 1 ? row : `${row},`
  }
  yield ']}'
}

function payload(columns: readonly ItemColumn[], k: number): Record<string, ItemValue> {
  return Object.fromEntries(
    columns.filter(({ name }) => name !== 'item' && name !== 'embedding').map(({ name, valueOf }) => [name, valueOf(k)]),
  )
}
