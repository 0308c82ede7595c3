/**
 * LZ4 frames unpacked, as Arrow files hold them: whole in memory, a buffer of a column at a time. Checksums of frames are passed over, as
 * the lengths that Arrow has of each buffer are held by its reader.
 */

/** The bytes of a frame. @throws Error for what is damaged */
export function unpackLz4(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength)
  if (view.getUint32(0, true) !== 0x184d2204) throw new Error('no LZ4 frame begins here')
  const flags = frame[4]!
  const [blockSums, hasSize, hasDictionary] = [(flags & 0x10) !== 0, (flags & 0x08) !== 0, (flags & 0x01) !== 0]
  const out = new Output()
  let at = 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1
  for (;;) {
    const header = view.getUint32(at, true)
    at += 4
    if (header === 0) return out.bytes()
    const [size, plain] = [header & 0x7fffffff, header >>> 31 === 1]
    const block = frame.subarray(at, at + size)
    if (block.length < size) throw new Error('an LZ4 block ends before its end')
    if (plain) out.literals(block)
    else unpackBlock(block, out)
    at += size + (blockSums ? 4 : 0)
  }
}

function unpackBlock(block: Uint8Array, out: Output): void {
  let at = 0
  const length = (nibble: number): number => {
    let sum = nibble
    if (nibble < 15) return sum
    for (;;) {
      const more = block[at++]
      if (more === undefined) throw new Error('an LZ4 block ends before its end')
      sum += more
      if (more < 255) return sum
    }
  }
  while (at < block.length) {
    const token = block[at++]!
    const count = length(token >> 4)
    if (at + count > block.length) throw new Error('an LZ4 block ends before its end')
    out.literals(block.subarray(at, at + count))
    at += count
    if (at >= block.length) return
    if (at + 2 > block.length) throw new Error('an LZ4 block ends before its end')
    const offset = block[at]! | (block[at + 1]! << 8)
    at += 2
    out.repeat(offset, length(token & 15) + 4)
  }
}

/** What was unpacked so far; matches reach back into it. */
class Output {
  #buffer = new Uint8Array(64 * 1024)
  #size = 0

  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#size)
  }

  literals(from: Uint8Array): void {
    this.#reserve(from.length)
    this.#buffer.set(from, this.#size)
    this.#size += from.length
  }

  repeat(offset: number, count: number): void {
    if (offset === 0 || offset > this.#size) throw new Error('an LZ4 match reaches before its beginning')
    this.#reserve(count)
    const end = this.#size + count
    for (; this.#size < end; this.#size++) this.#buffer[this.#size] = this.#buffer[this.#size - offset]!
  }

  #reserve(more: number): void {
    if (this.#size + more <= this.#buffer.length) return
    const grown = new Uint8Array(Math.max(this.#buffer.length * 2, this.#size + more))
    grown.set(this.bytes())
    this.#buffer = grown
  }
}
