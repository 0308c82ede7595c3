/**
 * WebAssembly by its bytes, one line an instruction: for the few loops over numbers that JavaScript has no vector instructions for. A module is
 * assembled when it is first wanted.
 */

/** What is used of the global that TypeScript knows only in browsers. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => WasmMemory
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown }
}
export interface WasmMemory {
  readonly buffer: ArrayBuffer
}

/** Its locals as they are encoded (groups of a count and a type), and its instructions without the last `end`. */
export interface WasmFunction {
  readonly locals: readonly number[]
  readonly body: readonly number[]
}

/** Types and opcodes of the instructions used (WebAssembly core specification 2.0, chapter 5). */
export const [I32, F32, V128] = [0x7f, 0x7d, 0x7b]
const [VOID, SIMD] = [0x40, 0xfd]
export const op = {
  block: [0x02, VOID],
  loop: [0x03, VOID],
  end: [0x0b],
  br: (depth: number) => [0x0c, depth],
  brIf: (depth: number) => [0x0d, depth],
  get: (local: number) => [0x20, local],
  set: (local: number) => [0x21, local],
  i32: (value: number) => [0x41, ...signed(value)],
  i32GreaterUnsigned: [0x4b],
  i32GreaterEqualUnsigned: [0x4f],
  i32EqualsZero: [0x45],
  i32Add: [0x6a],
  i32Subtract: [0x6b],
  i32Multiply: [0x6c],
  i32ShiftLeft: [0x74],
  i32ShiftRight: [0x76],
  i32Load: (offset: number) => [0x28, 2, ...unsigned(offset)],
  i32LessUnsigned: [0x49],
  f32Store: [0x38, 2, 0],
  f32FromI32: [0xb2],
  f32FromF64: [0xb6],
  f64Add: [0xa0],
  /** alignment 2² bytes, no offset */
  f32Load: [0x2a, 2, 0],
  f32Greater: [0x5e],
  f32LessEqual: [0x5f],
  f32GreaterEqual: [0x60],
  v128Load: (offset: number) => [SIMD, 0x00, 2, ...unsigned(offset)],
  v128Store: (offset: number) => [SIMD, 0x0b, 2, ...unsigned(offset)],
  /** two bytes, eight times */
  v128Load16Splat: (offset: number) => [SIMD, 0x08, 1, ...unsigned(offset)],
  /** eight bytes into the lower half */
  v128LoadHalf: (offset: number) => [SIMD, 0x5d, 2, offset],
  v128Zero: [SIMD, 0x0c, ...Array.from({ length: 16 }, () => 0)],
  v128And: [SIMD, 0x4e],
  f64x2FromLowF32x4: [SIMD, 0x5f],
  f64x2Add: [SIMD, 0xf0, 0x01],
  f64x2Multiply: [SIMD, 0xf2, 0x01],
  f64x2Lane: (lane: number) => [SIMD, 0x21, lane],
  f32x4Splat: [SIMD, 0x13],
  f32x4Add: [SIMD, 0xe4, 0x01],
  f32x4SquareRoot: [SIMD, 0xe3, 0x01],
  f32x4Subtract: [SIMD, 0xe5, 0x01],
  f32x4Multiply: [SIMD, 0xe6, 0x01],
  f32x4Divide: [SIMD, 0xe7, 0x01],
  f32x4FromI32x4: [SIMD, 0xfa, 0x01],
  f32x4Greater: [SIMD, 0x44],
  f32x4LessEqual: [SIMD, 0x45],
  f32x4GreaterEqual: [SIMD, 0x46],
  i32x4AllTrue: [SIMD, 0xa3, 0x01],
  i32x4Add: [SIMD, 0xae, 0x01],
  i32x4FromLowI16x8: [SIMD, 0xa7, 0x01],
  i32x4FromHighI16x8: [SIMD, 0xa8, 0x01],
  i16x8Add: [SIMD, 0x8e, 0x01],
  /** products of sixteen bytes with as many from 0 to 127 (relaxed SIMD), the sums of two and two */
  i16x8DotBytes: [SIMD, 0x92, 0x02],
  i32x4Subtract: [SIMD, 0xb1, 0x01],
  i32x4Lane: (lane: number) => [SIMD, 0x1b, lane],
} as const

/** Adds to a local: an address that goes on, a count that falls. */
export const advance = (local: number, by: readonly number[]): number[] => [...op.get(local), ...by, ...op.i32Add, ...op.set(local)]

/** Memory of so many bytes, all 0. @throws RangeError where there is none (4 GB is the most) */
export const memoryOf = (bytes: number): WasmMemory => new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536) })

/** The functions of a module over a memory. */
export const started = (module: object, memory: WasmMemory): unknown => new WebAssembly.Instance(module, { js: { memory } }).exports

/** A module of functions of one type over an imported memory `js.memory`. */
export function assembled(
  { parameters, results }: { readonly parameters: readonly number[]; readonly results: readonly number[] },
  functions: Readonly<Record<string, WasmFunction>>,
): object {
  const list = Object.entries(functions)
  const text = (value: string): number[] => vector([...new TextEncoder().encode(value)].map((byte) => [byte]))
  const section = (id: number, content: readonly number[]): number[] => [id, ...unsigned(content.length), ...content]
  const types = (of: readonly number[]): number[] => vector(of.map((type) => [type]))
  const bytes = [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector([[0x60, ...types(parameters), ...types(results)]])),
    ...section(2, vector([[...text('js'), ...text('memory'), 0x02, 0x00, 0]])),
    ...section(3, vector(list.map(() => [0]))),
    ...section(7, vector(list.map(([name], i) => [...text(name), 0x00, i]))),
    ...section(
      10,
      vector(
        list.map(([, { locals, body }]) => {
          const code = [...locals, ...body, ...op.end]
          return [...unsigned(code.length), ...code]
        }),
      ),
    ),
  ]
  return new WebAssembly.Module(Uint8Array.from(bytes))
}

const vector = (parts: readonly (readonly number[])[]): number[] => [...unsigned(parts.length), ...parts.flat()]

/** LEB128 */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)]
}

function signed(value: number): number[] {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)]
}
