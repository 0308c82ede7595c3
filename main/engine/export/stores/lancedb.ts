/** The items as Parquet with typed columns, which `load.py` makes a LanceDB table of; whatever reads Parquet reads it too. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stage } from '../../../contract/shapes/progress.ts'
import { Duck, NO_HIVE_PARTITIONS, sqlFile, sqlName, sqlText } from '../../dataset/duck.ts'
import { linesOf, writePieces } from '../lines.ts'
import type { ExportSource } from '../source.ts'
import { storeItems, type StoreItems } from './items.ts'
import { writeLoader } from './write.ts'

const TYPES = { text: 'VARCHAR', number: 'DOUBLE', list: 'VARCHAR[]', date: 'DATE', time: 'TIMESTAMPTZ' } as const

/** `items.parquet`: id, the metadata, and `vector` FLOAT[]. */
export async function* writeLance(source: ExportSource): Stage {
  const items = await storeItems(source, ['id', 'vector'])
  yield { stage: 'write items', done: 0, total: items.ids.length, unit: 'items' }
  const lines = join(source.temp, 'items.jsonl')
  await writePieces(lines, linesOf(rows(items)))
  const duck = await Duck.open({ threads: 2, memoryLimit: '1GB', spillIn: source.temp })
  try {
    // one file, one thread of reading it: rows keep their order
    await duck.run("SET preserve_insertion_order = true; SET TimeZone = 'UTC'")
    const columns = [['id', 'VARCHAR'], ...items.columns.map(({ name, type }) => [name, TYPES[type]]), ['vector', 'FLOAT[]']]
    const types = columns.map(([name, type]) => `${sqlText(name!)}: ${sqlText(type!)}`).join(', ')
    const read = `read_json(${sqlFile(lines)}, ${NO_HIVE_PARTITIONS}, format = 'newline_delimited', columns = {${types}})`
    const names = columns.map(([name]) => sqlName(name!)).join(', ')
    await duck.run(
      `COPY (SELECT ${names} FROM ${read}) TO ${sqlText(join(source.folder, 'items.parquet'))} (FORMAT parquet, COMPRESSION zstd)`,
    )
  } finally {
    await duck.close()
  }
  await rm(lines)
  await writeLoader(source, 'lancedb', items)
}

function* rows({ ids, columns, vector }: StoreItems): Generator<string> {
  for (const [k, id] of ids.entries())
    yield JSON.stringify({
      id,
      ...Object.fromEntries(columns.map(({ name, valueOf }) => [name, valueOf(k)])),
      vector: Array.from(vector(k)),
    })
}
