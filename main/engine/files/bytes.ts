/**
 * Reading and writing whole byte ranges of a file handle: the loops that short reads and writes need, with files above 2 GiB in
 * mind. Array bytes are taken as the machine holds them, which is little-endian on every platform Node 24 is built for here.
 */
import { open, type FileHandle } from 'node:fs/promises'
import { badInput, notFound } from '../../contract/errors.ts'
import { errorCode } from './error-code.ts'

/** One system call moves at most this much, so that cancelling and memory stay smooth. */
const SLICE = 64 * 1024 * 1024

/** The bytes of a typed array, without a copy. */
export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
}

/** Writes all of `bytes` at the handle's current position. */
export async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, Math.min(SLICE, bytes.length - done))).bytesWritten
  }
}

/** Fills `bytes` from `position` on; false where the file ends before. */
export async function readFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<boolean> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(SLICE, bytes.length - done), position + done)
    if (bytesRead === 0) return false
    done += bytesRead
  }
  return true
}

/**
 * Opens `path` for reading, hands it to `use` with its size and closes it.
 * @throws PylonError not-found where there is no such file, bad-input where it is a folder
 */
export async function withFile<T>(path: string, use: (handle: FileHandle, size: number) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw errorCode(error) === 'ENOENT' ? notFound('There is no such file.', path, { cause: error }) : error
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw badInput('This is not a file.', path)
    return await use(handle, stat.size)
  } finally {
    await handle.close()
  }
}
