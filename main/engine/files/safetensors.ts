/**
 * The safetensors format: a length, a JSON header, then raw little-endian tensors. Written with the data aligned to 8 bytes and
 * without holes, as the reference implementation demands; read whole or by name, with every claim of the header checked first, so
 * that a truncated or hostile file ends in one clear error and never in a wrong tensor. Source: huggingface/safetensors, README.
 */
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { badData, notFound, PylonError } from '../../contract/errors.ts'
import { isPlain } from '../../contract/plain.ts'
import { withAtomic } from './atomic.ts'
import { bytesOf, readFully, withFile } from './bytes.ts'

/** Element types that are read and written, widest first: that is the order in which they are laid out. */
const ARRAYS = { I64: BigInt64Array, F64: Float64Array, F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const
export type TensorDtype = keyof typeof ARRAYS
export type TensorData<D extends TensorDtype = TensorDtype> = { [K in TensorDtype]: InstanceType<(typeof ARRAYS)[K]> }[D]

/** Bits an element of every type the format knows: what is only skipped must be checked too. */
const BITS: Readonly<Record<string, number>> = {
  ...{ BOOL: 8, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F4: 4, F6_E2M3: 6, F6_E3M2: 6 },
  ...{ I16: 16, U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, F64: 64, I64: 64, U64: 64, C64: 64 },
}
const MAX_HEADER = 100_000_000
/** Bytes of a sealed file that are read at a time. */
const SLICE = 1 << 20

/** One tensor: `data` has the product of `shape` elements, row-major; `[]` is a scalar. */
export type Tensor = {
  [D in TensorDtype]: { readonly name: string; readonly dtype: D; readonly shape: readonly number[]; readonly data: TensorData<D> }
}[TensorDtype]

/** What the header says of a tensor: bytes `begin` to `end` of the file. */
export interface TensorEntry {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>
  /** in the order of the data */
  readonly entries: readonly TensorEntry[]
}

/**
 * Writes tensors and metadata, atomically and byte for byte as the reference does: widest types first, then by name. The arrays
 * are not copied. @throws Error on a duplicate name or a shape that does not fit
 * @param seal gives the metadata a `sha256` over all other bytes of the file, which {@link isSealed} compares; it costs one pass over them
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly Tensor[],
  metadata: Readonly<Record<string, string>> = {},
  { seal = false }: { readonly seal?: boolean } = {},
): Promise<void> {
  const widest = Object.keys(ARRAYS)
  const ordered = [...tensors].sort(
    (a, b) => widest.indexOf(a.dtype) - widest.indexOf(b.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  )
  const header = Object.create(null) as Record<string, unknown>
  if (Object.keys(metadata).length > 0 || seal) header['__metadata__'] = { ...metadata, ...(seal && { sha256: UNSEALED }) }
  let end = 0
  for (const { name, dtype, shape, data } of ordered) {
    if (name in header || name === '__metadata__') throw new Error(`${path}: two tensors are named "${name}", or the name is reserved`)
    if (!(data instanceof ARRAYS[dtype]) || data.length !== product(shape)) {
      throw new Error(
        `${path}: tensor "${name}" is ${data.constructor.name}(${data.length}) but says ${dtype} of shape [${shape.join(', ')}]`,
      )
    }
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] }
    end += data.byteLength
  }
  const json = Buffer.from(JSON.stringify(header))
  const padding = (8 - (json.length % 8)) % 8
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(json.length + padding))
  const head = Buffer.concat([length, json, Buffer.alloc(padding, ' ')])
  if (seal) head.write(sealOf(head, ordered), head.indexOf(sealText(UNSEALED)) + SEAL_PREFIX.length)
  await withAtomic(path, async (file) => {
    await file.write(head)
    for (const tensor of ordered) await file.write(tensor.data)
  })
}

/** What stands in the place of a seal while the seal is computed. */
const UNSEALED = '0'.repeat(64)
const SEAL_PREFIX = '"sha256":"'
const sealText = (sha256: string): string => `${SEAL_PREFIX}${sha256}"`

function sealOf(head: Uint8Array, tensors: readonly Tensor[]): string {
  const hash = createHash('sha256').update(head)
  for (const { data } of tensors) hash.update(bytesOf(data))
  return hash.digest('hex')
}

/**
 * Whether a file has the bytes it was sealed with; null where it has no seal. Read in slices.
 * @throws PylonError not-found; bad-data where it is no safetensors file or shorter than it says
 */
export async function isSealed(path: string): Promise<boolean | null> {
  return withFile(path, async (handle, size) => {
    const { metadata, start } = await parse(path, handle, size)
    const sha256 = metadata['sha256']
    if (sha256 === undefined) return null
    const head = Buffer.alloc(start)
    await readFully(handle, head, 0)
    const at = head.indexOf(sealText(sha256))
    if (at < 0 || sha256.length !== UNSEALED.length) return false
    head.write(UNSEALED, at + SEAL_PREFIX.length)
    const hash = createHash('sha256').update(head)
    const buffer = Buffer.allocUnsafe(Math.min(SLICE, size - start))
    for (let done = start; done < size; done += buffer.length) {
      const slice = buffer.subarray(0, Math.min(buffer.length, size - done))
      if (!(await readFully(handle, slice, done))) return false
      hash.update(slice)
    }
    return hash.digest('hex') === sha256
  })
}

/**
 * Reads the tensors of these names, or all.
 * @throws PylonError not-found for the file or a name that is not in it; bad-data for a truncated, foreign or inconsistent file
 */
export async function readSafetensors(
  path: string,
  names?: readonly string[],
): Promise<{ metadata: Readonly<Record<string, string>>; tensors: Map<string, Tensor> }> {
  return withFile(path, async (handle, size) => {
    const { metadata, entries } = await parse(path, handle, size)
    const byName = new Map(entries.map((entry) => [entry.name, entry]))
    const tensors = new Map<string, Tensor>()
    for (const name of names ?? byName.keys()) {
      const entry = byName.get(name)
      if (entry === undefined) throw notFound(`There is no tensor "${name}"; there are ${[...byName.keys()].join(', ') || 'none'}.`, path)
      tensors.set(name, await readTensor(path, handle, entry))
    }
    return { metadata, tensors }
  })
}

/** Reads and checks only the header: names, types, shapes and places. Errors as {@link readSafetensors}. */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsHeader> {
  return withFile(path, (handle, size) => parse(path, handle, size))
}

async function readTensor(path: string, handle: FileHandle, entry: TensorEntry): Promise<Tensor> {
  const { name, dtype, shape } = entry
  if (!isReadable(dtype))
    throw bad(path, `Tensor "${name}" has elements of type ${dtype}; one of ${Object.keys(ARRAYS).join(', ')} is needed.`)
  const data = new ARRAYS[dtype](product(shape))
  if (!(await readFully(handle, bytesOf(data), entry.begin))) throw bad(path, 'The file ended while it was read.')
  return { name, dtype, shape, data } as Tensor
}

function isReadable(dtype: string): dtype is TensorDtype {
  return Object.hasOwn(ARRAYS, dtype)
}

async function parse(path: string, handle: FileHandle, size: number): Promise<SafetensorsHeader & { start: number }> {
  const head = Buffer.alloc(8)
  if (size < 8 || !(await readFully(handle, head, 0))) throw bad(path, 'This is not a safetensors file: it is shorter than a header.')
  const length = head.readBigUInt64LE()
  if (length > MAX_HEADER) throw bad(path, 'This is not a safetensors file: its header would be larger than 100 MB.')
  const start = 8 + Number(length)
  if (start > size) throw bad(path, 'The file ends within its header: it is truncated, or not a safetensors file.')
  const text = Buffer.alloc(Number(length))
  await readFully(handle, text, 8)
  const header = parseJson(path, text)
  const metadata = checkMetadata(path, header['__metadata__'])
  const entries = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => checkEntry(path, name, value, start))
    .sort((a, b) => a.begin - b.begin || a.end - b.end)
  checkLayout(path, entries, start, size)
  return { metadata, entries, start }
}

