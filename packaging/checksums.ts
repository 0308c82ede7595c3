/** `node packaging/checksums.ts FOLDER`: SHA-256 of every file to be given away, as `sha256sum --check` reads it. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const FILE = 'SHA256SUMS'
/** What people download; electron-builder's own listings and unpacked folders lie beside. */
const RELEASED = /\.(tgz|AppImage|deb|dmg|zip|exe|json)$/

/** Writes `SHA256SUMS` beside the files named. */
export function writeChecksums(folder: string, names: readonly string[]): void {
  const lines = [...names].sort().map(
    (name) =>
      `${createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')}  ${name}\n`,
  )
  writeFileSync(join(folder, FILE), lines.join(''))
}

/** The files in a folder that people download, by name. */
export function releasedFiles(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((each) => each.isFile() && RELEASED.test(each.name))
  return files.map(({ name }) => name).sort()
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = 'dist'] = process.argv.slice(2)
  const names = releasedFiles(folder)
  writeChecksums(folder, names)
  console.log(`${join(folder, FILE)}: ${names.length} files`)
}
