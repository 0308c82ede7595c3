/**
 * Files that pages send: streamed to the workspace's tmp folder beside each other by choice (`<uploads>/<group>/<name>`), under names
 * that are safe on every system, and visible only when they are whole. They go when they are imported, or with the host.
 */
import { createWriteStream, existsSync } from 'node:fs'
import { mkdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badInput, conflict, PylonError, unavailable } from '../../contract/errors.ts'
import type { UploadResult } from '../../contract/host.ts'
import { limitBytes } from '../../engine/files/disk-space.ts'

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
  /** paths of uploads under way */
  readonly #coming = new Set<string>()

  constructor(folder: string, limit: number) {
    this.folder = folder
    this.#limit = limit
  }

  /** @throws PylonError bad-input for a name, size or number that is not taken; nothing stays of what was refused or broken off */
  async take(body: Readable, { name, group, bytes }: UploadOptions): Promise<UploadResult> {
    if (!/^[\w-]{1,64}$/.test(group)) throw badInput('The group of an upload is up to 64 letters, digits, _ and -.')
    if (bytes !== null && bytes > this.#limit) throw this.#tooLarge(name)
    if (this.#flying >= AT_ONCE) throw conflict(`More than ${AT_ONCE} uploads at once: wait for the others.`)
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
    if (announced + MARGIN_BYTES > bavail * bsize) throw unavailable(`${name}: the disk of the workspace has no room for it.`)
    const path = this.#freeName(folder, name)
    const part = `${path}.part`
    this.#coming.add(path)
    try {
      await pipeline(
        body,
        limitBytes(this.#limit, () => this.#tooLarge(name)),
        createWriteStream(part, { flags: 'wx', mode: 0o600 }),
      )
      await rename(part, path)
      return { path, name, bytes: (await stat(path)).size }
    } catch (error) {
      await rm(part, { force: true })
      throw error instanceof PylonError ? error : unavailable(`${name}: the upload broke off (${(error as Error).message}).`)
    } finally {
      this.#coming.delete(path)
    }
  }

  #tooLarge(name: string): PylonError {
    return badInput(
      `${name}: larger than ${Math.floor(this.#limit / 2 ** 20)} MB; start the host with --root FOLDER and choose the file there.`,
    )
  }

  /** The name itself, or `name (2).csv`; two that come at once get two names. */
  #freeName(folder: string, name: string): string {
    const dot = name.lastIndexOf('.')
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, '']
    for (let n = 1; ; n++) {
      const path = join(folder, n === 1 ? name : `${stem} (${n})${extension}`)
      if (!this.#coming.has(path) && !existsSync(path) && !existsSync(`${path}.part`)) return path
    }
  }
}

/** Bytes of a name, so that ` (2)` and `.part` fit behind it: file systems take 255. */
const MAX_NAME_BYTES = 200

/**
 * The last part of a name, without what a file system or a terminal may take for more than a name, in at most so many bytes of UTF-8;
 * what is cut off is the end of its stem, never its extension.
 */
export function safeName(name: string): string {
  const last = name.toWellFormed().split(/[\\/]/).at(-1)!.normalize('NFC')
  const plain = trimmed(last.replace(BIDI, '').replace(UNSAFE, '_'))
  const extension = /(\.[\w-]{1,16}){1,2}$/.exec(plain)?.[0] ?? ''
  const stem = plain.slice(0, plain.length - extension.length)
  const short = trimmed(cut(stem, MAX_NAME_BYTES - 1 - Buffer.byteLength(extension)) + extension)
  if (short === '') return 'file'
  return RESERVED.test(short) ? `_${short}` : short
}

/** Marks that turn the direction of writing: `gpj.\u202Eexe`. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
// eslint-disable-next-line no-control-regex -- control characters are what is removed
const UNSAFE = /[\u0000-\u001f\u007f-\u009f<>:"|?*#]/g
/** Names of devices on Windows, whatever extension they have. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])(\.|$)/i

const trimmed = (text: string): string => text.replace(/^[.\s]+|[.\s]+$/g, '')

/** The longest beginning of whole characters in so many bytes. */
function cut(text: string, bytes: number): string {
  let [kept, left] = ['', bytes]
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    left -= Buffer.byteLength(segment)
    if (left < 0) break
    kept += segment
  }
  return kept
}
