/**
 * What the closed form knows of items that nobody has met: their vectors by ridge regression on what the item tower reads of them (Hoerl &
 * Kennard 1970; as a map from contents to factors, Gantner et al. 2010). The tower is linear: an item is its own row + contents·W + b. One
 * of the training part keeps its own vector, whole or in part; one that is new has contents·W + b.
 */
import { invertSpd, NotDefinite } from '../../compute/cholesky.ts'
import { createProducts, type Products } from '../../compute/gemm.ts'
import { invert, matrixRow, symmetricMatrix } from '../../compute/inverse.ts'
import { drain } from '../../files/drain.ts'
import type { EncodedSide } from '../../features/encoded.ts'
import type { Tower } from '../../towers/build.ts'
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { random } from '../random.ts'
import type { TrainingState } from '../state/state.ts'
import type { Table } from '../state/tables.ts'

/** The inputs of the item tower beside the item's own row. */
export interface Contents {
  readonly items: number
  readonly width: number
  /** where in the tower's input each column is */
  readonly columns: Int32Array
  /** [items.length × width] */
  readonly rows: (items: Int32Array) => Float32Array
}

export interface ContentMap {
  /** contents·W + b of every item, [items × dim] */
  readonly predicted: Float32Array
  /** W [width × dim], its rows in the order of {@link Contents.columns} */
  readonly weights: Float32Array
  readonly bias: Float32Array
  /** the share of the held-out items' squared deviation that it explains */
  readonly explained: number
  /** those items, and what the map of all the others foretells of them, [heldOut.length × dim] */
  readonly heldOut: Int32Array
  readonly foretold: Float32Array
}

/** Whether the item tower is the linear one of which this speaks: its rows of ids as wide as what it gives, and one layer from all inputs. */
export function isLinear({ item }: TwoTowerSpec, dim: number): boolean {
  return item.hidden.length === 0 && item.output === dim && item.fusion.kind === 'concat'
}

/**
 * Fills the layer of a linear item tower: the item's own row as it is + contents·W + b.
 * @param own name of the table of the items' own rows
 */
export function writeContents(tower: Tower, state: TrainingState, contents: Contents | null, map: ContentMap | null, own: string): void {
  const { dim, ports } = tower
  const kernel = state.weights.get('item.output.kernel')!.values.fill(0)
  const start = ports
    .slice(
      0,
      ports.findIndex(({ table }) => table === own),
    )
    .reduce((sum, { width }) => sum + width, 0)
  for (let k = 0; k < dim; k++) kernel[(start + k) * dim + k] = 1
  const bias = state.weights.get('item.output.bias')!.values.fill(0)
  if (contents === null || map === null) return
  for (const [k, column] of contents.columns.entries()) kernel.set(map.weights.subarray(k * dim, (k + 1) * dim), column * dim)
  bias.set(map.bias)
}

/** One in so many items is held out to choose the ridge by. */
const HELD_OUT = 5
/** Items that the map is fitted on, at most. */
const MOST = 50_000
/** Ridges that are tried, in items: columns have a deviation of 1. */
const RIDGES = [1, 10, 30, 100, 300, 1000, 3000, 10_000, 100_000]
const BLOCK = 4096

/** @param own name of the table of the items' own rows; null where the tower reads nothing else */
export function contentsOf(tower: Tower, encoded: EncodedSide, tables: ReadonlyMap<string, Table>, own: string): Contents | null {
  const columns: number[] = []
  const parts: { readonly at: number; readonly width: number; readonly read: (item: number, out: Float32Array) => void }[] = []
  let start = 0
  for (const { table, width } of tower.ports) {
    if (table !== own) {
      parts.push({ at: columns.length, width, read: reader(encoded, tables, table) })
      for (let k = 0; k < width; k++) columns.push(start + k)
    }
    start += width
  }
  const width = columns.length
  if (width === 0) return null
  return {
    items: encoded.count,
    width,
    columns: Int32Array.from(columns),
    rows(items) {
      const out = new Float32Array(items.length * width)
      for (const [i, item] of items.entries())
        for (const part of parts) part.read(item, out.subarray(i * width + part.at, i * width + part.at + part.width))
      return out
    },
  }
}

/** Writes an item's part of the dense block, or its pooled rows of a table. */
function reader(
  { dense, denseWidth, bags }: EncodedSide,
  tables: ReadonlyMap<string, Table>,
  name: string | null,
): (item: number, out: Float32Array) => void {
  if (name === null) return (item, out) => out.set(dense.subarray(item * denseWidth, (item + 1) * denseWidth))
  const { offsets, indices } = bags.find(({ table }) => table === name)!
  const table = tables.get(name)!
  return (item, out) => table.gather({ offsets: offsets.subarray(item, item + 2), indices, count: 1 }, out)
}

