/**
 * NumPy's .npy format: arrays of one or two dimensions in C order, little-endian. Written as version 1.0, byte for byte as
 * `numpy.save` does; versions 1 to 3 are read. The writer takes a matrix in slices, so its memory does not grow with the matrix.
 * Source: numpy/lib/_format_impl.py (NEP 1).
 */
import type { FileHandle } from 'node:fs/promises'
import { badData, PylonError } from '../../contract/errors.ts'
import { createAtomic } from './atomic.ts'
import { bytesOf, readFully, withFile } from './bytes.ts'

/** Element types: the name, NumPy's descriptor, the array that holds them. */
const DTYPES = {
  float32: { descr: '<f4', array: Float32Array },
  float64: { descr: '<f8', array: Float64Array },
  int32: { descr: '<i4', array: Int32Array },
  int64: { descr: '<i8', array: BigInt64Array },
  uint8: { descr: '|u1', array: Uint8Array },
} as const
export type NpyDtype = keyof typeof DTYPES
export type NpyArray<D extends NpyDtype = NpyDtype> = { [K in NpyDtype]: InstanceType<(typeof DTYPES)[K]['array']> }[D]

/** What {@link readNpy} answers: `data` has the product of `shape` elements, row-major; narrow it by `dtype`. */
export type Npy = { [D in NpyDtype]: { readonly dtype: D; readonly shape: readonly number[]; readonly data: NpyArray<D> } }[NpyDtype]

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const
/** data starts at a multiple of this */
const ALIGNMENT = 64
/** room NumPy leaves so that the first dimension can grow in place */
const GROWTH_DIGITS = 21

/** A .npy that is being written; rows come in any slices, and must add up to the shape. */
export interface NpyWriter<D extends NpyDtype> {
  append(values: NpyArray<D>): Promise<void>
  /** @throws Error where more or fewer elements came than the shape has */
  commit(): Promise<void>
  abort(): Promise<void>
}

/** Starts a .npy of a known shape; nothing is at `path` before `commit`. */
export async function createNpy<D extends NpyDtype>(path: string, dtype: D, shape: readonly number[]): Promise<NpyWriter<D>> {
  const expected = elements(shape)
  const file = await createAtomic(path)
  let written = 0
  const fail = async (message: string): Promise<never> => {
    await file.abort()
    throw new Error(`${path}: ${message}`)
  }
  await file.write(npyHeader(dtype, shape))
  return {
    async append(values) {
      if (!(values instanceof DTYPES[dtype].array)) return fail(`${dtype} was announced, but ${values.constructor.name} came`)
      written += values.length
      if (written > expected) return fail(`more than the ${expected} elements of shape (${shape.join(', ')})`)
      await file.write(values)
    },
    async commit() {
      if (written !== expected) return fail(`${written} elements for a shape (${shape.join(', ')}) of ${expected}`)
      await file.commit()
    },
    abort: () => file.abort(),
  }
}

/** Writes a whole array as .npy, atomically. */
export async function writeNpy<D extends NpyDtype>(path: string, dtype: D, shape: readonly number[], data: NpyArray<D>): Promise<void> {
  const writer = await createNpy(path, dtype, shape)
  try {
    await writer.append(data)
    await writer.commit()
  } finally {
    await writer.abort()
  }
}

/**
 * Reads a whole .npy into memory.
 * @throws PylonError not-found; bad-data for a foreign or truncated file, Fortran order, big-endian or other element types
 */
export async function readNpy(path: string): Promise<Npy> {
  return withFile(path, async (handle, size) => {
    const { dtype, shape, start } = await readHeader(path, handle, size)
    const data = new DTYPES[dtype].array(elements(shape))
    if (!(await readFully(handle, bytesOf(data), start))) throw bad(path, 'The file ended while it was read.')
    return { dtype, shape, data } as Npy
  })
}

/** Reads and checks only the header of a .npy. Errors as {@link readNpy}. */
export async function readNpyHeader(path: string): Promise<Pick<Npy, 'dtype' | 'shape'>> {
  return withFile(path, (handle, size) => readHeader(path, handle, size))
}

/** The header as `numpy.save` writes it, padded so that data starts at a multiple of 64. */
function npyHeader(dtype: NpyDtype, shape: readonly number[]): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`
  let text = `{'descr': '${DTYPES[dtype].descr}', 'fortran_order': False, 'shape': ${tuple}, }`
  text += ' '.repeat(GROWTH_DIGITS - String(shape[0] ?? 0).length)
  text += ' '.repeat(ALIGNMENT - ((MAGIC.length + 4 + text.length + 1) % ALIGNMENT)) + '\n'
  return Buffer.concat([Uint8Array.from([...MAGIC, 1, 0, text.length & 255, text.length >> 8]), Buffer.from(text, 'latin1')])
}

async function readHeader(path: string, handle: FileHandle, size: number): Promise<{ dtype: NpyDtype; shape: number[]; start: number }> {
  const head = Buffer.alloc(Math.min(12, size))
  await readFully(handle, head, 0)
  if (head.length < 10 || !MAGIC.every((byte, i) => head[i] === byte)) throw bad(path, 'This is not a .npy file.')
  const version = head[6]!
  if (version < 1 || version > 3 || (version > 1 && head.length < 12))
    throw bad(path, `Version ${version} of .npy is not known here; save it again with numpy.save.`)
  const length = version === 1 ? head.readUInt16LE(8) : head.readUInt32LE(8)
  const textStart = version === 1 ? 10 : 12
  if (length > 1_000_000 || textStart + length > size) throw bad(path, 'The file ends within its header; write it again.')
  const text = Buffer.alloc(length)
  await readFully(handle, text, textStart)
  const { dtype, shape } = parseHeader(path, text.toString('latin1'))
  const start = textStart + length
  const bytes = shape.reduce((product, n) => product * n, DTYPES[dtype].array.BYTES_PER_ELEMENT)
  if (size - start !== bytes) {
    throw bad(path, `${size - start} bytes of data where ${dtype} of shape (${shape.join(', ')}) has ${bytes}; write the file again.`)
  }
  return { dtype, shape, start }
}

function parseHeader(path: string, text: string): { dtype: NpyDtype; shape: number[] } {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1]
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1]
  const tuple = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1]
  if (fortran === undefined || tuple === undefined || descr === undefined)
    throw bad(path, 'The header is not one this reader knows: a plain array of numbers is needed.')
  const shape = tuple
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number)
  const dtype = (Object.keys(DTYPES) as NpyDtype[]).find((name) => DTYPES[name].descr === descr)
  if (dtype === undefined)
    throw bad(
      path,
      `Element type ${descr} cannot be read; one of ${Object.keys(DTYPES).join(', ')} (little-endian) is needed: save array.astype('float32').`,
    )
  if (shape.length < 1 || shape.length > 2) throw bad(path, `An array of ${shape.length} dimensions; 1 or 2 are needed.`)
  if (fortran === 'True' && shape.length === 2) throw bad(path, 'The array is in Fortran order: save numpy.ascontiguousarray(array).')
  return { dtype, shape }
}

function elements(shape: readonly number[]): number {
  const count = shape.reduce((product, n) => product * n, 1)
  if (shape.length < 1 || shape.length > 2 || !shape.every((n) => Number.isSafeInteger(n) && n >= 0) || !Number.isSafeInteger(count)) {
    throw new Error(`(${shape.join(', ')}) is not a shape of one or two dimensions`)
  }
  return count
}

function bad(path: string, message: string): PylonError {
  return badData(message, path)
}
