/**
 * What the folds of a backtest found, each in a file of its own, so that a backtest whose process died goes on from the folds that are done:
 * users' values as they are, and which model is trained further. What another version wrote, or half of it, is found anew.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { artefactSchema } from '../../contract/shapes/artefact.ts'
import { readJsonFile, writeJsonFile } from '../files/json-file.ts'
import type { RecordedFiles } from '../model/run-files.ts'

/** Of one recipe in one fold; arrays have a value a user. */
export interface FoldFound {
  /** [periods]: of the model trained anew, null before its own */
  readonly row: readonly (Float64Array | null)[]
  /** [periods]: of the first fold's model over the items that were there then; of other folds none */
  readonly never: readonly Float64Array[]
  /** trained further from the fold before; null where that was not asked for */
  readonly warm: Float64Array | null
  readonly seconds: { readonly full: number; readonly warm: number }
  /** what the next fold is trained further from, a folder in the work folder */
  readonly model: { readonly name: string; readonly fileRecords: RecordedFiles['fileRecords'] } | null
}

/** float64, little-endian, as base64 */
const packed = z.base64()
const schema = z.strictObject({
  version: z.literal(1),
  row: z.array(packed.nullable()),
  never: z.array(packed),
  warm: packed.nullable(),
  seconds: z.strictObject({ full: z.number(), warm: z.number() }),
  model: z.strictObject({ name: z.string().regex(/^[\w-]+$/), fileRecords: z.array(artefactSchema) }).nullable(),
})

const pack = (values: Float64Array): string => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
const unpack = (text: string): Float64Array => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)

const fileOf = (work: string, recipe: number, fold: number): string => join(work, `${recipe}-${fold}.json`)

export async function keepFound(work: string, recipe: number, fold: number, { row, never, warm, ...found }: FoldFound): Promise<void> {
  await writeJsonFile(fileOf(work, recipe, fold), {
    version: 1,
    row: row.map((values) => (values === null ? null : pack(values))),
    never: never.map(pack),
    warm: warm === null ? null : pack(warm),
    ...found,
  })
}

/** null where the fold is not done */
export async function foundBefore(work: string, recipe: number, fold: number): Promise<FoldFound | null> {
  const kept = await readJsonFile(fileOf(work, recipe, fold), schema)
  if (kept === null) return null
  const { row, never, warm, seconds, model } = kept
  return {
    row: row.map((text) => (text === null ? null : unpack(text))),
    never: never.map(unpack),
    warm: warm === null ? null : unpack(warm),
    seconds,
    model,
  }
}

/** An empty place for a model: what a process that died left there goes. */
export async function modelFolder(work: string, name: string): Promise<string> {
  const folder = join(work, name)
  await rm(folder, { recursive: true, force: true })
  return folder
}
