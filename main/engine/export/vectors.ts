/**
 * The vectors of a run as files that other tools read: a format says which files they make and of what pieces, one writer does the rest.
 * Floats keep every bit. Formats of vector stores hold the items alone, with their metadata for filters.
 */
import { join } from 'node:path'
import type { Stage } from '../../contract/shapes/progress.ts'
import { Duck, NO_HIVE_PARTITIONS, sqlFile, sqlText } from '../dataset/duck.ts'
import { openDataset } from '../dataset/open.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { readIds, readMatrix } from '../model/run-vectors.ts'
import { itemValue, type ItemValue } from '../serving/filter.ts'
import { linesOf, writePieces } from './lines.ts'
import type { Ranking } from './ranking.ts'
import { type ExportSource, requireRanking } from './source.ts'

type Side = 'user' | 'item'
const SIDES: readonly Side[] = ['user', 'item']

/** Metadata of items, but vectors. */
interface ItemColumn {
  readonly name: string
  readonly type: 'text' | 'number' | 'list'
  readonly valueOf: (k: number) => ItemValue
}

/** The vectors of a side: row k belongs to entry k of the ids. */
interface Rows {
  readonly side: Side
  readonly dim: number
  readonly ids: readonly string[]
  /** of row k; a view */
  readonly vector: (k: number) => Float32Array
  /** none where both sides are written */
  readonly columns: readonly ItemColumn[]
}

/** What becomes of a side: names of files, their pieces, and how many rows lie in the files before. */
type FilesOf = (rows: Rows, ranking: Ranking) => Iterable<readonly [name: string, pieces: Parameters<typeof writePieces>[1], done?: number]>
type Write = (source: ExportSource) => Stage

const writer = (sides: readonly Side[], filesOf: FilesOf): Write =>
  async function* (source) {
    for (const side of sides) {
      const rows = await rowsOf(source.runFolder, side, sides.length === 1 ? await itemColumns(source) : [])
      for (const [name, pieces, done = 0] of filesOf(rows, requireRanking(source))) {
        yield { stage: `write ${side}s`, done, total: rows.ids.length, unit: `${side}s` }
        await writePieces(join(source.folder, name), pieces)
      }
    }
  }

/** @throws PylonError bad-data where rows and ids are not as many */
async function rowsOf(runFolder: string, side: Side, columns: readonly ItemColumn[]): Promise<Rows> {
  const [vectors, list] = side === 'user' ? [RUN_FILES.userVectors, RUN_FILES.userIds] : [RUN_FILES.itemVectors, RUN_FILES.itemIds]
  const ids = await readIds(join(runFolder, list))
  const { data, width: dim } = await readMatrix(join(runFolder, vectors), ids.length)
  return { side, dim, ids, vector: (k) => data.subarray(k * dim, (k + 1) * dim), columns }
}

async function itemColumns(source: Pick<ExportSource, 'datasetFolder' | 'datasetRecord'>): Promise<ItemColumn[]> {
  const dataset = await openDataset(source.datasetFolder, source.datasetRecord)
  const columns: ItemColumn[] = []
  for (const { name, storage } of dataset.manifest.itemColumns) {
    if (storage === 'vector') continue
    const values = await dataset.column('item', name)
    columns.push({ name, type: storage, valueOf: (k) => itemValue(values, k) })
  }
  return columns
}

// ---- both sides

/** `users.jsonl` and `items.jsonl`: {"id", "vector"} a line. */
export const writeJsonLines = writer(SIDES, (rows) => [[`${rows.side}s.jsonl`, jsonLines(rows)]])

function* jsonLines({ ids, vector }: Rows): Generator<string> {
  for (const [k, id] of ids.entries()) yield `${JSON.stringify({ id, vector: Array.from(vector(k)) })}\n`
}

/** `users.fvecs` and `items.fvecs`: each row its width as int32, then its float32s; `*_ids.json` beside them. */
export const writeFvecs = writer(SIDES, (rows) => [
  [`${rows.side}s.fvecs`, fvecs(rows)],
  [`${rows.side}_ids.json`, [JSON.stringify(rows.ids)]],
])

