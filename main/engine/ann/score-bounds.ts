/**
 * Upper bounds of inner products, a quarter of the reading and a fraction of the arithmetic: rows as whole numbers of six bits with a factor
 * each, compared with a query in one pass, so that an exact search has to score only those rows whose bound is above the worst of the best.
 * Nothing is approximate about what comes out: a row r = aR + e, a query q = bQ + f, so r·q ≤ ab R·Q + |aR| |f| + |e| |q|.
 */
import { advance, assembled, F32, I32, memoryOf, op, started, V128, type WasmFunction } from '../compute/wasm-assembler.ts'
import { ScoreBlock } from './score-block.ts'

/** Rows of a step, and numbers of a step. */
const [ROWS, NUMBERS] = [16, 16]
/**
 * The largest whole number of a row and of a query: sums of 16 products stay below 2¹⁵. Rows are kept with an offset, as the instruction
 * multiplies signed bytes with others that are not below 0.
 */
const [LARGEST, OFFSET] = [31, 32]
const [MOST_BYTES, WIDEST] = [2 ** 29, 4096]
/** Lengths between which float32 holds products and factors as exactly as is reckoned with here. */
const [SHORTEST_FACTOR, LONGEST] = [1e-30, 1e15]
/** What roundings of float32 may take away, of the largest number on the way. */
const SLACK = 2 ** -20

interface Kernel {
  /** addresses of rows, of the query's first and past its last number, of what is of rows and of what comes out; steps; b, less the offset, |f|, |q| */
  bounds(
    at: number,
    query: number,
    end: number,
    ofRows: number,
    out: number,
    steps: number,
    b: number,
    less: number,
    error: number,
    length: number,
  ): void
}

export class ScoreBounds {
  readonly #dim: number
  /** dim, up to whole steps */
  readonly #width: number
  readonly #kernel: Kernel
  /** [capacity × width], pairs of numbers of 16 rows side by side */
  readonly #bytes: Uint8Array
  /** a, |aR| and |e|, 16 rows of each side by side */
  readonly #ofRows: Float32Array
  readonly #query: Int8Array
  readonly #block: ScoreBlock
  #isUsable = true

