import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSealed, readSafetensors, readSafetensorsHeader, writeSafetensors, type Tensor } from '../../../main/engine/files/safetensors.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

/** Written by the reference package: see test/fixtures/make_files.py. */
const FIXTURES = join(import.meta.dirname, '../../fixtures/files')

/** A file of this header (JSON text) and so many bytes of data. */
function fileOf(header: string, dataBytes: number): Buffer {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)))
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)])
}

test('a file of the reference package is read, and written again byte for byte', async () => {
  const folder = await temporaryFolder()
  const path = join(FIXTURES, 'tensors.safetensors')
  const { metadata, tensors } = await readSafetensors(path)
  await writeSafetensors(join(folder, 'again'), [...tensors.values()].reverse(), metadata)
  expect(await readFile(join(folder, 'again'))).toEqual(await readFile(path))
  expect(metadata).toEqual({ 塔: '双\n"' })
  expect(tensors.get('scalar')).toEqual({ name: 'scalar', dtype: 'F64', shape: [], data: Float64Array.of(7.5) })
  expect(tensors.get('offsets')).toEqual({ name: 'offsets', dtype: 'I32', shape: [1, 2], data: Int32Array.of(0, 5) })
  expect(new Uint32Array(tensors.get('table')!.data.buffer)[0]).toBe(0x7fc01234)
})

test('tensors are read by name, next to ones of a type that cannot be read', async () => {
  const path = join(FIXTURES, 'half.safetensors')
  expect((await readSafetensors(path, ['one'])).tensors.get('one')?.data).toEqual(Float32Array.of(1))
  expect((await readSafetensorsHeader(path)).entries.map(({ name, dtype, shape }) => ({ name, dtype, shape }))).toEqual([
    { name: 'one', dtype: 'F32', shape: [1] },
    { name: 'half', dtype: 'F16', shape: [2] },
  ])
  await expect(readSafetensors(path)).rejects.toThrow('Tensor "half" has elements of type F16; one of I64, F64, F32, I32, U8 is needed.')
  await expect(readSafetensors(path, ['two'])).rejects.toThrow('There is no tensor "two"; there are one, half.')
})

test('any tensors and metadata come back bit for bit', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'a.safetensors')
  const arrays = { F32: Float32Array, F64: Float64Array, I32: Int32Array, I64: BigInt64Array, U8: Uint8Array }
  const text = fc.string({ unit: 'binary' })
  const tensor = fc
    .tuple(text, fc.constantFrom(...(Object.keys(arrays) as (keyof typeof arrays)[])), fc.array(fc.nat(3), { maxLength: 3 }))
    .chain(([name, dtype, shape]) => {
      const bytes = shape.reduce((a, b) => a * b, 1) * arrays[dtype].BYTES_PER_ELEMENT
      return fc
        .uint8Array({ minLength: bytes, maxLength: bytes })
        .map((raw) => ({ name, dtype, shape, data: new arrays[dtype](raw.slice().buffer) }) as Tensor)
    })
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(tensor, { selector: (t) => t.name, maxLength: 6 }),
      fc.dictionary(text, text),
      async (tensors, metadata) => {
        await writeSafetensors(path, tensors, metadata)
        const back = await readSafetensors(path)
        const bytes = (t: Tensor): object => ({ ...t, data: new Uint8Array(t.data.buffer) })
        expect(Object.entries(back.metadata).sort()).toEqual(Object.entries(metadata).sort())
        expect(tensors.map((t) => bytes(back.tensors.get(t.name)!))).toEqual(tensors.map(bytes))
        expect(back.tensors.size).toBe(tensors.length)
      },
    ),
    { numRuns: 60 },
  )
})

test('a file cut anywhere is refused, never misread', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'cut')
  const whole = await readFile(join(FIXTURES, 'tensors.safetensors'))
  for (let length = 0; length < whole.length; length += 7) {
    await writeFile(path, whole.subarray(0, length))
    await expect(readSafetensors(path)).rejects.toMatchObject({ name: 'PylonError', code: 'bad-data' })
  }
})

