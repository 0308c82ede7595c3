/** Where the real data sets lie, beside the checkout or in PYLON_DATA; tests that need one skip where it is absent. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

const root = process.env['PYLON_DATA'] ?? resolve(import.meta.dirname, '../../../shared/data')

/** The folder of a data set (`gowalla`, `ml-latest-small`, `inside-airbnb-albany`, …), or null where it is not there. */
export function dataFolder(name: string): string | null {
  const folder = resolve(root, name)
  return existsSync(folder) ? folder : null
}
