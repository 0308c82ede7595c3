/** Files as one tar (POSIX ustar; sizes past 8 GB in the base-256 form that GNU, BSD and Windows read), streamed. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'

const BLOCK = 512
const LARGEST_OCTAL = 8 ** 11 - 1

/** @throws RangeError for a name that does not fit the format */
export async function* tar(files: readonly { readonly path: string; readonly name: string }[]): AsyncGenerator<Buffer> {
  for (const { path, name } of files) {
    const { size, mtimeMs } = await stat(path)
    yield header(name, size, Math.floor(mtimeMs / 1000))
    // a file that grows meanwhile must not spill over
    if (size > 0) for await (const chunk of createReadStream(path, { end: size - 1 })) yield chunk as Buffer
    yield Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)
  }
  yield Buffer.alloc(2 * BLOCK)
}

function header(name: string, size: number, modified: number): Buffer {
  const block = Buffer.alloc(BLOCK)
  const [prefix, rest] = split(name)
  block.write(rest, 0)
  block.write('0000644\0' + '0000000\0' + '0000000\0', 100)
  if (size <= LARGEST_OCTAL) block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  else {
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(size), 128)
  }
  block.write(`${modified.toString(8).padStart(11, '0')}\0`, 136)
  block.write('        ', 148)
  block.write('0', 156)
  block.write('ustar\0' + '00', 257)
  block.write(prefix, 345)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** A name of more than 100 bytes is cut at a slash into a prefix of up to 155 and the rest. */
function split(name: string): [string, string] {
  if (Buffer.byteLength(name) <= 100) return ['', name]
  for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
    const [prefix, rest] = [name.slice(0, at), name.slice(at + 1)]
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(rest) <= 100) return [prefix, rest]
  }
  throw new RangeError(`${name} is too long a name for a tar.`)
}
