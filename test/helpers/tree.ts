/** A folder as text: every entry with its mode, time, size and content, so that any change shows. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join, relative } from 'node:path'

/** One line an entry, by path. `times` false leaves modification times out. */
export function treeOf(folder: string, { times = true } = {}): string[] {
  const lines: string[] = []
  const walk = (path: string): void => {
    const stat = lstatSync(path, { bigint: true })
    const name = relative(folder, path) || '.'
    const time = times ? ` ${stat.mtimeNs}` : ''
    const mode = (stat.mode & 0o7777n).toString(8)
    if (stat.isDirectory()) {
      lines.push(`d ${mode}${time} ${name}`)
      for (const entry of readdirSync(path).sort()) walk(join(path, entry))
    } else if (stat.isSymbolicLink()) lines.push(`l${time} ${name} -> ${readlinkSync(path)}`)
    else if (stat.isFile()) lines.push(`f ${mode}${time} ${name} ${createHash('sha256').update(readFileSync(path)).digest('hex')}`)
    else lines.push(`? ${mode}${time} ${name}`)
  }
  walk(folder)
  return lines
}
