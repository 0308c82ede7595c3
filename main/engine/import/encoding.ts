/**
 * From the bytes of a text file to a path that DuckDB can read as UTF-8: Latin-1 (as windows-1252, its superset in use), UTF-16 and files
 * of other encodings are rewritten into the import's scratch folder; a UTF-8 file stays where it is. One pass gives size and sha256.
 * A file is of an encoding of before Unicode where its odd bytes make no UTF-8 sequences; one with both is broken UTF-8 and is refused with
 * the line. Which one, the bytes tell (`legacy-encoding.ts`).
 */
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { badData, unavailable } from '../../contract/errors.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import type { ImportInput } from '../../contract/verbs.ts'
import { headOf } from './containers/kinds.ts'
import { guessLegacy } from './legacy-encoding.ts'

export type Encoding = Exclude<ImportInput['encoding'], 'auto'>

export interface PreparedText {
  /** UTF-8 text, with or without a byte-order mark */
  readonly path: string
  readonly encoding: Encoding
  /** of the file as it came */
  readonly bytes: number
  readonly sha256: string
}

const SLICE = 1 << 20
const LF = 10
const CR = 13

/** @param shown the file in messages @throws PylonError not-found, bad-data with the line of the first byte that is no UTF-8 */
export async function* prepareText(path: string, shown: string, wanted: 'auto' | Encoding, scratch: string): Stage<PreparedText> {
  const { bytes, sha256, utf8, mark, mixedEnds } = yield* examine(path)
  const isLegacy = mark === null && !utf8 && wanted === 'auto'
  if (!utf8 && (isLegacy || wanted === 'utf-8') && mark === null) {
    const odd = await examineOdd(path)
    if (wanted === 'utf-8' || odd.sequences > odd.bytes) {
      const remedy =
        wanted === 'utf-8'
          ? 'Save it as UTF-8, or pass --encoding latin-1.'
          : 'Save it again as UTF-8; --encoding latin-1 reads every byte as it is.'
      throw badData(`Byte 0x${odd.first.toString(16)} is no valid UTF-8 here. ${remedy}`, `${shown}:${odd.line}`)
    }
  }
  const encoding: Encoding = mark !== null ? 'utf-16' : wanted !== 'auto' ? wanted : utf8 ? 'utf-8' : guessLegacy(headOf(path, SLICE))
  if (isLegacy && encoding === 'latin-1') await refuseUnknown(path, shown)
  if (encoding === 'utf-8' && !mixedEnds) return { path, encoding, bytes, sha256 }
  const to = scratchName('utf8', scratch)
  await rewrite(path, to, mark ?? LABELS[encoding])
  return { path: to, encoding, bytes, sha256 }
}

/** Bytes that Windows-1252 has no sign for: a text that holds one is of another encoding. */
const NO_SIGNS = [0x81, 0x8d, 0x8f, 0x90, 0x9d] as const

async function refuseUnknown(path: string, shown: string): Promise<void> {
  let line = 1
  for await (const slice of createReadStream(path, { highWaterMark: SLICE }) as AsyncIterable<Buffer>) {
    const [first] = NO_SIGNS.map((byte) => slice.indexOf(byte))
      .filter((at) => at >= 0)
      .toSorted((a, b) => a - b)
    const before = slice.subarray(0, first)
    line += before.filter((byte) => byte === LF).length
    if (first === undefined) continue
    throw badData(
      `Byte 0x${slice[first]!.toString(16)} is of no encoding that is known by its bytes. Save the file as UTF-8, or say what it is with --encoding.`,
      `${shown}:${line}`,
    )
  }
}

/** What a decoder calls them. */
const LABELS: Readonly<Record<Encoding, string>> = {
  'utf-8': 'utf-8',
  'latin-1': 'windows-1252',
  'utf-16': 'utf-16le',
  gb18030: 'gb18030',
  big5: 'big5',
  'shift-jis': 'shift_jis',
  'euc-jp': 'euc-jp',
  'euc-kr': 'euc-kr',
  'windows-1250': 'windows-1250',
  'windows-1251': 'windows-1251',
  'windows-1253': 'windows-1253',
  'windows-1254': 'windows-1254',
  'windows-1255': 'windows-1255',
  'windows-1256': 'windows-1256',
  'windows-874': 'windows-874',
  'iso-8859-2': 'iso-8859-2',
  'iso-8859-15': 'iso-8859-15',
  'koi8-r': 'koi8-r',
}

let scratchFiles = 0
/** Without the file's own name, which may be as long as a name can be. */
function scratchName(what: string, scratch: string): string {
  return join(scratch, `${scratchFiles++}.${what}`)
}

