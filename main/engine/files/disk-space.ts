/** How much a disk still takes, and streams that stop before it is full: what an archive becomes is known only when it is unpacked. */
import { statfs } from 'node:fs/promises'

/** Left free by what unpacks files of others, so that the workspace can still be worked with. */
const MARGIN_BYTES = 16 * 2 ** 20

/** Bytes that may be unpacked into an existing folder. */
export async function freeSpaceAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder)
  return Math.max(0, bavail * bsize - MARGIN_BYTES)
}

/** For a pipeline: passes on what comes until it is more than `limit` bytes, then fails with what `excess` gives. */
export function limitBytes(limit: number, excess: () => Error): (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer> {
  return async function* (chunks) {
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > limit) throw excess()
      yield chunk
    }
  }
}
