/**
 * Memory of a training state's numbers that WebAssembly reaches, beside the three loops over rows that take most of a step outside the graph:
 * the means of bags, their gradients spread over rows, and Adam. Four numbers an instruction, in float32 throughout: the means take a third to a
 * fifth of the time of plain loops (`npm run bench -- rows`). What has no room here, or is no multiple of four wide, lies in memory of its own
 * and is looped over in JavaScript.
 */
import type { BagRows } from '../../features/inputs.ts'
import { advance, assembled, F32, I32, memoryOf, op, started, V128, type WasmFunction } from '../../compute/wasm-assembler.ts'

/** An optimizer's arrays, each as long as the values; which there are depends on its kind. */
export type Slots = readonly Float32Array[]

/** What a step has found for something trained, and what it is applied to. */
export interface GradientRows {
  readonly values: Float32Array
  readonly slots: Slots
  /** rows of a table that occurred, in order of first occurrence; null: of a dense weight, all of it */
  readonly rows: Int32Array | null
  /** numbers of a row; of a dense weight all it has */
  readonly width: number
  /** [rows × width] */
  readonly gradient: Float32Array
}

/** What a step of Adam multiplies with, the same for all rows of the step. */
export interface AdamStep {
  readonly beta1: number
  readonly beta2: number
  /** the learning rate, corrected for moments that began at 0 */
  readonly rate: number
  /** added to the root of the second moment, corrected likewise */
  readonly epsilon: number
  /** share of a value that its decay leaves */
  readonly keep: number
}

/** Of one call: indices, rows and numbers that are copied in at once, so that they stay in a processor's cache. */
const [INDICES, ROWS, BLOCK] = [65_536, 4096, 32_768]
/** Numbers of a state at most: 3 GB, of 4 that a memory can have. */
const MOST = 750_000_000

interface Kernels {
  /** out[r] = mean of values[indices[offsets[r] .. offsets[r + 1])] for `count` rows of `bytes` each; of none it is 0 */
  means(values: number, bytes: number, indices: number, offsets: number, count: number, block: number): void
  /** sums[indices[j]] += block[r] / (offsets[r + 1] − offsets[r]) for j in [offsets[r], offsets[r + 1]) */
  spread(sums: number, bytes: number, indices: number, offsets: number, count: number, block: number): void
}
interface AdamKernel {
  /** values, m, v, gradient, rows: addresses; count of rows, of `bytes` each; β₁, 1 − β₁, β₂, 1 − β₂, rate, ε, what decay leaves */
  adam(...parameters: readonly number[]): void
}

export class NumberMemory {
  readonly #kernels: Kernels
  readonly #adam: AdamKernel
  readonly #buffer: ArrayBuffer
  readonly #indices: Int32Array
  readonly #offsets: Int32Array
  readonly #block: Float32Array
  /** bytes that are taken */
  #end: number

  private constructor(numbers: number) {
    const scratch = 4 * (INDICES + ROWS + 4 + BLOCK)
    const memory = memoryOf(scratch + 4 * numbers)
    this.#buffer = memory.buffer
    this.#indices = new Int32Array(this.#buffer, 0, INDICES)
    this.#offsets = new Int32Array(this.#buffer, 4 * INDICES, ROWS + 1)
    this.#block = new Float32Array(this.#buffer, 4 * (INDICES + ROWS + 4), BLOCK)
    this.#end = scratch
    compiled ??= compile()
    this.#kernels = started(compiled.bags, memory) as Kernels
    this.#adam = started(compiled.adam, memory) as AdamKernel
  }

  /** Memory for arrays of these lengths, of widths that {@link fits}; null where they are too large for one, or none is had. */
  static for(lengths: readonly number[]): NumberMemory | null {
    const numbers = lengths.reduce((sum, length) => sum + length, 0)
    if (numbers > MOST) return null
    try {
      return new NumberMemory(numbers)
    } catch (error) {
      // a process whose address space is limited
      if (error instanceof RangeError) return null
      throw error
    }
  }

  /** Whether rows of a width are looped over here. */
  static fits(width: number): boolean {
    return width > 0 && width % 4 === 0
  }

  /** The next numbers, all 0. @throws RangeError beyond what the memory was made for */
  take(length: number): Float32Array {
    const taken = new Float32Array(this.#buffer, this.#end, length)
    this.#end += taken.byteLength
    return taken
  }

  /** out[r·dim ..] = the mean of a bag's rows of `values`; of an empty bag 0. @returns the first row whose bag is too large; count: none */
  means(values: Float32Array, dim: number, bags: BagRows, from: number, out: Float32Array): number {
    return this.#chunks(bags, dim, from, (row, count) => {
      this.#kernels.means(values.byteOffset, 4 * dim, this.#indices.byteOffset, this.#offsets.byteOffset, count, this.#block.byteOffset)
      out.set(this.#block.subarray(0, count * dim), row * dim)
    })
  }

