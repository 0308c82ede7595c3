/**
 * The vectors of a column of texts: made once by a sentence model and kept in the workspace under the checksum of model and texts, so
 * that every run on them, and another import of the same texts, reads a file.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { badData } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { readNpy, writeNpy } from '../files/npy.ts'
import { SentenceEncoder } from './encoder.ts'
import type { SentenceFolder } from './folder.ts'

/** Vectors of a column, as a column of vectors has them: [rows × width], NaN where there is no text. */
export interface TextVectors {
  readonly width: number
  readonly values: Float32Array
}

/** Of a workspace: what was made of its texts. Nothing is lost with it but the time to make it again. */
export const TEXT_VECTORS = 'text-vectors'

/** Of a column: which texts by which model. */
export function vectorsFile(home: string, checksum: string, texts: readonly string[]): string {
  const hash = createHash('sha256').update(checksum)
  for (const text of texts) hash.update(`\n${text.length} ${text}`)
  return join(home, TEXT_VECTORS, `${hash.digest('hex')}.npy`)
}

/** What was made before; null where nothing was. */
export async function readVectors(path: string, rows: number): Promise<TextVectors | null> {
  if (!existsSync(path)) return null
  const { dtype, shape, data } = await readNpy(path)
  const [found, width] = shape
  if (dtype === 'float32' && shape.length === 2 && found === rows && width! > 0) return { width: width!, values: data }
  throw badData('These are not the vectors that were written. Delete the file: it is made again when it is needed.', path)
}

/**
 * Makes the vectors of a column and keeps them. Each text is run once, however often it comes.
 * @param texts '' where there is none
 */
export async function* makeVectors(folder: SentenceFolder, texts: readonly string[], path: string, threads: number): Stage<TextVectors> {
  const rowsOf = new Map<string, number[]>()
  for (const [row, text] of texts.entries()) {
    if (text === '') continue
    const rows = rowsOf.get(text)
    if (rows === undefined) rowsOf.set(text, [row])
    else rows.push(row)
  }
  if (rowsOf.size === 0) return { width: 0, values: new Float32Array(0) }
  const [total, unit, note] = [rowsOf.size, 'texts', folder.name]
  yield { stage: 'encode texts', done: 0, total, unit, note }
  const encoder = await SentenceEncoder.open(folder, threads)
  try {
    let [width, done, values] = [0, 0, new Float32Array(0)]
    for (const [text, rows] of rowsOf) {
      const vector = await encoder.encode(text)
      if (width === 0) {
        width = vector.length
        values = new Float32Array(texts.length * width).fill(NaN)
      }
      for (const row of rows) values.set(vector, row * width)
      done++
      yield { stage: 'encode texts', done, total, unit, note }
    }
    await writeNpy(path, 'float32', [texts.length, width], values)
    return { width, values }
  } finally {
    await encoder.dispose()
  }
}
