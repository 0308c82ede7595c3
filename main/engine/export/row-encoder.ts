/** The row encoder of the exports: a small Python package that reads raw rows by a run's `encoders.json`, beside which it is laid. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readingRules } from './reading.ts'

const PACKAGE = 'row_encoder'

/** Writes the package `row_encoder` into a folder. */
export async function writeRowEncoder(folder: string): Promise<void> {
  const [from, to] = [join(import.meta.dirname, 'assets', 'encoder', PACKAGE), join(folder, PACKAGE)]
  await mkdir(to, { recursive: true })
  for (const file of await readdir(from)) if (file.endsWith('.py')) await writeFile(join(to, file), await readFile(join(from, file))) // out of an asar too
  await writeFile(join(to, 'reading.json'), `${JSON.stringify(readingRules())}\n`)
}
