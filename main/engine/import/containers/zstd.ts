/**
 * Zstandard frames behind each other (`pzstd`, `cat a.zst b.zst`), in pieces of which none reaches past the end of a frame: Node's own
 * unpacking drops, in silence, what a piece holds behind one. Frames of other programs' own use unpack to nothing.
 */

/** What comes next: bytes to be seen, bytes to be passed by, or the end of a frame. */
type Step = { readonly read: number } | { readonly pass: number } | 'frame'

const FRAME = 0xfd2fb528
const SKIPPABLE = 0x184d2a5

/** Walks through frames without end; is given the bytes that it asked to see. @throws Error where none begins */
function* steps(): Generator<Step, never, Buffer> {
  for (;;) {
    const magic = (yield { read: 4 }).readUInt32LE()
    if (magic >>> 4 === SKIPPABLE) {
      const length = (yield { read: 4 }).readUInt32LE()
      yield { pass: length }
      yield 'frame'
      continue
    }
    if (magic !== FRAME) throw new Error('no Zstandard frame begins here')
    const flags = (yield { read: 1 })[0]!
    const isSingle = (flags & 0x20) !== 0
    const sizes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]!
    yield { pass: (isSingle ? 0 : 1) + [0, 1, 2, 4][flags & 3]! + sizes }
    for (let last = false; !last;) {
      const block = (yield { read: 3 }).readUIntLE(0, 3)
      last = (block & 1) === 1
      // one byte that is repeated takes one, whatever its length
      yield { pass: ((block >> 1) & 3) === 1 ? 1 : block >> 3 }
    }
    yield { pass: (flags & 4) === 0 ? 0 : 4 }
    yield 'frame'
  }
}

/** For a pipeline, before Node's own unpacking. @throws Error where behind a frame no other begins */
export async function* cutAtFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const walk = steps()
  let step: Step = walk.next().value
  let seen: Buffer = Buffer.alloc(0)
  let left = lengthOf(step)
  for await (const chunk of chunks) {
    let [from, at] = [0, 0]
    for (;;) {
      const taken = chunk.subarray(at, at + left)
      at += taken.length
      left -= taken.length
      if (step !== 'frame' && 'read' in step) seen = Buffer.concat([seen, taken])
      if (left > 0) break
      step = walk.next(seen).value
      seen = Buffer.alloc(0)
      left = lengthOf(step)
      if (step !== 'frame') continue
      yield chunk.subarray(from, at)
      from = at
    }
    if (at > from) yield chunk.subarray(from, at)
  }
}

const lengthOf = (step: Step): number => (step === 'frame' ? 0 : 'read' in step ? step.read : step.pass)
