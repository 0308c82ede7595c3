/**
 * The contract's frames over a pipe, for programs in other languages: u8 kind (0: JSON text, 1: binary) · u32 bytes (little endian) · the frame
 * as `contract/wire.ts` has it. Both directions are alike.
 */
import { badInput, type PylonError } from '../contract/errors.ts'
import { decodeFrame, encodeFrame, type Frame } from '../contract/wire.ts'

const HEAD = 5
const [TEXT, BINARY] = [0, 1] as const

/** A frame with what stands before it. */
export function pipeBytes(message: unknown): Buffer {
  const frame: Frame = encodeFrame(message)
  const body = typeof frame === 'string' ? Buffer.from(frame) : frame
  const head = Buffer.alloc(HEAD)
  head.writeUInt8(typeof frame === 'string' ? TEXT : BINARY)
  head.writeUInt32LE(body.length, 1)
  return Buffer.concat([head, body])
}

/** Takes bytes as they come and gives each message once it is whole. */
export class PipeReader {
  readonly #limit: number
  readonly #receive: (message: unknown) => void
  #rest: Buffer = Buffer.alloc(0)

  /** @param limit of a frame, in bytes */
  constructor(limit: number, receive: (message: unknown) => void) {
    this.#limit = limit
    this.#receive = receive
  }

  /** @throws PylonError bad-input for what is no frame: nothing behind it can be read either */
  feed(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (this.#rest.length >= HEAD) {
      const [kind, length] = [this.#rest.readUInt8(0), this.#rest.readUInt32LE(1)]
      if (kind !== TEXT && kind !== BINARY) throw broken('its kind is unknown')
      if (length > this.#limit) throw broken(`it has ${length} bytes, and at most ${this.#limit} are taken`)
      if (this.#rest.length < HEAD + length) return
      const body = this.#rest.subarray(HEAD, HEAD + length)
      this.#rest = this.#rest.subarray(HEAD + length)
      this.#receive(decodeFrame(kind === TEXT ? body.toString('utf8') : body, this.#limit))
    }
  }
}

const broken = (why: string): PylonError => badInput(`What came through the pipe is no frame: ${why}.`)
