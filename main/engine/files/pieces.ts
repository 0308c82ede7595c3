/**
 * Files cut where their content says (a rolling hash of the last bytes), so that what is inserted or taken out moves no other cut, and the
 * same bytes give the same pieces wherever they stand. About 512 bytes each: two rows of a vector of 64.
 * Gear hash: Xia et al. 2014, "Ddelta"; content-defined cuts: Muthitacharoen et al. 2001, LBFS.
 */
import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'

const [LEAST, MOST, SHIFT, READ] = [64, 4096, 23, 1 << 20]
/** A number for each byte, drawn once: only that they look random matters, as cuts are never compared between versions of Pylon. */
const GEAR = Uint32Array.from({ length: 256 }, (_, byte) => createHash('sha256').update(Buffer.of(byte)).digest().readUInt32LE(0))

export interface FilePiece {
  readonly offset: number
  /** valid until the next piece is asked for */
  readonly bytes: Buffer
}

/** The pieces of a file in their order; about 2 ns a byte. */
export async function* piecesOf(path: string): AsyncGenerator<FilePiece> {
  const handle = await open(path)
  try {
    let [held, offset] = [Buffer.alloc(0), 0]
    for (let ended = false; !ended;) {
      const buffer = Buffer.allocUnsafe(READ)
      const { bytesRead } = await handle.read(buffer, 0, READ)
      ended = bytesRead === 0
      held = held.length === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([held, buffer.subarray(0, bytesRead)])
      let from = 0
      // what is left may go on in the next read: its end is known where a longest piece fits
      while (from < held.length && (ended || held.length - from >= MOST)) {
        const to = endOf(held, from)
        yield { offset: offset + from, bytes: held.subarray(from, to) }
        from = to
      }
      held = held.subarray(from)
      offset += from
    }
  } finally {
    await handle.close()
  }
}

function endOf(bytes: Buffer, from: number): number {
  const most = Math.min(bytes.length, from + MOST)
  let hash = 0
  for (let at = from; at < most; at++) {
    hash = ((hash << 1) + GEAR[bytes[at]!]!) >>> 0
    if (hash >>> SHIFT === 0 && at - from >= LEAST) return at + 1
  }
  return most
}
