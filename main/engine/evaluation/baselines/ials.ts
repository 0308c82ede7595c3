/**
 * iALS (Hu et al. 2008) as revisited by Rendle et al. 2021: alternating exact minimisation of Σ_observed (ŷ − 1)² + α₀ Σ_all ŷ² +
 * Σ_rows λ(n_r + α₀·n)^ν ‖w_r‖². A row costs n_r·d²/2 + d³/6 multiplications: from d 33 on as products of matrices in float32, and where many
 * rows met few of the other side's, those without a system of their own width (`ials-few`).
 */
import type { Progress } from '../../../contract/shapes/progress.ts'
import type { IalsSpec, Settled } from '../../../contract/shapes/spec.ts'
import { fillNormal, random } from '../../training/random.ts'
import { type BatchSolver, createBatchSolver } from '../../compute/batch-solver.ts'
import { cholesky, choleskySolve } from '../../compute/cholesky.ts'
import { dotAt } from '../../compute/dot.ts'
import { createGramUpdate, createProducts, type GramUpdate, type Products } from '../../compute/gemm.ts'
import { rowOf, type CsrRows } from '../../dataset/interactions.ts'
import type { InteractionMatrix } from '../../dataset/interaction-matrix.ts'
import { fewSolver, holds, sharedBasis, type SharedBasis } from './ials-few.ts'

export type IalsOptions = Pick<
  Settled<IalsSpec>,
  'dim' | 'regularisation' | 'unobservedWeight' | 'frequencyScaling' | 'embeddingSd' | 'seed'
>

export interface Factors {
  /** [users × dim] and [items × dim] */
  readonly users: Float64Array
  readonly items: Float64Array
}

/** Rows per yield. */
const BLOCK = 1024
/** Rows whose systems are solved at once: at d 192 they are 10 MB. */
const BATCH = 64
/** Up to this width a row is solved in float64 in a loop; a product of matrices would cost more to start than to do. */
const LOOP_DIM = 32
/** Rows that met up to this share of d take less time by the basis they share than by systems of their own. */
const FEW = 0.25
/** Eigenvectors cost about 9·d³ in one go: five seconds at 1,024. */
const WIDEST_BASIS = 1024
/** A row's product takes half a millisecond: on a busy machine threads that share it wait many times as long for each other. */
const ALONE = { threads: 1 }

/** Normal with sd embeddingSd / √dim, both sides. */
export function initialFactors({ users, items }: InteractionMatrix, { dim, embeddingSd, seed }: IalsOptions): Factors {
  const draw = (rows: number, stream: number): Float64Array => {
    const values = new Float32Array(rows * dim)
    fillNormal(values, embeddingSd / Math.sqrt(dim), random(seed, 'init', stream))
    return Float64Array.from(values)
  }
  return { users: draw(users, 0), items: draw(items, 1) }
}

/** One epoch in place: all users given the items, then all items given the users. */
export async function* ialsEpoch(matrix: InteractionMatrix, factors: Factors, options: IalsOptions): AsyncGenerator<Progress, void> {
  const total = matrix.users + matrix.items
  const { dim } = options
  const solvers: Solvers | null =
    dim <= LOOP_DIM
      ? null
      : { gram: await createGramUpdate(ALONE), solver: await createBatchSolver(dim, ALONE), products: await createProducts(ALONE) }
  try {
    const sides = [
      { before: 0, rows: matrix.byUser, own: factors.users, other: factors.items },
      { before: matrix.users, rows: matrix.byItem, own: factors.items, other: factors.users },
    ]
    for (const { before, ...side } of sides) {
      const solved = solvers === null ? solveInLoops(side, options) : solveByProducts(side, options, solvers)
      for await (const done of solved) yield { stage: 'train', done: before + done, total, unit: 'rows' }
    }
  } finally {
    await solvers?.gram.dispose()
    await solvers?.solver.dispose()
    await solvers?.products.dispose()
  }
}

