/**
 * The vectors of a run as files that other tools read: a format says which files they make and of what pieces, one writer does the rest.
 * Floats keep every bit.
 */
import { join } from 'node:path'
import type { Stage } from '../../contract/shapes/progress.ts'
import { Duck, NO_HIVE_PARTITIONS, sqlFile, sqlText } from '../dataset/duck.ts'
import { RUN_FILES } from '../model/run-files.ts'
import { readIds, readMatrix } from '../model/run-vectors.ts'
import { writePieces } from './lines.ts'
import type { ExportSource } from './source.ts'

type Side = 'user' | 'item'
const SIDES: readonly Side[] = ['user', 'item']

/** The vectors of a side: row k belongs to entry k of the ids. */
interface Rows {
  readonly side: Side
  readonly dim: number
  readonly ids: readonly string[]
  /** of row k; a view */
  readonly vector: (k: number) => Float32Array
}

/** What becomes of a side: names of files and their pieces. */
type FilesOf = (rows: Rows) => Iterable<readonly [name: string, pieces: Parameters<typeof writePieces>[1]]>
type Write = (source: ExportSource) => Stage

const writer = (filesOf: FilesOf): Write =>
  async function* (source) {
    for (const side of SIDES) {
      const rows = await rowsOf(source.runFolder, side)
      for (const [name, pieces] of filesOf(rows)) {
        yield { stage: `write ${side}s`, done: 0, total: rows.ids.length, unit: `${side}s` }
        await writePieces(join(source.folder, name), pieces)
      }
    }
  }

/** @throws PylonError bad-data where rows and ids are not as many */
async function rowsOf(runFolder: string, side: Side): Promise<Rows> {
  const [vectors, list] = side === 'user' ? [RUN_FILES.userVectors, RUN_FILES.userIds] : [RUN_FILES.itemVectors, RUN_FILES.itemIds]
  const ids = await readIds(join(runFolder, list))
  const { data, width: dim } = await readMatrix(join(runFolder, vectors), ids.length)
  return { side, dim, ids, vector: (k) => data.subarray(k * dim, (k + 1) * dim) }
}

/** `users.jsonl` and `items.jsonl`: {"id", "vector"} a line. */
export const writeJsonLines = writer((rows) => [[`${rows.side}s.jsonl`, jsonLines(rows)]])

function* jsonLines({ ids, vector }: Rows): Generator<string> {
  for (const [k, id] of ids.entries()) yield `${JSON.stringify({ id, vector: Array.from(vector(k)) })}\n`
}

/** `users.fvecs` and `items.fvecs`: each row its width as int32, then its float32s; `*_ids.json` beside them. */
export const writeFvecs = writer((rows) => [
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