  /** sums[index] += gradient[r·dim ..] / its bag's length, for each index of a bag. @returns as {@link means} */
  spread(sums: Float32Array, dim: number, bags: BagRows, from: number, gradient: Float32Array): number {
    return this.#chunks(bags, dim, from, (row, count) => {
      this.#block.set(gradient.subarray(row * dim, (row + count) * dim))
      this.#kernels.spread(sums.byteOffset, 4 * dim, this.#indices.byteOffset, this.#offsets.byteOffset, count, this.#block.byteOffset)
    })
  }

  /** A step of Adam for what lies here, values, slots and gradient. */
  adam({ values, slots: [m, v], rows, width, gradient }: GradientRows, { beta1, beta2, rate, epsilon, keep }: AdamStep): void {
    const numbers = [beta1, 1 - beta1, beta2, 1 - beta2, rate, epsilon, keep] as const
    // without slots it is not trained, and no row of it has a gradient
    if (m === undefined || v === undefined) return
    const places = [values.byteOffset, m.byteOffset, v.byteOffset] as const
    const count = rows?.length ?? 1
    for (let from = 0; from < count; from += INDICES) {
      const some = Math.min(INDICES, count - from)
      if (rows === null) this.#indices[0] = 0
      else this.#indices.set(rows.subarray(from, from + some))
      const of = gradient.byteOffset + 4 * from * width
      this.#adam.adam(...places, of, this.#indices.byteOffset, some, 4 * width, ...numbers)
    }
  }

  /** Bags from `from` on, as many at once as there is room for, their indices and offsets copied in. */
  #chunks({ offsets, indices, count }: BagRows, dim: number, from: number, run: (row: number, count: number) => void): number {
    const most = Math.min(ROWS, Math.floor(BLOCK / dim))
    let row = from
    while (row < count) {
      const base = offsets[row]!
      let end = row
      while (end < count && end - row < most && offsets[end + 1]! - base <= INDICES) {
        this.#offsets[end - row] = offsets[end]! - base
        end++
      }
      if (end === row) return row
      this.#offsets[end - row] = offsets[end]! - base
      this.#indices.set(indices.subarray(base, offsets[end]))
      run(row, end - row)
      row = end
    }
    return row
  }
}

/** parameters of the loops over bags, and their locals */
const [ROW_TABLE, BYTES, INDEX_TABLE, OFFSETS, COUNT, OUT] = [0, 1, 2, 3, 4, 5]
const [AT, BAG, BAG_END, COLUMN, PLACE, LENGTH, SUM] = [6, 7, 8, 9, 10, 11, 12]
const WIDE = 8

const loopWhile = (condition: readonly number[], ...body: readonly (readonly number[])[]): number[] => [
  ...op.block,
  ...op.loop,
  ...condition,
  ...op.i32EqualsZero,
  ...op.brIf(1),
  ...body.flat(),
  ...op.br(0),
  ...op.end,
  ...op.end,
]
const isLess = (a: number, b: number): number[] => [...op.get(a), ...op.get(b), ...op.i32LessUnsigned]
const isPositive = (a: number): number[] => [...op.i32(0), ...op.get(a), ...op.i32LessUnsigned]
/** whether a column and so many bytes more are within the row */
const hasMore = (bytes: number): number[] => [
  ...op.get(BYTES),
  ...op.get(COLUMN),
  ...op.i32(bytes),
  ...op.i32Add,
  ...op.i32GreaterEqualUnsigned,
]
/** PLACE = base + the index at AT · BYTES + COLUMN */
const placeOf = (base: number): number[] => [
  ...op.get(base),
  ...op.get(AT),
  ...op.i32Load(0),
  ...op.get(BYTES),
  ...op.i32Multiply,
  ...op.i32Add,
  ...op.get(COLUMN),
  ...op.i32Add,
  ...op.set(PLACE),
]
/** the address of the row's column that goes in or comes out */
const ofRow = [...op.get(OUT), ...op.get(COLUMN), ...op.i32Add]
/** BAG, BAG_END and LENGTH (four times the number of indices, 1 for none) of the row */
const beginBag = [
  ...[0, 4].flatMap((offset) => [
    ...op.get(INDEX_TABLE),
    ...op.get(OFFSETS),
    ...op.i32Load(offset),
    ...op.i32(2),
    ...op.i32ShiftLeft,
    ...op.i32Add,
    ...op.set(offset === 0 ? BAG : BAG_END),
  ]),
  ...op.get(BAG_END),
  ...op.get(BAG),
  ...op.i32Subtract,
  ...op.i32(2),
  ...op.i32ShiftRight,
  ...op.set(PLACE),
  ...op.get(PLACE),
  ...op.get(PLACE),
  ...op.i32EqualsZero,
  ...op.i32Add,
  ...op.f32FromI32,
  ...op.f32x4Splat,
  ...op.set(LENGTH),
  ...op.i32(0),
  ...op.set(COLUMN),
]
const endBag = [...advance(OUT, op.get(BYTES)), ...advance(OFFSETS, op.i32(4)), ...advance(COUNT, op.i32(-1))]
const eachBag = (columns: (vectors: number) => number[]): number[] =>
  loopWhile(isPositive(COUNT), beginBag, loopWhile(hasMore(16 * WIDE), columns(WIDE)), loopWhile(hasMore(16), columns(1)), endBag)
