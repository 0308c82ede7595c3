/**
 * Many symmetric positive definite systems of one size at once, by blocked Cholesky (Golub & Van Loan, 4.2.9): the diagonal blocks are
 * factored in float64 here, everything else is batched products of matrices in float32. 64 systems of 192 unknowns take about 20 ms.
 */
import { invertLower, tryCholesky } from './cholesky.ts'
import type { Graph, Node, Value } from './graph.ts'
import { GraphSession, type SessionOptions } from './graph-session.ts'

/** Unknowns that are eliminated at a time. */
const BLOCK = 32

export interface BatchSolver {
  /**
   * Solves A·x = b for each system [A b; bᵀ ·], [count × (n + 1) × (n + 1)], of which the last row's left part is read as b.
   * @param solutions [count × n]
   * @returns the systems that float32 cannot tell from indefinite ones; their solutions mean nothing
   */
  solve(systems: Float32Array, count: number, solutions: Float64Array): Promise<number[]>
  dispose(): Promise<void>
}

/** One block of unknowns: `width` of them, with `rest` rows below them, the right-hand side the last. */
interface Step {
  readonly from: number
  readonly width: number
  readonly rest: number
  readonly session: GraphSession
}

export async function createBatchSolver(n: number, options: SessionOptions = {}): Promise<BatchSolver> {
  const steps: Step[] = []
  for (let from = 0; from < n; from += BLOCK) {
    const width = Math.min(BLOCK, n - from)
    const rest = n - from - width + 1
    steps.push({ from, width, rest, session: await GraphSession.create(elimination(width, rest), options) })
  }
  const block = new Float64Array(BLOCK * BLOCK)
  return {
    async solve(systems, count, solutions) {
      const failed = new Set<number>()
      const eliminated: { panel: Float32Array; inverse: Float32Array }[] = []
      let trailing = systems
      for (const { width, rest, session } of steps) {
        const inverse = new Float32Array(count * width * width)
        for (let s = 0; s < count; s++) {
          if (!invertBlock(trailing, s, width + rest, width, block, inverse)) failed.add(s)
        }
        const fetches = await session.run({ trailing, inverse }, { count })
        eliminated.push({ panel: fetches['panel']!, inverse })
        trailing = fetches['updated']!
      }
      for (let s = 0; s < count; s++) {
        const x = solutions.subarray(s * n, (s + 1) * n)
        for (let k = steps.length - 1; k >= 0; k--) substituteBack(steps[k]!, eliminated[k]!, s, x)
      }
      return [...failed]
    },
    async dispose() {
      for (const { session } of steps) await session.dispose()
    },
  }
}

/** Writes L⁻ᵀ of the leading block of system s to `out`, or nothing and false where that block is not positive definite. */
function invertBlock(trailing: Float32Array, s: number, size: number, width: number, block: Float64Array, out: Float32Array): boolean {
  for (let i = 0; i < width; i++) {
    const row = (s * size + i) * size
    for (let j = 0; j <= i; j++) block[i * width + j] = trailing[row + j]!
  }
  if (tryCholesky(block, width) >= 0) return false
  invertLower(block, width)
  const at = s * width * width
  for (let i = 0; i < width; i++) for (let j = 0; j <= i; j++) out[at + j * width + i] = block[i * width + j]!
  return true
}

/** x of a step's unknowns: L⁻ᵀ·(y − panelᵀ·x of the unknowns after them), y being the panel's last row. */
function substituteBack(
  { from, width, rest }: Step,
  { panel, inverse }: { readonly panel: Float32Array; readonly inverse: Float32Array },
  s: number,
  x: Float64Array,
): void {
  const at = s * rest * width
  const z = new Float64Array(width)
  for (let j = 0; j < width; j++) z[j] = panel[at + (rest - 1) * width + j]!
  for (let i = 0; i < rest - 1; i++) {
    const known = x[from + width + i]!
    const row = at + i * width
    for (let j = 0; j < width; j++) z[j]! -= panel[row + j]! * known
  }
  for (let i = 0; i < width; i++) {
    const row = (s * width + i) * width
    let sum = 0
    for (let j = i; j < width; j++) sum += inverse[row + j]! * z[j]!
    x[from + i] = sum
  }
}

/** panel = A₂₁·L₁₁⁻ᵀ, and A₂₂ − panel·panelᵀ, of [count × (width + rest)²]. */
function elimination(width: number, rest: number): Graph {
  const size = width + rest
  const value = (name: string, ...shape: number[]): Value => ({ name, type: 'float32', shape: [0, ...shape] })
  const node = (op: string, inputs: readonly string[], output: Value, attributes: Node['attributes'] = {}): Node => ({
    op,
    inputs,
    outputs: [output],
    attributes,
  })
  const at = (name: string, ...data: number[]): Graph['constants'][number] => ({
    name,
    type: 'int64',
    shape: [data.length],
    data: Int32Array.from(data),
  })
  return {
    inputs: [
      { name: 'trailing', type: 'float32', shape: ['count', size, size] },
      { name: 'inverse', type: 'float32', shape: ['count', width, width] },
    ],
    outputs: [
      { name: 'panel', type: 'float32', shape: ['count', rest, width] },
      { name: 'updated', type: 'float32', shape: ['count', rest, rest] },
    ],
    constants: [
      at('axes', 1, 2),
      at('below', width, 0),
      at('belowEnd', size, width),
      at('corner', width, width),
      at('cornerEnd', size, size),
    ],
    nodes: [
      node('Slice', ['trailing', 'below', 'belowEnd', 'axes'], value('a21', rest, width)),
      node('Slice', ['trailing', 'corner', 'cornerEnd', 'axes'], value('a22', rest, rest)),
      node('MatMul', ['a21', 'inverse'], value('panel', rest, width)),
      node('Transpose', ['panel'], value('panelT', width, rest), { perm: { kind: 'ints', value: [0, 2, 1] } }),
      node('MatMul', ['panel', 'panelT'], value('product', rest, rest)),
      node('Sub', ['a22', 'product'], value('updated', rest, rest)),
    ],
  }
}
