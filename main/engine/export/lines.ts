/** Files written in pieces, so that none is ever whole in memory. */
import { withAtomic } from '../files/atomic.ts'

const SLICE = 1 << 20

/** Writes text, gathered to slices, or numbers as they come. */
export async function writePieces(path: string, pieces: Iterable<string> | Iterable<Float32Array>): Promise<void> {
  await withAtomic(path, async (file) => {
    let text = ''
    for (const piece of pieces) {
      if (typeof piece === 'string') text += piece
      else await file.write(piece)
      if (text.length < SLICE) continue
      await file.write(Buffer.from(text))
      text = ''
    }
    if (text !== '') await file.write(Buffer.from(text))
  })
}

/** Each line with a line break after it. */
export function* linesOf(lines: Iterable<string>): Generator<string> {
  for (const line of lines) yield `${line}\n`
}
