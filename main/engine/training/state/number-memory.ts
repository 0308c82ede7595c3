/**
 * Memory of a training state's numbers that WebAssembly reaches, beside the three loops over rows that take most of a step outside the graph:
 * the means of bags, their gradients spread over rows, and Adam. Four numbers an instruction, in float32 throughout: two to five times as
 * fast as plain loops (`npm run bench -- rows`). What has no room here, or is no multiple of four wide, lies in memory of its own
 * and is looped over in JavaScript.
 */
import type { BagRows } from '../../features/inputs.ts'
import { memoryOf } from '../../compute/wasm-assembler.ts'
import { type RowLoops, rowLoops } from './row-loops.ts'

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

export class NumberMemory {
  readonly #loops: RowLoops
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
    this.#loops = rowLoops(memory)
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
      this.#loops.means(values.byteOffset, 4 * dim, this.#indices.byteOffset, this.#offsets.byteOffset, count, this.#block.byteOffset)
      out.set(this.#block.subarray(0, count * dim), row * dim)
    })
  }

  /** sums[index] += gradient[r·dim ..] / its bag's length, for each index of a bag. @returns as {@link means} */
  spread(sums: Float32Array, dim: number, bags: BagRows, from: number, gradient: Float32Array): number {
    return this.#chunks(bags, dim, from, (row, count) => {
      this.#block.set(gradient.subarray(row * dim, (row + count) * dim))
      this.#loops.spread(sums.byteOffset, 4 * dim, this.#indices.byteOffset, this.#offsets.byteOffset, count, this.#block.byteOffset)
    })
  }

  /** A step of Adam for what lies here, values, slots and gradient. */
  adam({ values, slots: [m, v], rows, width, gradient }: GradientRows, { beta1, beta2, rate, epsilon, keep }: AdamStep): void {
    // without slots it is not trained, and no row of it has a gradient
    if (m === undefined || v === undefined) return
    const numbers = [beta1, 1 - beta1, beta2, 1 - beta2, rate, epsilon, keep] as const
    const places = [values.byteOffset, m.byteOffset, v.byteOffset] as const
    const count = rows?.length ?? 1
    for (let from = 0; from < count; from += INDICES) {
      const some = Math.min(INDICES, count - from)
      if (rows === null) this.#indices[0] = 0
      else this.#indices.set(rows.subarray(from, from + some))
      const of = gradient.byteOffset + 4 * from * width
      this.#loops.adam(...places, of, this.#indices.byteOffset, some, 4 * width, ...numbers)
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
