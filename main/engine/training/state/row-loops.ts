/**
 * The loops over rows of a training state's memory (`number-memory.ts`) in WebAssembly, one line an instruction: means of bags,
 * their gradients spread over rows, Adam. Rows are a multiple of four numbers wide; all places are addresses of the memory in bytes.
 */
import { advance, assembled, F32, I32, op, started, V128, type WasmFunction, type WasmMemory } from '../../compute/wasm-assembler.ts'

interface BagLoops {
  /** out[r] = mean of values[indices[offsets[r] .. offsets[r + 1])] for `count` rows of `bytes` each; of none it is 0 */
  means(values: number, bytes: number, indices: number, offsets: number, count: number, block: number): void
  /** sums[indices[j]] += block[r] / (offsets[r + 1] − offsets[r]) for j in [offsets[r], offsets[r + 1]) */
  spread(sums: number, bytes: number, indices: number, offsets: number, count: number, block: number): void
}
interface AdamLoop {
  /** values, m, v, gradient, rows: addresses; count of rows, of `bytes` each; β₁, 1 − β₁, β₂, 1 − β₂, rate, ε, what decay leaves */
  adam(...parameters: readonly number[]): void
}
export type RowLoops = BagLoops & AdamLoop

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

/** The loops over a memory; they are assembled once a process. */
export function rowLoops(memory: WasmMemory): RowLoops {
  compiled ??= compile()
  return { ...(started(compiled.bags, memory) as BagLoops), ...(started(compiled.adam, memory) as AdamLoop) }
}
