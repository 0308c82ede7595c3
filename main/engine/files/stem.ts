import { basename, resolve } from 'node:path'

/** The name of a file or folder without its endings, or of the table in `FILE.sqlite#TABLE`. */
export function stem(path: string): string {
  const name = basename(resolve(path))
  const table = name.lastIndexOf('#')
  return table >= 0 ? name.slice(table + 1) : name.replace(/\..*$/, '')
}