/** Writes a file again as UTF-8 with CR LF made LF. */
async function rewrite(from: string, to: string, encoding: string): Promise<void> {
  const decoder = decoderOf(encoding)
  const decoded = async function* (): AsyncGenerator<Buffer> {
    let held = ''
    for await (const slice of createReadStream(from, { highWaterMark: SLICE }) as AsyncIterable<Buffer>) {
      const piece = held + decoder.decode(slice, { stream: true })
      held = piece.endsWith('\r') ? '\r' : ''
      yield Buffer.from(piece.slice(0, piece.length - held.length).replaceAll('\r\n', '\n'))
    }
    yield Buffer.from(held + decoder.decode())
  }
  await pipeline(Readable.from(decoded()), createWriteStream(to))
}

function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  try {
    return new TextDecoder(encoding)
  } catch (cause) {
    // a runtime may be built without tables of other scripts
    throw unavailable(`This Pylon has no table of ${encoding}: save the file as UTF-8.`, '--encoding', { cause })
  }
}

interface Examined {
  readonly bytes: number
  readonly sha256: string
  readonly utf8: boolean
  readonly mark: 'utf-16le' | 'utf-16be' | null
  /** both LF and CR LF occur, which DuckDB refuses unless the odd ones are quoted */
  readonly mixedEnds: boolean
}

/** One pass over a file, in slices, whatever its lines are long; a character of several bytes that a slice cuts waits for its rest. */
async function* examine(path: string): Stage<Examined> {
  const hash = createHash('sha256')
  const ends = new LineEnds()
  let [rest, utf8, mark, bytes] = [Buffer.alloc(0), true, null as Examined['mark'], 0]
  const { size } = await stat(path)
  for await (const piece of createReadStream(path, { highWaterMark: SLICE }) as AsyncIterable<Buffer>) {
    if (bytes === 0) mark = markOf(piece)
    bytes += piece.length
    hash.update(piece)
    ends.see(piece)
    const whole = rest.length === 0 ? piece : Buffer.concat([rest, piece])
    const cut = whole.length - unfinished(whole)
    utf8 &&= isUtf8(whole.subarray(0, cut))
    rest = Buffer.from(whole.subarray(cut))
    if (bytes % (SLICE * 32) < SLICE) yield { stage: `look at ${basename(path)}`, done: bytes, total: size, unit: 'bytes' }
  }
  return { bytes, sha256: hash.digest('hex'), utf8: utf8 && isUtf8(rest), mark, mixedEnds: ends.mixed }
}

/** Bytes at the end that begin a character and do not finish it: at most three. */
function unfinished(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!
    if ((byte & 0xc0) !== 0x80) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1) ? back : 0
  }
  return 0
}

/** By its mark; without one, text that is mostly ASCII has every other byte zero. */
function markOf(piece: Buffer): Examined['mark'] {
  const head = piece.subarray(0, 4096)
  const zeros = [0, 1].map((from) => head.filter((byte, at) => at % 2 === from && byte === 0).length / (head.length / 2))
  if (zeros[1]! > 0.4 && zeros[0]! < 0.1) return 'utf-16le'
  if (zeros[0]! > 0.4 && zeros[1]! < 0.1) return 'utf-16be'
  return piece[0] === 0xff && piece[1] === 0xfe ? 'utf-16le' : piece[0] === 0xfe && piece[1] === 0xff ? 'utf-16be' : null
}

/** Counts line ends; slices without any CR, the usual case, cost one search. */
class LineEnds {
  private lf = 0
  private crLf = 0
  private any = false
  private previous = 0

  see(piece: Buffer): void {
    if (this.previous !== CR && !piece.includes(CR)) {
      if (piece.includes(LF)) this.lf++
      return
    }
    this.any = true
    for (const byte of piece) {
      if (byte === LF) {
        this.lf++
        if (this.previous === CR) this.crLf++
      }
      this.previous = byte
    }
  }

  get mixed(): boolean {
    return this.any && this.lf > 0 && this.lf !== this.crLf
  }
}

/** How many well-formed multi-byte sequences there are, how many other bytes above 127, and the first of those with its line. */
async function examineOdd(path: string): Promise<{ sequences: number; bytes: number; first: number; line: number }> {
  const odd = { sequences: 0, bytes: 0, first: 0, line: 0 }
  let line = 1
  let expected = 0
  let lead = 0
  const fault = (byte: number): void => {
    if (odd.bytes++ === 0) [odd.first, odd.line] = [byte, line]
  }
  for await (const slice of createReadStream(path, { highWaterMark: SLICE }) as AsyncIterable<Buffer>) {
    for (const byte of slice) {
      if (expected > 0) {
        if ((byte & 0xc0) === 0x80) {
          if (--expected === 0) odd.sequences++
          continue
        }
        fault(lead)
        expected = 0
      }
      if (byte === LF) line++
      else if (byte >= 0xc2 && byte < 0xf5) [lead, expected] = [byte, byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3]
      else if (byte >= 0x80) fault(byte)
    }
  }
  if (expected > 0) fault(lead)
  return odd
}
