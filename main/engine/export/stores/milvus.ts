/** The items as Milvus's bulk import takes them, and a schema in the names of its REST API, which `load.py` makes a collection of. */
import { linesOf } from '../lines.ts'
import { payloadOf, type StoreItems } from './items.ts'
import { HNSW } from './hnsw.ts'
import { storeWriter } from './write.ts'

/**
 * `schema.json` for a collection, and `rows.json` for the bulk import ({"rows": […]}, one row a line). Times have fields of their own, of
 * the type that compares them; all other metadata lies in the dynamic field.
 */
export const writeMilvus = storeWriter('milvus', ['item', 'embedding'], (items, { milvus: metricType }) => {
  const longest = items.ids.reduce((most, id) => Math.max(most, Buffer.byteLength(id)), 1)
  const times = items.columns.filter(({ type }) => type === 'date' || type === 'time')
  const schema = {
    autoId: false,
    enableDynamicField: true,
    fields: [
      { fieldName: 'item', dataType: 'VarChar', isPrimary: true, elementTypeParams: { max_length: longest } },
      { fieldName: 'embedding', dataType: 'FloatVector', elementTypeParams: { dim: items.dim } },
      ...times.map(({ name }) => ({ fieldName: name, dataType: 'Timestamptz', nullable: true })),
    ],
    indexParams: [
      {
        fieldName: 'embedding',
        indexName: 'embedding',
        indexType: 'HNSW',
        metricType,
        params: { M: HNSW.m, efConstruction: HNSW.efConstruction },
      },
    ],
  }
  return [
    ['schema.json', [`${JSON.stringify(schema, null, 2)}\n`]],
    ['rows.json', linesOf(lines(items))],
  ]
})

function* lines(items: StoreItems): Generator<string> {
  yield '{"rows": ['
  for (const [k, item] of items.ids.entries()) {
    const row = JSON.stringify({ item, embedding: Array.from(items.vector(k)), ...payloadOf(items, k) })
    yield k === items.ids.length - 1 ? row : `${row},`
  }
  yield ']}'
}
