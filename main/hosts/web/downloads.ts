/**
 * Downloads of pages: the engine writes an export into a folder of the workspace's tmp, and the browser fetches it,
 * a single file as it is, a folder as one tar. The oldest places go when there are many, all of them with the host.
 */
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { Readable } from 'node:stream'
import { randomUUID } from 'node:crypto'
import { notFound } from '../../contract/errors.ts'
import type { DownloadPlace } from '../../contract/host.ts'
import { tar } from './tar.ts'
import { safeName } from './uploads.ts'

const MAX_PLACES = 20
/** A folder's name leads every name in its tar, where folders may have 155 bytes together. */
const MAX_NAME_BYTES = 100

export interface Download {
  readonly name: string
  readonly type: string
  readonly body: Readable
}

export class Downloads {
  readonly folder: string
  /** by id, oldest first */
  readonly #places = new Map<string, string>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** A path that nothing is at yet. */
  async place(name: string): Promise<DownloadPlace> {
    const id = randomUUID()
    const folder = join(this.folder, id)
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const path = join(folder, safeName(name, MAX_NAME_BYTES))
    this.#places.set(id, path)
    for (const [oldest] of [...this.#places].slice(0, Math.max(0, this.#places.size - MAX_PLACES))) {
      this.#places.delete(oldest)
      await rm(join(this.folder, oldest), { recursive: true, force: true })
    }
    return { id, path }
  }

  /** @throws PylonError not-found */
  async fetch(id: string): Promise<Download> {
    const path = this.#places.get(id)
    const info = path === undefined ? null : await stat(path).catch(() => null)
    if (path === undefined || info === null) throw notFound('There is nothing to download here any more: export it again.')
    const name = path.slice(path.lastIndexOf(sep) + 1)
    if (info.isFile()) return { name, type: 'application/octet-stream', body: createReadStream(path) }
    return { name: `${name}.tar`, type: 'application/x-tar', body: Readable.from(tar(await filesOf(path, name))) }
  }
}

async function filesOf(folder: string, name: string): Promise<{ path: string; name: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path, name: [name, ...relative(folder, path).split(sep)].join('/') }))
}
