import { readFile, readdir, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createNpy, readNpy, writeNpy, type NpyDtype } from '../../../main/engine/files/npy.ts'
import { temporaryFolder } from '../../helpers/folder.ts'

/** Written by NumPy: see test/fixtures/make_files.py. */
const FIXTURES = join(import.meta.dirname, '../../fixtures/files')

test.for(['float32', 'float64', 'int32', 'int64', 'uint8', 'empty'])(
  '%s.npy of NumPy is read, and written again byte for byte',
  async (name) => {
    const folder = await temporaryFolder()
    const npy = await readNpy(join(FIXTURES, `${name}.npy`))
    await writeNpy(join(folder, 'again.npy'), npy.dtype, npy.shape, npy.data)
    expect(await readFile(join(folder, 'again.npy'))).toEqual(await readFile(join(FIXTURES, `${name}.npy`)))
  },
)

test('values read are those NumPy wrote, NaN payload and negative zero included', async () => {
  const { shape, data } = await readNpy(join(FIXTURES, 'float32.npy'))
  expect({ shape, bits: [...new Uint32Array(data.buffer)].map((word) => word.toString(16)) }).toMatchInlineSnapshot(`
    {
      "bits": [
        "7fc01234",
        "80000000",
        "1",
        "7f800000",
        "3f800000",
        "c0a00000",
      ],
      "shape": [
        2,
        3,
      ],
    }
  `)
  expect((await readNpy(join(FIXTURES, 'int64.npy'))).data).toEqual(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n, 0n))
})

test('any array, written in any slices, comes back bit for bit', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'a.npy')
  const dtypes = { float32: Float32Array, float64: Float64Array, int32: Int32Array, int64: BigInt64Array, uint8: Uint8Array }
  const anyArray = fc.constantFrom(...(Object.keys(dtypes) as NpyDtype[])).chain((dtype) =>
    fc.tuple(fc.constant(dtype), fc.nat(7), fc.nat(5), fc.boolean()).chain(([, rows, width, flat]) => {
      const bytes = rows * width * dtypes[dtype].BYTES_PER_ELEMENT
      return fc.tuple(
        fc.constant({ dtype, shape: flat ? [rows * width] : [rows, width] }),
        fc.uint8Array({ minLength: bytes, maxLength: bytes }),
        fc.nat(rows * width),
      )
    }),
  )
  await fc.assert(
    fc.asyncProperty(anyArray, async ([{ dtype, shape }, bytes, cut]) => {
      const data = new dtypes[dtype](bytes.slice().buffer)
      const writer = await createNpy(path, dtype, shape)
      await writer.append(data.subarray(0, cut))
      await writer.append(data.subarray(cut))
      await writer.commit()
      const back = await readNpy(path)
      expect({ dtype: back.dtype, shape: back.shape, bytes: new Uint8Array(back.data.buffer) }).toEqual({
        dtype,
        shape,
        bytes: new Uint8Array(bytes),
      })
    }),
    { numRuns: 60 },
  )
})

test('too few or too many elements leave neither a file nor a part of one', async () => {
  const folder = await temporaryFolder()
  const short = await createNpy(join(folder, 'a.npy'), 'float32', [2, 2])
  await short.append(Float32Array.of(1, 2, 3))
  await expect(short.commit()).rejects.toThrow('3 elements for a shape (2, 2) of 4')
  const long = await createNpy(join(folder, 'b.npy'), 'uint8', [1])
  await expect(long.append(Uint8Array.of(1, 2))).rejects.toThrow('more than the 1 elements')
  expect(await readdir(folder)).toEqual([])
})

test('foreign, truncated and unsupported files say what they are and what to do', async () => {
  const folder = await temporaryFolder()
  const text = join(folder, 'text.npy')
  const cut = join(folder, 'cut.npy')
  const headless = join(folder, 'headless.npy')
  const whole = await readFile(join(FIXTURES, 'float64.npy'))
  await writeFile(text, 'id,price\n1,2\n')
  await writeFile(cut, whole)
  await truncate(cut, whole.length - 1)
  await writeFile(headless, whole.subarray(0, 40))
  const files = [
    text,
    cut,
    headless,
    join(FIXTURES, 'fortran.npy'),
    join(FIXTURES, 'float16.npy'),
    join(FIXTURES, 'cube.npy'),
    join(folder, 'none.npy'),
  ]
  const messages = await Promise.all(files.map((path) => readNpy(path).catch((error: unknown) => String(error).replace(/: \/.*\//, ': '))))
  expect(messages).toMatchInlineSnapshot(`
    [
      "PylonError: text.npy: This is not a .npy file.",
      "PylonError: cut.npy: 23 bytes of data where float64 of shape (3) has 24; write the file again.",
      "PylonError: headless.npy: The file ends within its header; write it again.",
      "PylonError: fortran.npy: The array is in Fortran order: save numpy.ascontiguousarray(array).",
      "PylonError: float16.npy: Element type <f2 cannot be read; one of float32, float64, int32, int64, uint8 (little-endian) is needed: save array.astype('float32').",
      "PylonError: cube.npy: An array of 3 dimensions; 1 or 2 are needed.",
      "PylonError: none.npy: There is no such file.",
    ]
  `)
})