test('headers that lie are refused with the reason', async () => {
  const folder = await temporaryFolder()
  const f32 = (begin: number, end: number, shape = '[1]'): string => `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`
  const cases: [string, Buffer][] = [
    ['not safetensors', Buffer.from('PAR1 and so on, some other format')],
    ['not JSON', fileOf('{"a":', 0)],
    ['not an object', fileOf('[]', 0)],
    ['name twice', fileOf(`{"a":${f32(0, 4)},"b":${f32(4, 8)},"a":${f32(4, 8)}}`, 8)],
    ['name twice, escaped', fileOf(`{"a":${f32(0, 4)},"\\u0061":${f32(0, 4)}}`, 4)],
    ['overlap', fileOf(`{"a":${f32(0, 8, '[2]')},"b":${f32(4, 8)}}`, 8)],
    ['hole', fileOf(`{"a":${f32(0, 4)},"b":${f32(8, 12)}}`, 12)],
    ['sizes', fileOf(`{"a":${f32(0, 8)}}`, 8)],
    ['backwards', fileOf(`{"a":${f32(4, 0)}}`, 4)],
    ['outside', fileOf(`{"a":${f32(0, 4)}}`, 3)],
    ['more data', fileOf(`{"a":${f32(0, 4)}}`, 5)],
    ['negative shape', fileOf(`{"a":${f32(0, 4, '[-1]')}}`, 4)],
    ['unknown type', fileOf('{"a":{"dtype":"X9","shape":[1],"data_offsets":[0,4]}}', 4)],
    ['metadata', fileOf('{"__metadata__":{"a":1}}', 0)],
  ]
  const path = join(folder, 'bad')
  const messages: string[] = []
  for (const [name, bytes] of cases) {
    await writeFile(path, bytes)
    messages.push(
      `${name}: ${await readSafetensors(path).then(
        () => 'read',
        (error: unknown) => String(error).replace(`${path}: `, ''),
      )}`,
    )
  }
  expect(messages).toMatchInlineSnapshot(`
    [
      "not safetensors: PylonError: This is not a safetensors file: its header would be larger than 100 MB.",
      "not JSON: PylonError: This is not a safetensors file: its header is not JSON.",
      "not an object: PylonError: This is not a safetensors file: its header is not a JSON object.",
      "name twice: PylonError: The header names "a" twice.",
      "name twice, escaped: PylonError: The header names "a" twice.",
      "overlap: PylonError: Tensor "b" overlaps the one before it.",
      "hole: PylonError: Tensor "b" leaves a hole before it.",
      "sizes: PylonError: Tensor "a": F32 of shape [1] takes 4 bytes, but its offsets span 8.",
      "backwards: PylonError: Tensor "a": F32 of shape [1] takes 4 bytes, but its offsets span -4.",
      "outside: PylonError: Tensor "a" ends at byte 66, but the file has 65: it is truncated.",
      "more data: PylonError: 1 bytes follow the last tensor; the file is not what its header says.",
      "negative shape: PylonError: Tensor "a": its shape is not a list of whole numbers.",
      "unknown type: PylonError: Tensor "a": "X9" is not an element type.",
      "metadata: PylonError: __metadata__ must map text to text.",
    ]
  `)
})

test('a tensor that is not what it says is never written', async () => {
  const folder = await temporaryFolder()
  const one: Tensor = { name: 'a', dtype: 'F32', shape: [1], data: Float32Array.of(1) }
  await expect(writeSafetensors(join(folder, 'a'), [one, one])).rejects.toThrow('two tensors are named "a"')
  await expect(writeSafetensors(join(folder, 'a'), [{ ...one, shape: [2] }])).rejects.toThrow('Float32Array(1) but says F32 of shape [2]')
  expect(await readdir(folder)).toEqual([])
})

test('a seal holds for the bytes it was made of: in whichever byte a bit is flipped', async () => {
  const path = join(await temporaryFolder(), 'sealed.safetensors')
  const data = Float32Array.from({ length: 5 }, (_, i) => i / 3)
  await writeSafetensors(path, [{ name: 'a', dtype: 'F32', shape: [5], data }], { note: '{"sha256":"0"}' }, { seal: true })
  expect(await isSealed(path)).toBe(true)
  const bytes = await readFile(path)
  const taken = new Set<number>()
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1 << (at % 8)
    await writeFile(path, changed)
    const found = await isSealed(path).catch((error: unknown) => (error as { code: string }).code)
    if (found !== false && found !== 'bad-data') taken.add(at)
  }
  // in the seal's own name a flipped bit leaves a file without a seal, all else of which is what it was
  const name = bytes.indexOf('"sha256":"') + 1
  expect([...taken].filter((at) => at < name || at >= name + 'sha256'.length)).toEqual([])
  await writeSafetensors(path, [{ name: 'a', dtype: 'F32', shape: [5], data }])
  expect(await isSealed(path)).toBeNull()
})
