/**
 * Rows in WebAssembly memory, multiplied with one query: two products an instruction, in float64, so that scores are what a plain loop gives (to
 * the last bits of a float64, whose order of adding differs). 12 ns a row of width 64 where a loop takes 60.
 */
import { advance, assembled, I32, memoryOf, op, started, V128, type WasmFunction } from '../compute/wasm-assembler.ts'

/** Bytes of rows that are worth a copy. */
const MOST_BYTES = 64 * 1024 * 1024

interface Kernel {
  /** addresses of the first row, of the query and of what comes out; how many rows, of how many bytes each */
  dots(at: number, query: number, out: number, count: number, bytes: number): void
}

export class DotRows {
  /** [capacity × dim] */
  readonly rows: Float32Array<ArrayBuffer>
  readonly #kernel: Kernel
  readonly #query: Float64Array
  readonly #out: Float32Array

  /** @param dim one that {@link fits} */
  constructor(capacity: number, dim: number) {
    const [query, out] = [8 * dim, 4 * capacity]
    const memory = memoryOf(query + out + 4 * capacity * dim)
    this.#query = new Float64Array(memory.buffer, 0, dim)
    this.#out = new Float32Array(memory.buffer, query, capacity)
    this.rows = new Float32Array(memory.buffer, query + out, capacity * dim)
    this.#kernel = started(compiled(), memory) as Kernel
  }

  /** Whether so many rows of a width are multiplied here: four numbers a step, and no large copies. */
  static fits(capacity: number, dim: number): boolean {
    return capacity > 0 && dim > 0 && dim % 4 === 0 && 4 * capacity * dim <= MOST_BYTES
  }

  /** Inner products of the first `count` rows with a query: a view, which the next call overwrites. */
  products(query: Float32Array, count: number): Float32Array {
    this.#query.set(query)
    if (count > 0) this.#kernel.dots(this.rows.byteOffset, 0, this.#out.byteOffset, count, 4 * query.length)
    return this.#out.subarray(0, count)
  }

  /** The same of some rows: the very numbers. */
  productsOf(query: Float32Array, rows: ArrayLike<number>): Float32Array {
    this.#query.set(query)
    const bytes = 4 * query.length
    for (let i = 0; i < rows.length; i++)
      this.#kernel.dots(this.rows.byteOffset + rows[i]! * bytes, 0, this.#out.byteOffset + 4 * i, 1, bytes)
    return this.#out.subarray(0, rows.length)
  }
}

const [AT, QUERY, OUT, COUNT, BYTES, END, NUMBER, EVEN, ODD] = [0, 1, 2, 3, 4, 5, 6, 7, 8]
/** Two products more in one of both sums; `offset` in bytes of the row, whose numbers are half as wide as the query's. */
const twoProducts = (offset: number, sum: number): number[] => [
  ...op.get(sum),
  ...op.get(AT),
  ...op.v128LoadHalf(offset),
  ...op.f64x2FromLowF32x4,
  ...op.get(NUMBER),
  ...op.v128Load(2 * offset),
  ...op.f64x2Multiply,
  ...op.f64x2Add,
  ...op.set(sum),
]
const dots: WasmFunction = {
  locals: [2, 2, I32, 2, V128],
  body: [
    ...op.block,
    ...op.loop,
    ...op.get(COUNT),
    ...op.i32EqualsZero,
    ...op.brIf(1),
    ...op.get(AT),
    ...op.get(BYTES),
    ...op.i32Add,
    ...op.set(END),
    ...op.get(QUERY),
    ...op.set(NUMBER),
    ...[EVEN, ODD].flatMap((sum) => [...op.v128Zero, ...op.set(sum)]),
    ...op.loop,
    ...twoProducts(0, EVEN),
    ...twoProducts(8, ODD),
    ...advance(AT, op.i32(16)),
    ...advance(NUMBER, op.i32(32)),
    ...op.get(AT),
    ...op.get(END),
    ...op.i32LessUnsigned,
    ...op.brIf(0),
    ...op.end,
    ...op.get(OUT),
    ...op.get(EVEN),
    ...op.get(ODD),
    ...op.f64x2Add,
    ...op.set(EVEN),
    ...[0, 1].flatMap((lane) => [...op.get(EVEN), ...op.f64x2Lane(lane)]),
    ...op.f64Add,
    ...op.f32FromF64,
    ...op.f32Store,
    ...advance(OUT, op.i32(4)),
    ...advance(COUNT, op.i32(-1)),
    ...op.br(0),
    ...op.end,
    ...op.end,
  ],
}

let compiledOnce: object | null = null
const compiled = (): object => (compiledOnce ??= assembled({ parameters: [I32, I32, I32, I32, I32], results: [] }, { dots }))
