/** Pylon's own version, from its package.json. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Such as `0.1.0`. The file is looked for upwards: bundled, this code lies at another depth than its source. */
export function pylonVersion(): string {
  const text = readFileSync(join(rootOf(import.meta.dirname), 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

const rootOf = (folder: string): string =>
  existsSync(join(folder, 'package.json')) || folder === dirname(folder) ? folder : rootOf(dirname(folder))
