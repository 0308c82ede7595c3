/** Text files of many lines, written in slices so that no file is ever whole in memory. */
import { withAtomic } from '../files/atomic.ts'

const SLICE = 1 << 20

/** Writes each line with a line break after it. */
export async function writeLines(path: string, lines: Iterable<string>): Promise<void> {
  await withAtomic(path, async (file) => {
    let slice = ''
    for (const line of lines) {
      slice += `${line}\n`
      if (slice.length < SLICE) continue
      await file.write(Buffer.from(slice))
      slice = ''
    }
    if (slice !== '') await file.write(Buffer.from(slice))
  })
}
