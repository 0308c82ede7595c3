/** The path browser: folders of the host's machine, links resolved, never out of the roots named at the start. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { notFound } from '../../contract/errors.ts'
import type { HostFolder } from '../../contract/host.ts'
import { isWithin } from '../../engine/files/path-guard.ts'

const MAX_ENTRIES = 2_000

type Entry = HostFolder['entries'][number]

/** @param roots absolute and free of links @throws PylonError not-found, also for what exists but lies outside */
export async function browseFolder(path: string | null, roots: readonly string[]): Promise<HostFolder> {
  if (path === null) {
    const entries = await Promise.all(roots.map((root) => entryOf(root, root, roots)))
    return { path: null, parent: null, entries: entries.filter((entry) => entry !== null), truncated: false }
  }
  const folder = await realpath(path).catch(() => null)
  const names = folder === null || !roots.some((root) => isWithin(folder, root)) ? null : await readdir(folder).catch(() => null)
  if (folder === null || names === null) throw notFound(`${path} is no folder within those this host was started with (--root).`)
  const visible = names.filter((name) => !name.startsWith('.')).sort(byName)
  const entries = await Promise.all(visible.slice(0, MAX_ENTRIES).map((name) => entryOf(join(folder, name), name, roots)))
  return {
    path: folder,
    parent: roots.includes(folder) ? null : dirname(folder),
    entries: entries.filter((entry) => entry !== null).sort((a, b) => Number(b.folder) - Number(a.folder) || byName(a.name, b.name)),
    truncated: visible.length > MAX_ENTRIES,
  }
}

/** A file or folder; null for what is neither, or leads out of the roots. */
async function entryOf(path: string, name: string, roots: readonly string[]): Promise<Entry | null> {
  try {
    const real = await realpath(path)
    if (!roots.some((root) => isWithin(real, root))) return null
    const info = await stat(real)
    if (!info.isDirectory() && !info.isFile()) return null
    return {
      name: name === path ? basename(path) || path : name,
      path: real,
      folder: info.isDirectory(),
      bytes: info.size,
      modifiedAt: info.mtime.toISOString(),
    }
  } catch {
    return null
  }
}

const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
