/** Vectors as files that other tools read: JSON Lines, Parquet, and the fvecs of the ANN benchmarks. Floats keep every bit. */
import { join } from 'node:path'
import type { Progress } from '../../contract/shapes/progress.ts'
import { createAtomic, writeFileAtomic } from '../files/atomic.ts'
import { NO_HIVE_PARTITIONS, Duck, sqlFile, sqlText } from '../dataset/duck.ts'
import type { ExportSource } from './source.ts'
import { writeLines } from './lines.ts'
import { vectorRows, type VectorRows } from './vector-rows.ts'

const SIDES = ['user', 'item'] as const

/** `users.jsonl` and `items.jsonl`: {"id", "vector"} a line. */
export async function* writeJsonLines({ folder, runFolder }: ExportSource): AsyncGenerator<Progress, void> {
  for (const side of SIDES) {
    const rows = await vectorRows(runFolder, side)
    yield { stage: 'write vectors', done: 0, total: rows.ids.length, unit: `${side}s` }
    await writeLines(join(folder, `${side}s.jsonl`), jsonLines(rows))
  }
}

/** `users.parquet` and `items.parquet`: id VARCHAR, vector FLOAT[]. */
export async function* writeParquet(source: ExportSource & { readonly temp: string }): AsyncGenerator<Progress, void> {
  const { folder, runFolder, temp } = source
  const duck = await Duck.open({ threads: 2, memoryLimit: '1GB', spillIn: temp })
  try {
    for (const side of SIDES) {
      const rows = await vectorRows(runFolder, side)
      yield { stage: 'write vectors', done: 0, total: rows.ids.length, unit: `${side}s` }
      const lines = join(temp, `${side}s.jsonl`)
      await writeLines(lines, jsonLines(rows))
      // one file, one thread of reading it: rows keep their order
      const read = `read_json(${sqlFile(lines)}, ${NO_HIVE_PARTITIONS}, format = 'newline_delimited', columns = {id: 'VARCHAR', vector: 'FLOAT[]'})`
      await duck.run('SET preserve_insertion_order = true')
      await duck.run(
        `COPY (SELECT id, vector FROM ${read}) TO ${sqlText(join(folder, `${side}s.parquet`))} (FORMAT parquet, COMPRESSION zstd)`,
      )
    }
  } finally {
    await duck.close()
  }
}

/** `users.fvecs` and `items.fvecs`: each row its width as int32, then its float32s; `*_ids.json` beside them. */
export async function* writeFvecs({ folder, runFolder }: ExportSource): AsyncGenerator<Progress, void> {
  for (const side of SIDES) {
    const { dim, ids, vector } = await vectorRows(runFolder, side)
    yield { stage: 'write vectors', done: 0, total: ids.length, unit: `${side}s` }
    const file = await createAtomic(join(folder, `${side}s.fvecs`))
    try {
      const block = 4096
      for (let from = 0; from < ids.length; from += block) {
        const rows = Math.min(block, ids.length - from)
        const numbers = new Float32Array(rows * (dim + 1))
        const widths = new Int32Array(numbers.buffer)
        for (let r = 0; r < rows; r++) {
          widths[r * (dim + 1)] = dim
          numbers.set(vector(from + r), r * (dim + 1) + 1)
        }
        await file.write(numbers)
      }
      await file.commit()
    } finally {
      await file.abort()
    }
    await writeFileAtomic(join(folder, `${side}_ids.json`), JSON.stringify(ids))
  }
}

function* jsonLines({ ids, vector }: VectorRows): Generator<string> {
  for (const [k, id] of ids.entries()) yield JSON.stringify({ id, vector: Array.from(vector(k)) })
}
