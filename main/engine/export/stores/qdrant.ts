/** The items as bodies of Qdrant's REST requests, which `load.py` sends by its client. */
import { createHash } from 'node:crypto'
import type { ItemColumn, StoreItems } from './items.ts'
import { payloadOf } from './items.ts'
import { HNSW } from './hnsw.ts'
import { storeWriter } from './write.ts'

/** Points of one request. */
const POINTS = 1000
const SCHEMAS = { text: 'keyword', number: 'float', list: 'keyword', date: 'datetime', time: 'datetime' } as const satisfies Record<
  ItemColumn['type'],
  string
>

/**
 * `collection.json` for PUT /collections/NAME, `indexes.json` with bodies for PUT /collections/NAME/index (without these a filter reads
 * all), and `points-0001.json` … for PUT /collections/NAME/points.
 */
export const writeQdrant = storeWriter('qdrant', ['item'], function* (items, { qdrant: distance }) {
  const graph = { m: HNSW.m, ef_construct: HNSW.efConstruction }
  yield ['collection.json', [indented({ vectors: { size: items.dim, distance }, hnsw_config: graph })]]
  const fields = items.columns.map(({ name, type }) => ({ field_name: name, field_schema: SCHEMAS[type] }))
  yield ['indexes.json', [indented([{ field_name: 'item', field_schema: 'keyword' }, ...fields])]]
  for (let from = 0, n = 1; from < items.ids.length; from += POINTS, n++) {
    const points = items.ids.slice(from, from + POINTS).map((item, i) => pointOf(items, item, from + i))
    yield [`points-${String(n).padStart(4, '0')}.json`, [JSON.stringify({ points })], from]
  }
})

function pointOf(items: StoreItems, item: string, k: number): object {
  return { id: uuidOf(item), vector: Array.from(items.vector(k)), payload: { item, ...payloadOf(items, k) } }
}

/** RFC 9562's name space of URLs. */
const URLS = Buffer.from('6ba7b8119dad11d180b400c04fd430c8', 'hex')

/** Qdrant's ids are numbers or UUIDs: the name-based one (version 5) of `pylon:item:ID`, so that an item keeps its point in the next export. */
function uuidOf(item: string): string {
  const bytes = createHash('sha1').update(URLS).update(`pylon:item:${item}`).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

const indented = (value: object): string => `${JSON.stringify(value, null, 2)}\n`
