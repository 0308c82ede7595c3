/** Text files of many lines, written in slices so that no file is ever whole in memory. */
import { createAtomic } from '../files/atomic.ts'

const SLICE = 1 << 20

/** Writes each line with a line break after it. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  const file = await createAtomic(path)
  try {
    let slice: string[] = []
    let size = 0
    for (const line of lines) {
      slice.push(line)
      size += line.length
      if (size < SLICE) continue
      await file.write(Buffer.from(`${slice.join('\n')}\n`))
      ;[slice, size] = [[], 0]
    }
    if (slice.length > 0) await file.write(Buffer.from(`${slice.join('\n')}\n`))
    await file.commit()
  } finally {
    await file.abort()
  }
}
