/**
 * What is done with the gradients of a step, composed as optax chains are: each transformation changes gradients or values in place, of
 * tables (the rows that occurred) and dense weights alike. What they keep between steps is in the state, so a transformation is a function.
 */
import type { TrainingSpec } from '../../../contract/shapes/spec.ts'
import type { Averages } from './average.ts'
import type { Optimizers } from './state.ts'
import type { Gradient } from './optimizer.ts'

/** @param step from 1 @param factor of the learning rates */
export type Transformation = (gradients: readonly Gradient[], step: number, factor: number) => void

/** One after the other. */
export function chain(...links: readonly (Transformation | null)[]): Transformation {
  return (gradients, step, factor) => {
    for (const link of links) link?.(gradients, step, factor)
  }
}

/** Adds λ·row to the gradient of every row of a table that occurred. */
export function l2(lambda: number): Transformation {
  return (gradients) => {
    for (const { rows, values, width, gradient } of gradients) {
      for (let i = 0; i < (rows?.length ?? 0); i++) {
        const row = rows![i]! * width
        for (let k = 0; k < width; k++) gradient[i * width + k]! += lambda * values[row + k]!
      }
    }
  }
}

/** Scales all gradients of a step alike where their common length is beyond the limit (Pascanu et al. 2013, algorithm 1). */
export function clip(limit: number): Transformation {
  return (gradients) => {
    const squares = (of: readonly Gradient[]): number => of.reduce((sum, { gradient }) => sum + squaresOf(gradient), 0)
    const factor = limit / Math.sqrt(squares(gradients.filter(isTable)) + squares(gradients.filter((each) => !isTable(each))))
    if (!(factor < 1)) return
    for (const { gradient } of gradients) for (let i = 0; i < gradient.length; i++) gradient[i]! *= factor
  }
}

/** Adam or Adagrad, each kind by its own spec. */
export function descend(optimizers: Optimizers, { tables, dense }: Pick<TrainingSpec, 'tables' | 'dense'>): Transformation {
  return (gradients, step, factor) => {
    const ofTables = optimizers.tables.descend(step, tables.learningRate * factor)
    const ofDense = optimizers.dense.descend(step, dense.learningRate * factor)
    for (const gradient of gradients) (isTable(gradient) ? ofTables : ofDense)(gradient)
  }
}

/** Keeps averages of what `inner` changes: a row's is brought up to date before, a dense weight's after. */
export function averaged(averages: Averages, inner: Transformation): Transformation {
  return (gradients, step, factor) => {
    for (const { name, rows } of gradients) if (rows !== null) rows.forEach(averages.beforeRow(name, step))
    inner(gradients, step, factor)
    averages.afterDense()
  }
}

const isTable = ({ rows }: Gradient): boolean => rows !== null

function squaresOf(gradient: Float32Array): number {
  let sum = 0
  for (const g of gradient) sum += g * g
  return sum
}
