/** Small results that stay with a run as JSON: written beside and renamed; what another version of Pylon wrote is none. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
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

/** undefined where it is no JSON */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