/** The objective over the number of observed pairs. Costs one pass over the pairs. */
export function ialsLoss({ byUser, byItem, users, items }: InteractionMatrix, factors: Factors, options: IalsOptions): number {
  const { dim, unobservedWeight } = options
  let loss = 0
  for (let user = 0; user < users; user++) {
    for (const item of rowOf(byUser, user)) loss += (dotAt(factors.users, user * dim, factors.items, item * dim, dim) - 1) ** 2
  }
  const [g, h] = [gramian(factors.users, dim), gramian(factors.items, dim)]
  for (let i = 0; i < g.length; i++) loss += unobservedWeight * g[i]! * h[i]!
  const sides = [
    [byUser, factors.users, users, items],
    [byItem, factors.items, items, users],
  ] as const
  for (const [rows, own, count, others] of sides) {
    for (let r = 0; r < count; r++) {
      loss += penalty(rows.offsets[r + 1]! - rows.offsets[r]!, others, options) * dotAt(own, r * dim, own, r * dim, dim)
    }
  }
  return loss / byUser.indices.length
}

interface Solvers {
  readonly gram: GramUpdate
  readonly solver: BatchSolver
  readonly products: Products
}

/** Rows of one side, whose own factors are solved for given the other's. */
interface SideToSolve {
  readonly rows: CsrRows
  readonly own: Float64Array
  readonly other: Float64Array
}

function* solveInLoops(side: SideToSolve, options: IalsOptions): Generator<number, void> {
  const solve = rowSolver(side, options)
  const count = side.own.length / options.dim
  for (let r = 0; r < count; r++) {
    if (r % BLOCK === 0) yield r
    solve(r)
  }
}

/** Solves a row in float64. */
function rowSolver({ rows, own, other }: SideToSolve, options: IalsOptions): (r: number) => void {
  const { dim, unobservedWeight } = options
  const base = gramian(other, dim).map((x) => unobservedWeight * x)
  const [a, b] = [new Float64Array(dim * dim), new Float64Array(dim)]
  return (r) => {
    const met = rowOf(rows, r)
    if (met.length === 0) return void own.fill(0, r * dim, (r + 1) * dim)
    a.set(base)
    b.fill(0)
    for (const index of met) addOuter(a, b, other, index * dim, dim)
    const reg = penalty(met.length, other.length / dim, options)
    for (let i = 0; i < dim; i++) a[i * dim + i]! += reg
    cholesky(a, dim)
    choleskySolve(a, dim, b)
    own.set(b, r * dim)
  }
}

/** Rows that met nothing are 0, those that met few go by the basis that all share, where it serves, and the others by products of matrices. */
async function* solveByProducts(side: SideToSolve, options: IalsOptions, solvers: Solvers): AsyncGenerator<number, void> {
  const { rows, own, other } = side
  const { dim } = options
  const most = Math.floor(dim * FEW)
  const all = Array.from({ length: own.length / dim }, (_, r) => r)
  const metBy = (r: number): number => rows.offsets[r + 1]! - rows.offsets[r]!
  const few: number[] = []
  const many: number[] = []
  for (const r of all) {
    if (metBy(r) === 0) own.fill(0, r * dim, (r + 1) * dim)
    else (metBy(r) <= most ? few : many).push(r)
  }
  // the basis costs about as much as a system for each of 2·d rows
  const least = few.length > 2 * dim && dim <= WIDEST_BASIS ? few.reduce((n, r) => Math.min(n, metBy(r)), most) : null
  const basis = least === null ? null : yield* sharedBasis(other, dim, options.unobservedWeight, solvers)
  const serves = basis !== null && holds(basis, penalty(least!, other.length / dim, options))
  if (serves) yield* solveFew(side, few, { basis, most }, options, solvers)
  const rest = serves ? many : all.filter((r) => metBy(r) > 0)
  for await (const done of solveRest(side, rest, options, solvers)) yield all.length - rest.length + done
}

