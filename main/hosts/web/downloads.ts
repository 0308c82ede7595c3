/**
 * Downloads of pages: the engine writes an export into a folder of the workspace's tmp, and the browser fetches it,
 * a single file as it is, a folder as one .zip, in which nothing is packed smaller: what is large in it is so already. The oldest places go when there are many, all of them with the host.
 */
import { createReadStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { randomUUID } from 'node:crypto'
import { notFound } from '../../contract/errors.ts'
import type { DownloadPlace } from '../../contract/host.ts'
import { zipStream } from '../../engine/export/bundle/zip.ts'
import { safeName } from './uploads.ts'

const MAX_PLACES = 20

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
    const path = join(folder, safeName(name))
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
    return {
      name: `${name}.zip`,
      type: 'application/zip',
      body: zipStream(path, await filesIn(path), () => ({ compress: false }), `${name}/`),
    }
  }
}

/** Paths of the plain files below a folder, with forward slashes. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  return files.map((path) => path.split(sep).join('/')).sort()
}