/**
 * Fits the map on items that have interactions, 50,000 of them at most. The ridge of each direction is the one by which a fifth of them, held
 * out, are foretold best. Null where there are too few items to hold some out.
 * @param targets [items × dim]
 */
export async function fitContents(
  contents: Contents,
  targets: Float32Array,
  counts: (item: number) => number,
  { seed, threads }: { readonly seed: number; readonly threads: number },
): Promise<ContentMap | null> {
  const { items, width } = contents
  const dim = targets.length / items
  const met = Int32Array.from({ length: items }, (_, item) => item).filter((item) => counts(item) > 0)
  const step = Math.max(1, met.length / MOST)
  const known = Int32Array.from({ length: Math.min(MOST, met.length) }, (_, i) => met[Math.floor(i * step)]!)
  if (known.length < 2 * HELD_OUT) return null
  const rng = random(seed, 'split')
  const isHeldOut = known.map(() => Number(rng.below(HELD_OUT) === 0))
  const [fitted, heldOut] = [known.filter((_, i) => isHeldOut[i] === 0), known.filter((_, i) => isHeldOut[i] === 1)]
  const inputScale = scaleOf(contents.rows(known), width)
  const targetRows = (of: Int32Array): Float32Array => {
    const out = new Float32Array(of.length * dim)
    for (const [i, item] of of.entries()) out.set(targets.subarray(item * dim, (item + 1) * dim), i * dim)
    return out
  }
  const { mean } = scaleOf(targetRows(known), dim)
  const x = (of: Int32Array): Float32Array =>
    contents.rows(of).map((v, i) => (v - inputScale.mean[i % width]!) * inputScale.inverse[i % width]!)
  const y = (of: Int32Array): Float32Array => targetRows(of).map((v, i) => v - mean[i % dim]!)
  const products = await createProducts({ threads })
  try {
    const ridge = await chooseRidge(
      products,
      await normalEquations(products, x(fitted), y(fitted), fitted.length),
      x(heldOut),
      y(heldOut),
      width,
      threads,
    )
    const equations = await normalEquations(products, x(known), y(known), known.length)
    const standard = new Float32Array(width * dim)
    for (const each of new Set(ridge.values)) {
      const solution = await solveFrom(products, equations, width, each, threads)
      for (let i = 0; i < solution.length; i++) if (ridge.values[i % dim] === each) standard[i] = solution[i]!
    }
    const weights = standard.map((value, i) => value * inputScale.inverse[Math.floor(i / dim)]!)
    const bias = mean.slice()
    for (const [i, weight] of weights.entries()) bias[i % dim]! -= inputScale.mean[Math.floor(i / dim)]! * weight
    const predicted = new Float32Array(items * dim)
    for (let at = 0; at < items; at += BLOCK) {
      const block = Int32Array.from({ length: Math.min(BLOCK, items - at) }, (_, i) => at + i)
      const rows = await products.product(contents.rows(block), weights, width)
      predicted.set(
        rows.map((value, i) => value + bias[i % dim]!),
        at * dim,
      )
    }
    const foretold = ridge.foretold.map((value, i) => value + mean[i % dim]!)
    return { predicted, weights, bias, explained: ridge.explained, heldOut, foretold }
  } finally {
    await products.dispose()
  }
}

/** xᵀx [n × n] and xᵀy [n × m]. */
interface NormalEquations {
  readonly gram: Float32Array
  readonly right: Float32Array
}

async function normalEquations(products: Products, x: Float32Array, y: Float32Array, rows: number): Promise<NormalEquations> {
  return { gram: await products.transposed(x, x, rows), right: await products.transposed(x, y, rows) }
}

/** Up to so many columns the equations are solved in float64, which takes a fifth of a second. */
const EXACT = 512

/**
 * (G + λI)⁻¹·R [n × m]; null where rounding leaves no inverse. Columns of contents often say the same as others (a table has more
 * numbers a row than rows), so that G alone has none, and float32 does not hold a ridge of 1 beside thousands of items.
 */
async function solveRidge(
  products: Products,
  { gram, right }: NormalEquations,
  n: number,
  ridge: number,
  threads: number,
): Promise<Float32Array | null> {
  try {
    return await products.product(await (n <= EXACT ? exactInverse : blockedInverse)(gram, n, ridge, threads), right, n)
  } catch (error) {
    if (error instanceof NotDefinite) return null
    throw error
  }
}

/** (G + λI)⁻¹ [n × n] in float64. @throws NotDefinite */
function exactInverse(gram: Float32Array, n: number, ridge: number): Float32Array {
  const system = Float64Array.from(gram)
  for (let i = 0; i < n; i++) system[i * n + i]! += ridge
  return Float32Array.from(invertSpd(system, n))
}

