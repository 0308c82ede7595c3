/** Fields of a protocol buffer message, one after the other. Source: https://protobuf.dev/programming-guides/encoding/ */

/** A field as it lies in the message; fixed numbers are little-endian. */
export type Field =
  | { readonly number: number; readonly kind: 'varint'; readonly value: bigint | number }
  | { readonly number: number; readonly kind: 'fixed64' | 'bytes' | 'fixed32'; readonly value: Uint8Array }

/** @throws RangeError where the message ends within a field, or a field is of a kind that none has any more */
export function* fieldsOf(message: Uint8Array): Generator<Field, void> {
  let at = 0
  const take = (length: number): Uint8Array => {
    if (length < 0 || at + length > message.length) throw new RangeError('a field goes beyond its message')
    return message.subarray(at, (at += length))
  }
  const byteAt = (): number => {
    if (at >= message.length) throw new RangeError('a field goes beyond its message')
    return message[at++]!
  }
  const varint = (): bigint | number => {
    // most fit into four groups of seven bits, and big integers are slow
    let small = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = byteAt()
      small |= (byte & 0x7f) << shift
      if (byte < 0x80) return small
    }
    let value = BigInt(small)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = byteAt()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new RangeError('a number is longer than ten bytes')
  }
  while (at < message.length) {
    const key = Number(varint())
    const number = key >>> 3
    switch (key & 7) {
      case 0:
        yield { number, kind: 'varint', value: varint() }
        break
      case 1:
        yield { number, kind: 'fixed64', value: take(8) }
        break
      case 2:
        yield { number, kind: 'bytes', value: take(Number(varint())) }
        break
      case 5:
        yield { number, kind: 'fixed32', value: take(4) }
        break
      default:
        throw new RangeError(`a field of kind ${key & 7}`)
    }
  }
}
