/**
 * Files that pages send: streamed to the workspace's tmp folder beside each other by choice (`<uploads>/<group>/<name>`), under names
 * that are safe on every system, and visible only when they are whole. They go when they are imported, or with the host.
 */
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, rename, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { PylonError } from '../../contract/errors.ts'
import type { UploadResult } from '../../contract/host.ts'

/** Kept free on the disk. */
const MARGIN_BYTES = 512 * 2 ** 20
const AT_ONCE = 8

export interface UploadOptions {
  readonly name: string
  readonly group: string
  /** as announced; null where it was not */
  readonly bytes: number | null
}

export class Uploads {
  readonly folder: string
  readonly #limit: number
  #flying = 0

  constructor(folder: string, limit: number) {
    this.folder = folder
    this.#limit = limit
  }

  /** @throws PylonError bad-input for a name, size or number that is not taken; nothing stays of what was refused or broken off */
  async take(body: Readable, { name, group, bytes }: UploadOptions): Promise<UploadResult> {
    if (!/^[\w-]{1,64}$/.test(group)) throw new PylonError('bad-input', 'The group of an upload is up to 64 letters, digits, _ and -.')
    if (bytes !== null && bytes > this.#limit) throw this.#tooLarge(name)
    if (this.#flying >= AT_ONCE) throw new PylonError('conflict', `More than ${AT_ONCE} uploads at once: wait for the others.`)
    this.#flying++
    try {
      return await this.#write(body, safeName(name), join(this.folder, group), bytes ?? 0)
    } finally {
      this.#flying--
    }
  }

  async #write(body: Readable, name: string, folder: string, announced: number): Promise<UploadResult> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const { bavail, bsize } = await statfs(folder)
    if (announced + MARGIN_BYTES > bavail * bsize)
      throw new PylonError('unavailable', `${name}: the disk of the workspace has no room for it.`)
    const path = freeName(folder, name)
    const part = `${path}.part`
    let bytes = 0
    const limit = this.#limit
    const counted = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        bytes += chunk.length
        if (bytes > limit) throw tooLarge(name, limit)
        yield chunk
      }
    }
    try {
      await pipeline(body, counted, createWriteStream(part, { flags: 'wx', mode: 0o600 }))
      await rename(part, path)
    } catch (error) {
      await rm(part, { force: true })
      throw error instanceof PylonError
        ? error
        : new PylonError('unavailable', `${name}: the upload broke off (${(error as Error).message}).`)
    }
    return { path, name, bytes }
  }

  #tooLarge(name: string): PylonError {
    return tooLarge(name, this.#limit)
  }
}

const tooLarge = (name: string, limit: number): PylonError =>
  new PylonError(
    'bad-input',
    `${name}: larger than ${Math.floor(limit / 2 ** 20)} MB; start the host with --root FOLDER and choose the file there.`,
  )

/** The last part of a name, without what a file system may take for more than a name. */
export function safeName(name: string): string {
  const last = name.split(/[\\/]/).at(-1)!.normalize('NFC')
  // eslint-disable-next-line no-control-regex -- control characters are what is removed
  const plain = last.replace(/[\u0000-\u001f\u007f<>:"|?*#]/g, '_').replace(/^[.\s]+|[.\s]+$/g, '')
  const short = [...plain].slice(-120).join('')
  const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(short)
  return short === '' ? 'file' : reserved ? `_${short}` : short
}

/** The name itself, or `name (2).csv`. */
function freeName(folder: string, name: string): string {
  const dot = name.lastIndexOf('.')
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
  for (let n = 1; ; n++) {
    const path = join(folder, n === 1 ? name : `${stem} (${n})${extension}`)
    if (!existsSync(path) && !existsSync(`${path}.part`)) return path
  }
}