function parseJson(path: string, bytes: Buffer): Record<string, unknown> {
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch (cause) {
    throw badData('This is not a safetensors file: its header is not JSON.', path, { cause })
  }
  if (!isPlain(header)) throw bad(path, 'This is not a safetensors file: its header is not a JSON object.')
  const twice = repeatedKey(text)
  if (twice !== null) throw bad(path, `The header names "${twice}" twice.`)
  return header
}

/** The first key that occurs twice at the top level of a JSON object that is known to parse; JSON.parse keeps the last silently. */
function repeatedKey(text: string): string | null {
  const seen = new Set<string>()
  let depth = 0
  let key = true
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && token === ',') key = true
    else if (depth === 1 && token === ':') key = false
    else if (depth === 1 && key) {
      const name = JSON.parse(token) as string
      if (seen.has(name)) return name
      seen.add(name)
    }
  }
  return null
}

function checkMetadata(path: string, value: unknown): Record<string, string> {
  if (value === undefined) return {}
  if (!isPlain(value) || !Object.values(value).every((v) => typeof v === 'string')) throw bad(path, '__metadata__ must map text to text.')
  return value as Record<string, string>
}

function checkEntry(path: string, name: string, value: unknown, start: number): TensorEntry {
  const { dtype, shape, data_offsets: offsets } = isPlain(value) ? value : {}
  const bits = typeof dtype === 'string' && Object.hasOwn(BITS, dtype) ? BITS[dtype] : undefined
  if (typeof dtype !== 'string' || bits === undefined) throw bad(path, `Tensor "${name}": ${JSON.stringify(dtype)} is not an element type.`)
  if (!isCounts(shape)) throw bad(path, `Tensor "${name}": its shape is not a list of whole numbers.`)
  if (!isCounts(offsets) || offsets.length !== 2) throw bad(path, `Tensor "${name}": data_offsets must be two whole numbers.`)
  const [begin, end] = offsets as [number, number]
  if ((end - begin) * 8 !== product(shape) * bits) {
    throw bad(
      path,
      `Tensor "${name}": ${dtype} of shape [${shape.join(', ')}] takes ${(product(shape) * bits) / 8} bytes, but its offsets span ${end - begin}.`,
    )
  }
  return { name, dtype, shape, begin: start + begin, end: start + end }
}

/** Tensors must follow each other without overlap or hole, and fill the file. */
function checkLayout(path: string, entries: readonly TensorEntry[], start: number, size: number): void {
  let at = start
  for (const { name, begin, end } of entries) {
    if (end > size) throw bad(path, `Tensor "${name}" ends at byte ${end}, but the file has ${size}: it is truncated.`)
    if (begin !== at) throw bad(path, `Tensor "${name}" ${begin < at ? 'overlaps the one before it' : 'leaves a hole before it'}.`)
    at = end
  }
  if (at !== size) throw bad(path, `${size - at} bytes follow the last tensor; the file is not what its header says.`)
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0)
}

function product(shape: readonly number[]): number {
  return shape.reduce((all, n) => all * n, 1)
}

function bad(path: string, message: string): PylonError {
  return badData(message, path)
}
