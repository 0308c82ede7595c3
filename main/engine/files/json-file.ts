/** JSON in files: small results that stay with a run, where what another version of Pylon wrote is none; and what comes from outside. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { badData } from '../../contract/errors.ts'
import { writeFileAtomic } from './atomic.ts'
import { readUnlessAbsent, valueIfAbsent } from './error-code.ts'

/** @returns what to check the file by later */
export async function writeJsonFile(path: string, value: unknown): Promise<{ bytes: number; sha256: string }> {
  const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
  await writeFileAtomic(path, bytes)
  return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** What was written last; null where there is none, or none that `schema` takes. */
export async function readJsonFile<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | null> {
  const text = await readFile(path, 'utf8').catch(valueIfAbsent(''))
  return schema.safeParse(tryParseJson(text)).data ?? null
}

/** As {@link readJsonFile}, at once. */
export function readJsonFileSync<S extends z.ZodType>(path: string, schema: S): z.output<S> | null {
  const text = readUnlessAbsent(() => readFileSync(path, 'utf8'), '')
  return schema.safeParse(tryParseJson(text)).data ?? null
}

/** A file from outside, as `schema` has it. @throws PylonError bad-data naming the file where it is no JSON, or does not fit */
export async function readCheckedJson<S extends z.ZodType>(file: string, schema: S): Promise<z.output<S>> {
  const parsed = schema.safeParse(parseJson(await readFile(file, 'utf8'), file))
  if (!parsed.success) throw badData(`It does not fit its schema. ${z.prettifyError(parsed.error)}`, file)
  return parsed.data
}

/** @throws PylonError bad-data naming the file */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw badData(`It is no JSON (${(error as Error).message}).`, file, { cause: error })
  }
}

/** undefined where it is no JSON */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
