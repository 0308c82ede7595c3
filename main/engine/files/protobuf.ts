/**
 * Protocol buffers as bytes, only what files of ours need: ONNX models and TensorBoard's events. Numbers are little-endian, as on every
 * platform Node runs on. Source: https://protobuf.dev/programming-guides/encoding/
 */

/** A message as `build` writes it. */
export function message(build: (writer: Writer) => unknown): Uint8Array {
  const writer = new Writer()
  build(writer)
  return writer.finish()
}

/** A protobuf message under construction: varint (wire type 0), 64-bit (1), length-delimited (2) and 32-bit (5) fields. */
class Writer {
  readonly #chunks: Uint8Array[] = []

  varint(field: number, value: number): this {
    this.#push(varintBytes(field << 3), varintBytes(value))
    return this
  }
  float(field: number, value: number): this {
    this.#push(varintBytes((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer))
    return this
  }
  double(field: number, value: number): this {
    this.#push(varintBytes((field << 3) | 1), new Uint8Array(Float64Array.of(value).buffer))
    return this
  }
  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }
  bytes(field: number, value: Uint8Array): this {
    this.#push(varintBytes((field << 3) | 2), varintBytes(value.byteLength), value)
    return this
  }
  finish(): Uint8Array {
    const whole = new Uint8Array(this.#chunks.reduce((sum, chunk) => sum + chunk.byteLength, 0))
    let at = 0
    for (const chunk of this.#chunks) {
      whole.set(chunk, at)
      at += chunk.byteLength
    }
    return whole
  }
  #push(...chunks: Uint8Array[]): void {
    this.#chunks.push(...chunks)
  }
}

/** Base-128 varint; negative numbers as the 64-bit two's complement that protobuf asks for. */
function varintBytes(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value))
  const bytes: number[] = []
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return Uint8Array.from(bytes)
}