/** The same by blocks, in float32. @throws NotDefinite */
async function blockedInverse(gram: Float32Array, n: number, ridge: number, threads: number): Promise<Float32Array> {
  const system = symmetricMatrix(n, 64)
  for (let i = 0; i < n; i++) {
    const row = matrixRow(system, i)
    row.set(gram.subarray(i * n, (i + 1) * n))
    row[i]! += ridge
  }
  await drain(invert(system, threads))
  const inverse = new Float32Array(n * n)
  for (let i = 0; i < n; i++) inverse.set(matrixRow(system, i).subarray(0, n), i * n)
  return inverse
}

/** By the ridge, or the smallest above it that rounding leaves an inverse. */
async function solveFrom(products: Products, equations: NormalEquations, n: number, ridge: number, threads: number): Promise<Float32Array> {
  for (const each of RIDGES.slice(RIDGES.indexOf(ridge))) {
    const solution = await solveRidge(products, equations, n, each, threads)
    if (solution !== null) return solution
  }
  return new Float32Array(equations.right.length) // what an ever larger ridge comes to
}

/** Of each column of the targets the ridge of the least squared error on what is held out, what it foretells, and what share that explains. */
async function chooseRidge(
  products: Products,
  equations: NormalEquations,
  inputs: Float32Array,
  outputs: Float32Array,
  n: number,
  threads: number,
): Promise<{ values: readonly number[]; explained: number; foretold: Float32Array }> {
  const dim = equations.right.length / n
  const [errors, values] = [new Float64Array(dim).fill(Infinity), new Array<number>(dim).fill(RIDGES.at(-1)!)]
  const foretold = new Float32Array(outputs.length)
  for (const each of inputs.length === 0 ? [] : RIDGES) {
    const solution = await solveRidge(products, equations, n, each, threads)
    if (solution === null) continue
    const tried = await products.product(inputs, solution, n)
    const error = new Float64Array(dim)
    for (const [i, value] of tried.entries()) error[i % dim]! += (value - outputs[i]!) ** 2
    const better = [...error.keys()].filter((k) => error[k]! < errors[k]!)
    for (const k of better) {
      ;[errors[k], values[k]] = [error[k]!, each]
      for (let i = k; i < tried.length; i += dim) foretold[i] = tried[i]!
    }
  }
  const total = outputs.reduce((sum, value) => sum + value * value, 0)
  const left = errors.reduce((sum, value) => sum + value, 0)
  return { values, explained: total === 0 || inputs.length === 0 ? 0 : 1 - left / total, foretold }
}

/** Means and inverse deviations of columns; 0 for a column of one value. */
function scaleOf(values: Float32Array, width: number): { readonly mean: Float32Array; readonly inverse: Float32Array } {
  const rows = values.length / width
  const [sums, squares] = [new Float64Array(width), new Float64Array(width)]
  for (const [i, value] of values.entries()) sums[i % width]! += value
  const mean = Float32Array.from(sums, (sum) => sum / rows)
  for (const [i, value] of values.entries()) squares[i % width]! += (value - mean[i % width]!) ** 2
  return { mean, inverse: Float32Array.from(squares, (sum) => (sum > 1e-12 * rows ? Math.sqrt(rows / sum) : 0)) }
}

/** The map that foretells `factor` times as long vectors. */
export function scaledMap(map: ContentMap, factor: number): ContentMap {
  const by = (values: Float32Array): Float32Array => values.map((value) => factor * value)
  return { ...map, predicted: by(map.predicted), weights: by(map.weights), bias: by(map.bias), foretold: by(map.foretold) }
}

/** Vectors as if nobody had met the items that were held out: those are what the map of the others foretells. [items × dim], new */
export function withoutHeldOut(vectors: Float32Array, { heldOut, foretold }: Pick<ContentMap, 'heldOut' | 'foretold'>): Float32Array {
  const out = vectors.slice()
  const dim = foretold.length / Math.max(1, heldOut.length)
  for (const [i, item] of heldOut.entries()) out.set(foretold.subarray(i * dim, (i + 1) * dim), item * dim)
  return out
}

/**
 * Vectors that lean on contents where interactions are few: n of them leave a share κ / (n + κ) to the contents, and an item that has none
 * is all contents. [items × dim], new
 */
export function leanOnContents(
  vectors: Float32Array,
  { predicted }: Pick<ContentMap, 'predicted'>,
  counts: (item: number) => number,
  items: number,
  kappa: number,
): Float32Array {
  const out = new Float32Array(vectors.length)
  const dim = vectors.length / items
  for (let item = 0; item < items; item++) {
    const n = counts(item)
    const share = n === 0 ? 1 : kappa / (n + kappa)
    for (let at = item * dim; at < (item + 1) * dim; at++) out[at] = share * predicted[at]! + (1 - share) * vectors[at]!
  }
  return out
}
