/**
 * Files and folders that are either there whole or not at all: written beside their place, flushed, renamed, and the folder
 * flushed, so that neither a crash nor a power cut leaves half a file under the final name. What was there before stays until then.
 */
import { createHash, randomBytes } from 'node:crypto'
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorCode } from './error-code.ts'
import { bytesOf, withFile, writeFully } from './bytes.ts'

/** A name beside `path`, on the same file system, that nobody else uses. */
export function temporaryPathFor(path: string): string {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}.part`
}

/** A file that is being written beside its place; nothing is seen under `path` before {@link AtomicFile.commit}. */
export interface AtomicFile {
  write(bytes: ArrayBufferView): Promise<void>
  /** flush, rename to the final name, flush the folder */
  commit(): Promise<void>
  /** remove what was written; does nothing after a commit */
  abort(): Promise<void>
}

/** Starts an atomic file; the folder is made where it is missing. The caller ends with `commit` or `abort`. */
export async function createAtomic(path: string): Promise<AtomicFile> {
  await mkdir(dirname(path), { recursive: true })
  const part = temporaryPathFor(path)
  const handle = await open(part, 'wx')
  let open_ = true
  /** an error of writing does not say which file it speaks of */
  const located = (error: unknown): never => {
    throw error instanceof Error ? Object.assign(error, { path }) : error
  }
  const end = async (): Promise<void> => {
    open_ = false
    await handle.close()
  }
  return {
    write: (bytes) => writeFully(handle, bytesOf(bytes)).catch(located),
    async commit() {
      try {
        await handle.sync().catch(located)
        await end()
        await rename(part, path)
      } catch (error) {
        if (open_) await end()
        await rm(part, { force: true })
        throw error
      }
      await syncFolder(dirname(path))
    },
    async abort() {
      if (!open_) return
      await end()
      await rm(part, { force: true })
    },
  }
}

/** Writes `path` through {@link createAtomic}: runs `fill`, then commits; aborts where `fill` throws. */
export async function withAtomic<T>(path: string, fill: (file: AtomicFile) => Promise<T>): Promise<T> {
  const file = await createAtomic(path)
  try {
    const result = await fill(file)
    await file.commit()
    return result
  } finally {
    await file.abort()
  }
}

/** Writes a whole small file atomically; text as UTF-8. */
export async function writeFileAtomic(path: string, data: string | ArrayBufferView): Promise<void> {
  await withAtomic(path, (file) => file.write(typeof data === 'string' ? Buffer.from(data) : data))
}

/** As {@link writeFileAtomic}, at once; `flushed` false leaves it to the system when the bytes reach the disk. */
export function writeFileAtomicSync(path: string, text: string, flushed = true): void {
  const part = temporaryPathFor(path)
  try {
    writeFileSync(part, text, { flag: 'wx', mode: 0o600, flush: flushed })
    renameSync(part, path)
  } catch (error) {
    rmSync(part, { force: true })
    throw error
  }
}

/**
 * Puts the finished folder `from` in the place of `to`, on the same file system. A folder that is already at `to` is moved aside,
 * and put back where the move fails; it is removed only after `from` has its place.
 */
export async function replaceFolder(from: string, to: string): Promise<void> {
  const aside = temporaryPathFor(to)
  const had = await rename(to, aside).then(
    () => true,
    (error: unknown) => {
      if (errorCode(error) === 'ENOENT') return false
      throw error
    },
  )
  try {
    await rename(from, to)
  } catch (error) {
    if (had) await rename(aside, to)
    throw error
  }
  await syncFolder(dirname(to))
  if (had) await rm(aside, { recursive: true, force: true })
}

/** Flushes a folder's entries; where the platform cannot (Windows), renames are as durable as it makes them. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | null = null
  try {
    handle = await open(folder, 'r')
    await handle.sync()
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'EBADF'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle?.close()
  }
}

/** Size and lower-case hex sha256 of a file, read in slices. @throws PylonError not-found */
export async function sha256File(path: string): Promise<{ bytes: number; sha256: string }> {
  return withFile(path, async (handle) => {
    const hash = createHash('sha256')
    const buffer = Buffer.allocUnsafe(1024 * 1024)
    let bytes = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, bytes)
      if (bytesRead === 0) return { bytes, sha256: hash.digest('hex') }
      hash.update(buffer.subarray(0, bytesRead))
      bytes += bytesRead
    }
  })
}