function* fvecs({ dim, ids, vector }: Rows): Generator<Float32Array> {
  const block = 4096
  for (let from = 0; from < ids.length; from += block) {
    const rows = Math.min(block, ids.length - from)
    const numbers = new Float32Array(rows * (dim + 1))
    const widths = new Int32Array(numbers.buffer)
    for (let r = 0; r < rows; r++) {
      widths[r * (dim + 1)] = dim
      numbers.set(vector(from + r), r * (dim + 1) + 1)
    }
    yield numbers
  }
}

/** `users.parquet` and `items.parquet`: id VARCHAR, vector FLOAT[]. */
export async function* writeParquet(source: ExportSource): Stage {
  const { folder, temp } = source
  yield* writeJsonLines({ ...source, folder: temp })
  const duck = await Duck.open({ threads: 2, memoryLimit: '1GB', spillIn: temp })
  try {
    // one file, one thread of reading it: rows keep their order
    await duck.run('SET preserve_insertion_order = true')
    for (const side of SIDES) {
      const format = `format = 'newline_delimited', columns = {id: 'VARCHAR', vector: 'FLOAT[]'}`
      const read = `read_json(${sqlFile(join(temp, `${side}s.jsonl`))}, ${NO_HIVE_PARTITIONS}, ${format})`
      const to = sqlText(join(folder, `${side}s.parquet`))
      await duck.run(`COPY (SELECT id, vector FROM ${read}) TO ${to} (FORMAT parquet, COMPRESSION zstd)`)
    }
  } finally {
    await duck.close()
  }
}

// ---- items with their metadata

/** `items.sql`: table, rows by COPY, an HNSW index, and the query. */
export const writePgvector = writer(['item'], (rows, ranking) => [['items.sql', linesOf(sqlLines(rows, ranking))]])

function* sqlLines({ dim, ids, vector, columns }: Rows, { pgvector: [operator, family] }: Ranking): Generator<string> {
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

/** Points of one upload request of Qdrant. */
const POINTS = 1000

/**
 * `collection.json` for PUT /collections/NAME, and `points-0001.json` … for PUT /collections/NAME/points. Qdrant's ids
 * are numbers; ours is in the payload.
 */
export const writeQdrant = writer(['item'], function* (rows, { qdrant: distance }) {
  yield ['collection.json', [indented({ vectors: { size: rows.dim, distance } })]]
  for (let from = 0, n = 1; from < rows.ids.length; from += POINTS, n++) {
    const points = rows.ids.slice(from, from + POINTS).map((item, i) => ({
      id: from + i,
      vector: Array.from(rows.vector(from + i)),
      payload: { item, ...payload(rows, from + i) },
    }))
    yield [`points-${String(n).padStart(4, '0')}.json`, [JSON.stringify({ points })], from]
  }
})

/**
 * `schema.json` for a collection, and `rows.json` for Milvus's bulk import ({"rows": […]}, one field a column, lists
 * and numbers as they are).
 */
export const writeMilvus = writer(['item'], (rows, { milvus: metricType }) => {
  const longest = rows.ids.reduce((most, id) => Math.max(most, Buffer.byteLength(id)), 1)
  const schema = {
    autoId: false,
    enableDynamicField: true,
    fields: [
      { fieldName: 'item', dataType: 'VarChar', isPrimary: true, elementTypeParams: { max_length: longest } },
      { fieldName: 'embedding', dataType: 'FloatVector', elementTypeParams: { dim: rows.dim } },
    ],
    indexParams: [
      { fieldName: 'embedding', indexName: 'embedding', indexType: 'HNSW', metricType, params: { M: 16, efConstruction: 128 } },
    ],
  }
  return [
    ['schema.json', [indented(schema)]],
    ['rows.json', linesOf(milvusLines(rows))],
  ]
})

function* milvusLines(rows: Rows): Generator<string> {
  yield '{"rows": ['
  for (const [k, item] of rows.ids.entries()) {
    const row = JSON.stringify({ item, embedding: Array.from(rows.vector(k)), ...payload(rows, k) })
    yield k === rows.ids.length - 1 ? row : `${row},`
  }
  yield ']}'
}

function payload({ columns }: Rows, k: number): Record<string, ItemValue> {
  return Object.fromEntries(
    columns.filter(({ name }) => name !== 'item' && name !== 'embedding').map(({ name, valueOf }) => [name, valueOf(k)]),
  )
}

const indented = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
