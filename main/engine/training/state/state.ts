/**
 * Everything that changes while a model trains, as plain arrays and numbers: a checkpoint is exactly this, and the same state
 * always goes on to the same result.
 */
import type { OptimizerSpec, TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import type { EpochRow } from '../../../contract/shapes/run.ts'
import { LOG_TEMPERATURE, type TwoTower } from '../../towers/two-tower.ts'
import type { Weight } from '../../towers/tower-ports.ts'
import { createOptimizer, type Numbers, type Optimizer } from './optimizer.ts'
import { NumberMemory } from './number-memory.ts'
import { CLOSED_FORM_SEED, fillNormal, fillUniform, random, type Random } from '../random.ts'
import { Table } from './tables.ts'

/** A dense weight and its optimizer slots. */
export interface DenseWeight extends Numbers {
  readonly name: string
  readonly shape: readonly number[]
}

/** Where training stands. */
export interface Counters {
  /** epochs completed */
  epoch: number
  /** steps done in the epoch that has begun */
  stepInEpoch: number
  /** steps done in all */
  step: number
  /** sum of the steps' losses in the epoch that has begun */
  lossSum: number
  /** the same over the steps since the last row of loss, and how many those are */
  rowLoss: number
  rowSteps: number
  /** best epoch so far (1-based), its metric, and the evaluations since */
  bestEpoch: number
  bestValue: number | null
  sinceBest: number
  /** seconds spent training, over all interruptions; informative, never steers */
  seconds: number
  /** of these, in the epoch that has begun */
  epochSeconds: number
  readonly log: EpochRow[]
}

export interface TrainingState {
  readonly tables: ReadonlyMap<string, Table>
  readonly weights: ReadonlyMap<string, DenseWeight>
  readonly counters: Counters
  /** what else must survive a stop, by name: estimators, memories, mined lists, averages; whoever owns one registers it */
  readonly extras: Map<string, Float32Array>
}

export interface Optimizers {
  readonly tables: Optimizer
  readonly dense: Optimizer
}

export function createOptimizers(spec: { readonly tables: OptimizerSpec; readonly dense: OptimizerSpec }): Optimizers {
  return { tables: createOptimizer(spec.tables), dense: createOptimizer(spec.dense) }
}

/** Values, gradient and the slots of Adam. */
const ARRAYS = 4

/** A state whose numbers are all 0, to be filled from a file; without optimizers there are no slots and it cannot train. */
export function blankState(model: TwoTower, optimizers: Optimizers | null): TrainingState {
  const sizes = model.weights.map(({ shape }) => shape.reduce((a, b) => a * b, 1))
  // reckoned as for training in any case, so that who asks the model later adds its rows up by the same loops; what is not used costs nothing
  const memory = NumberMemory.for([
    ...model.tables.map(({ rows, dim, fixed }) => (NumberMemory.fits(dim) ? (fixed === true ? 1 : ARRAYS) * rows * dim : 0)),
    ...sizes.map((size) => (NumberMemory.fits(size) ? ARRAYS * size : 0)),
  ])
  const numbersOf = (size: number, width: number, optimizer: Optimizer | null): Numbers => {
    if (memory === null || !NumberMemory.fits(width))
      return { values: new Float32Array(size), slots: optimizer?.createSlots(size) ?? [], within: null }
    const take = (length: number): Float32Array => memory.take(length)
    const [values, slots] = [take(size), optimizer?.createSlots(size, take) ?? []]
    return { values, slots, within: optimizer === null ? { memory, gradient: take(0) } : { memory, gradient: take(size) } }
  }
  const tables = model.tables.map((shape) => {
    const optimizer = shape.fixed === true ? null : (optimizers?.tables ?? null)
    return new Table(shape, numbersOf(shape.rows * shape.dim, shape.dim, optimizer))
  })
  const weights = model.weights.map(({ name, shape }, i): DenseWeight => {
    const size = sizes[i]!
    return { name, shape, ...numbersOf(size, size, optimizers?.dense ?? null) }
  })
  return {
    tables: new Map(tables.map((table) => [table.name, table])),
    weights: new Map(weights.map((weight) => [weight.name, weight])),
    extras: new Map(),
    counters: {
      epoch: 0,
      stepInEpoch: 0,
      step: 0,
      lossSum: 0,
      rowLoss: 0,
      rowSteps: 0,
      bestEpoch: 0,
      bestValue: null,
      sinceBest: 0,
      seconds: 0,
      epochSeconds: 0,
      log: [],
    },
  }
}

/**
 * A fresh state: every number follows from the spec's seed. Embeddings start normal with mean 0; the unknown row starts at 0 where
 * its tower reads something else too, so that an entity nobody trained on is described by its features and not by noise.
 */
export function initialState(model: TwoTower, spec: TwoTowerSpec, optimizers: Optimizers): TrainingState {
  const { epochs, embeddingSd } = spec.training
  const seed = epochs === 0 ? CLOSED_FORM_SEED : spec.training.seed
  const state = blankState(model, optimizers)
  let stream = 0
  for (const { values } of state.tables.values()) fillNormal(values, embeddingSd, random(seed, 'init', stream++))
  const described = describedTables(model)
  for (const { name, values, dim } of state.tables.values()) if (described.has(name)) values.fill(0, 0, dim)
  for (const shape of model.weights) initialise(state.weights.get(shape.name)!.values, shape, spec, random(seed, 'init', stream++))
  return state
}

/** Tables whose unknown row starts at 0: their tower reads something else too. */
export function describedTables({ user, item }: TwoTower): ReadonlySet<string | null> {
  return new Set([user, item].filter(({ ports }) => ports.length > 1).flatMap(({ ports }) => ports.map(({ table }) => table)))
}

function initialise(values: Float32Array, { name, shape, init }: Weight, spec: TwoTowerSpec, rng: Random): void {
  if (init === 'glorot') fillUniform(values, Math.sqrt(6 / (shape[0]! + shape[1]!)), rng)
  if (init === 'ones') values.fill(1)
  const { temperature } = spec.match
  if (name === LOG_TEMPERATURE.name && temperature.kind === 'learned') values.fill(Math.log(temperature.initial))
}

/** The trained numbers alone, by name: what a finished model keeps. */
export function parametersOf(state: TrainingState): Map<string, { shape: readonly number[]; values: Float32Array }> {
  const tables = [...state.tables.values()].map(
    (table) => [`table:${table.name}`, { shape: [table.rows, table.dim], values: table.values }] as const,
  )
  const weights = [...state.weights.values()].map(
    (weight) => [`dense:${weight.name}`, { shape: weight.shape, values: weight.values }] as const,
  )
  return new Map([...tables, ...weights])
}