async function* solveFew(
  { rows, own, other }: SideToSolve,
  few: readonly number[],
  { basis, most }: { readonly basis: SharedBasis; readonly most: number },
  options: IalsOptions,
  { products }: Solvers,
): AsyncGenerator<number, void> {
  const { dim } = options
  const solve = fewSolver(basis, most)
  for (let from = 0; from < few.length; from += BLOCK) {
    yield from
    const block = few.slice(from, from + BLOCK)
    const inBasis = new Float32Array(block.length * dim)
    for (const [b, r] of block.entries()) {
      const met = rowOf(rows, r)
      solve(met, penalty(met.length, other.length / dim, options), inBasis, b * dim)
    }
    const solved = await products.product(inBasis, basis.vectors, dim)
    for (const [b, r] of block.entries()) own.set(solved.subarray(b * dim, (b + 1) * dim), r * dim)
  }
}

/**
 * By products of matrices. The other side's rows get a 1 at their end, so that the Gram matrix of those a row has met holds the
 * right-hand side, their sum, as its last row.
 */
async function* solveRest(
  side: SideToSolve,
  rest: readonly number[],
  options: IalsOptions,
  { gram, solver }: Solvers,
): AsyncGenerator<number, void> {
  const { rows, own, other } = side
  const { dim, unobservedWeight } = options
  const [others, width] = [other.length / dim, dim + 1]
  const widened = new Float32Array(others * width).fill(1)
  for (let row = 0; row < others; row++) widened.set(other.subarray(row * dim, (row + 1) * dim), row * width)
  const base = (await gram.run(widened, new Float32Array(width * width), width)).map((x) => unobservedWeight * x)
  // the right-hand side is of the items met alone
  for (let i = 0; i < width; i++) base[i * width + dim] = base[dim * width + i] = 0
  const systems = new Float32Array(BATCH * width * width)
  const solutions = new Float64Array(BATCH * dim)
  let solveExactly: ReturnType<typeof rowSolver> | null = null
  let met = new Float32Array(0)
  for (let from = 0; from < rest.length; from += BATCH) {
    if (from % BLOCK === 0) yield from
    const batch = rest.slice(from, from + BATCH)
    for (const [s, r] of batch.entries()) {
      const indices = rowOf(rows, r)
      if (met.length < indices.length * width) met = new Float32Array(indices.length * width)
      for (const [i, index] of indices.entries()) met.set(widened.subarray(index * width, (index + 1) * width), i * width)
      const system = systems.subarray(s * width * width, (s + 1) * width * width)
      await gram.run(met.subarray(0, indices.length * width), base, width, system)
      const reg = penalty(indices.length, others, options)
      for (let i = 0; i < dim; i++) system[i * width + i]! += reg
    }
    const failed = await solver.solve(systems.subarray(0, batch.length * width * width), batch.length, solutions)
    for (const [s, r] of batch.entries()) own.set(solutions.subarray(s * dim, (s + 1) * dim), r * dim)
    for (const s of failed) (solveExactly ??= rowSolver(side, options))(batch[s]!)
  }
}

const penalty = (met: number, others: number, { regularisation, unobservedWeight, frequencyScaling }: IalsOptions): number =>
  regularisation * (met + unobservedWeight * others) ** frequencyScaling

/** The lower triangle of a += v·vᵀ, and b += v. */
function addOuter(a: Float64Array, b: Float64Array, values: Float64Array, at: number, dim: number): void {
  for (let i = 0; i < dim; i++) {
    const x = values[at + i]!
    b[i]! += x
    const row = i * dim
    for (let j = 0; j <= i; j++) a[row + j]! += x * values[at + j]!
  }
}

function gramian(values: Float64Array, dim: number): Float64Array {
  const g = new Float64Array(dim * dim)
  for (let at = 0; at < values.length; at += dim) {
    for (let i = 0; i < dim; i++) {
      const x = values[at + i]!
      for (let j = 0; j <= i; j++) g[i * dim + j]! += x * values[at + j]!
    }
  }
  for (let i = 0; i < dim; i++) for (let j = 0; j < i; j++) g[j * dim + i] = g[i * dim + j]!
  return g
}