const eachIndex = (...body: readonly (readonly number[])[]): number[] => [
  ...op.get(BAG),
  ...op.set(AT),
  ...loopWhile(isLess(AT, BAG_END), ...body, advance(AT, op.i32(4))),
]
const vectorsOf = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const BAG_LOCALS = [2, 5, I32, 1 + WIDE, V128]

const means: WasmFunction = {
  locals: BAG_LOCALS,
  body: eachBag((vectors) => [
    ...vectorsOf(vectors).flatMap((i) => [...op.v128Zero, ...op.set(SUM + i)]),
    ...eachIndex(
      placeOf(ROW_TABLE),
      vectorsOf(vectors).flatMap((i) => [...op.get(SUM + i), ...op.get(PLACE), ...op.v128Load(16 * i), ...op.f32x4Add, ...op.set(SUM + i)]),
    ),
    ...vectorsOf(vectors).flatMap((i) => [...ofRow, ...op.get(SUM + i), ...op.get(LENGTH), ...op.f32x4Divide, ...op.v128Store(16 * i)]),
    ...advance(COLUMN, op.i32(16 * vectors)),
  ]),
}
const spread: WasmFunction = {
  locals: BAG_LOCALS,
  body: eachBag((vectors) => [
    ...vectorsOf(vectors).flatMap((i) => [...ofRow, ...op.v128Load(16 * i), ...op.get(LENGTH), ...op.f32x4Divide, ...op.set(SUM + i)]),
    ...eachIndex(
      placeOf(ROW_TABLE),
      vectorsOf(vectors).flatMap((i) => [
        ...op.get(PLACE),
        ...op.get(PLACE),
        ...op.v128Load(16 * i),
        ...op.get(SUM + i),
        ...op.f32x4Add,
        ...op.v128Store(16 * i),
      ]),
    ),
    ...advance(COLUMN, op.i32(16 * vectors)),
  ]),
}

/** parameters of Adam: seven addresses and sizes, seven numbers; then locals */
const [VALUES, M, V, GRADIENT, ADAM_ROWS, ADAM_COUNT, WIDTH] = [0, 1, 2, 3, 4, 5, 6]
const [BETA1, REST1, BETA2, REST2, RATE, EPSILON, KEEP] = [7, 8, 9, 10, 11, 12, 13]
const [OFFSET, ROW_END, G] = [14, 15, 16]
const splat = (number: number): number[] => [...op.get(number), ...op.f32x4Splat]
const at = (base: number): number[] => [...op.get(base), ...op.get(OFFSET), ...op.i32Add]
/** moment = beta · moment + rest · what `term` leaves */
const moment = (slot: number, beta: number, rest: number, term: readonly number[]): number[] => [
  ...at(slot),
  ...at(slot),
  ...op.v128Load(0),
  ...splat(beta),
  ...op.f32x4Multiply,
  ...term,
  ...splat(rest),
  ...op.f32x4Multiply,
  ...op.f32x4Add,
  ...op.v128Store(0),
]
const adam: WasmFunction = {
  locals: [2, 2, I32, 1, V128],
  body: loopWhile(
    isPositive(ADAM_COUNT),
    // OFFSET in values and slots from here to ROW_END; the gradient lies row by row
    [...op.get(ADAM_ROWS), ...op.i32Load(0), ...op.get(WIDTH), ...op.i32Multiply, ...op.set(OFFSET)],
    [...op.get(OFFSET), ...op.get(WIDTH), ...op.i32Add, ...op.set(ROW_END)],
    loopWhile(
      isLess(OFFSET, ROW_END),
      [...op.get(GRADIENT), ...op.v128Load(0), ...op.set(G)],
      moment(M, BETA1, REST1, op.get(G)),
      moment(V, BETA2, REST2, [...op.get(G), ...op.get(G), ...op.f32x4Multiply]),
      at(VALUES),
      [...at(VALUES), ...op.v128Load(0), ...splat(KEEP), ...op.f32x4Multiply],
      [...at(M), ...op.v128Load(0), ...splat(RATE), ...op.f32x4Multiply],
      [...at(V), ...op.v128Load(0), ...op.f32x4SquareRoot, ...splat(EPSILON), ...op.f32x4Add],
      op.f32x4Divide,
      op.f32x4Subtract,
      op.v128Store(0),
      advance(GRADIENT, op.i32(16)),
      advance(OFFSET, op.i32(16)),
    ),
    advance(ADAM_ROWS, op.i32(4)),
    advance(ADAM_COUNT, op.i32(-1)),
  ),
}

let compiled: { readonly bags: object; readonly adam: object } | null = null
const compile = (): { readonly bags: object; readonly adam: object } => ({
  bags: assembled({ parameters: [I32, I32, I32, I32, I32, I32], results: [] }, { means, spread }),
  adam: assembled(
    { parameters: [...Array.from({ length: 7 }, () => I32), ...Array.from({ length: 7 }, () => F32)], results: [] },
    { adam },
  ),
})
