/** Where the entries of processes lie: TypeScript in a checkout, JavaScript where it was compiled or bundled. */
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The entry `name` beside the module `of` (its import.meta.url), in the language that module is in. */
export function entryBeside(name: string, of: string): URL {
  return new URL(`${name}${extname(fileURLToPath(of))}`, of)
}