  /** Rows are not set. @param dim such that {@link fits} */
  constructor(capacity: number, dim: number) {
    const rows = Math.ceil(capacity / ROWS) * ROWS
    ;[this.#dim, this.#width] = [dim, Math.ceil(dim / NUMBERS) * NUMBERS]
    const [query, four] = [WIDEST, 4 * rows]
    const memory = memoryOf(query + 4 * four + rows * this.#width)
    this.#query = new Int8Array(memory.buffer, 0, this.#width)
    this.#ofRows = new Float32Array(memory.buffer, query, 3 * rows)
    this.#block = new ScoreBlock(rows, memory, query + 3 * four)
    this.#bytes = new Uint8Array(memory.buffer, query + 4 * four, rows * this.#width)
    this.#kernel = started(compiled(), memory) as Kernel
  }

  static fits(capacity: number, dim: number): boolean {
    return capacity > 0 && dim > 0 && dim <= WIDEST && capacity * dim <= MOST_BYTES
  }

  get bytes(): number {
    return this.#bytes.byteLength + this.#ofRows.byteLength + this.#block.scores.byteLength
  }

  /** Takes a row over. */
  set(row: number, vector: Float32Array): void {
    let largest = 0
    for (let j = 0; j < this.#dim; j++) largest = Math.max(largest, Math.abs(vector[j]!))
    if (!(largest < LONGEST)) this.#isUsable = false
    const factor = Math.fround(Math.max(SHORTEST_FACTOR, largest / LARGEST))
    const step = Math.floor(row / ROWS)
    const at = step * ROWS * this.#width + (row % ROWS) * 2
    let [square, error] = [0, 0]
    for (let j = 0; j < this.#dim; j++) {
      const whole = Math.max(-LARGEST, Math.min(LARGEST, Math.round(vector[j]! / factor)))
      this.#bytes[at + (j >> 1) * 2 * ROWS + (j & 1)] = whole + OFFSET
      square += (factor * whole) ** 2
      error += (vector[j]! - factor * whole) ** 2
    }
    for (const [i, value] of [factor, Math.sqrt(square), Math.sqrt(error)].entries())
      this.#ofRows[(3 * step + i) * ROWS + (row % ROWS)] = i === 0 ? value : value * (1 + SLACK)
  }

  /**
   * Bounds of the first `count` rows' products with a query: a block that the next call overwrites. None is smaller than the product as
   * float32; null where numbers are too large to say so.
   */
  of(query: Float32Array, count: number): ScoreBlock | null {
    let [largest, square] = [0, 0]
    for (const value of query) {
      largest = Math.max(largest, Math.abs(value))
      square += value * value
    }
    if (!this.#isUsable || !(largest < LONGEST)) return null
    const b = Math.fround(Math.max(SHORTEST_FACTOR, largest / LARGEST))
    let [error, sum] = [0, 0]
    for (let j = 0; j < this.#dim; j++) {
      const whole = Math.max(-LARGEST, Math.min(LARGEST, Math.round(query[j]! / b)))
      this.#query[j] = whole
      error += (query[j]! - b * whole) ** 2
      sum += whole
    }
    // what roundings may take away of a row's sum, which has the offset in it, is added as though the query were that much longer
    const [length, lost] = [Math.sqrt(square) * (1 + SLACK), SLACK * this.#dim * b * LARGEST]
    const at = this.#query.byteOffset
    const [ofRows, out, steps] = [this.#ofRows.byteOffset, this.#block.scores.byteOffset, Math.ceil(count / ROWS)]
    if (steps > 0)
      this.#kernel.bounds(
        this.#bytes.byteOffset,
        at,
        at + this.#width,
        ofRows,
        out,
        steps,
        b,
        -b * OFFSET * sum,
        Math.sqrt(error) + lost,
        length,
      )
    return this.#block
  }
}

const [AT, QUERY, END, OF_ROWS, OUT, STEPS, B, LESS, ERROR, LENGTH] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
const [NUMBER, PAIR, FIRST_OF_FOUR, FIRST_HALF] = [10, 11, 12, 16]
/** Sums of eight rows each as 16 bits, and of four rows each as 32 bits. */
const HALVES = [0, 1].map((i) => FIRST_HALF + i)
const SUMS = [0, 1, 2, 3].map((i) => FIRST_HALF + 2 + i)
/** A pair of numbers of 16 rows, multiplied and, but for the first of a step, added. */
const onePair = (pair: number): number[] => [
  ...op.get(NUMBER),
  ...op.v128Load16Splat(2 * pair),
  ...op.set(PAIR),
  ...HALVES.flatMap((half, i) => [
    ...op.get(PAIR),
    ...op.get(AT),
    ...op.v128Load(2 * ROWS * pair + 16 * i),
    ...op.i16x8DotBytes,
    ...(pair === 0 ? [] : [...op.get(half), ...op.i16x8Add]),
    ...op.set(half),
  ]),
]
const widened = [op.i32x4FromLowI16x8, op.i32x4FromHighI16x8]
/** The last four parameters, four times each. */
const FOURS = [B, LESS, ERROR, LENGTH].map((of, i) => [of, FIRST_OF_FOUR + i] as const)
const [BS, LESSES, ERRORS, LENGTHS] = FOURS.map(([, four]) => four) as [number, number, number, number]
/** What a row has of the three, multiplied. */
const ofRows = (kind: number, i: number, by: readonly number[]): number[] => [
  ...by,
  ...op.get(OF_ROWS),
  ...op.v128Load(4 * ROWS * kind + 16 * i),
  ...op.f32x4Multiply,
]
const bounds: WasmFunction = {
  locals: [2, 1, I32, 11, V128],
  body: [
    ...FOURS.flatMap(([of, four]) => [...op.get(of), ...op.f32x4Splat, ...op.set(four)]),
    ...op.block,
    ...op.loop,
    ...op.get(STEPS),
    ...op.i32EqualsZero,
    ...op.brIf(1),
    ...op.get(QUERY),
    ...op.set(NUMBER),
    ...SUMS.flatMap((sum) => [...op.v128Zero, ...op.set(sum)]),
    ...op.loop,
    ...Array.from({ length: NUMBERS / 2 }, (_, pair) => onePair(pair)).flat(),
    ...SUMS.flatMap((sum, i) => [...op.get(sum), ...op.get(HALVES[i >> 1]!), ...widened[i & 1]!, ...op.i32x4Add, ...op.set(sum)]),
    ...advance(AT, op.i32(ROWS * NUMBERS)),
    ...advance(NUMBER, op.i32(NUMBERS)),
    ...op.get(NUMBER),
    ...op.get(END),
    ...op.i32LessUnsigned,
    ...op.brIf(0),
    ...op.end,
    ...SUMS.flatMap((sum, i) => [
      ...op.get(OUT),
      ...ofRows(0, i, [...op.get(sum), ...op.f32x4FromI32x4, ...op.get(BS), ...op.f32x4Multiply, ...op.get(LESSES), ...op.f32x4Add]),
      ...ofRows(1, i, op.get(ERRORS)),
      ...op.f32x4Add,
      ...ofRows(2, i, op.get(LENGTHS)),
      ...op.f32x4Add,
      ...op.v128Store(16 * i),
    ]),
    ...advance(OUT, op.i32(4 * ROWS)),
    ...advance(OF_ROWS, op.i32(3 * 4 * ROWS)),
    ...advance(STEPS, op.i32(-1)),
    ...op.br(0),
    ...op.end,
    ...op.end,
  ],
}

let compiledOnce: object | null = null
const compiled = (): object =>
  (compiledOnce ??= assembled({ parameters: [I32, I32, I32, I32, I32, I32, F32, F32, F32, F32], results: [] }, { bounds }))
