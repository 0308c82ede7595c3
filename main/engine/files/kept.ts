/** Small results that stay with a run as JSON: written beside and renamed; what another version of Pylon wrote is none. */
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { writeFileAtomic } from './atomic.ts'
import { absentAs } from './error-code.ts'

export function writeKept(path: string, value: unknown): Promise<void> {
  return writeFileAtomic(path, `${JSON.stringify(value)}\n`)
}

/** What was written last; null where there is none, or none that `schema` takes. */
export async function readKept<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S> | null> {
  const text = await readFile(path, 'utf8').catch(absentAs(''))
  return schema.safeParse(parsedJson(text)).data ?? null
}

/** undefined where it is no JSON */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
