/** A two-tower model from a complete spec and frozen encoders: both towers, the temperature, and the names of everything trained. */
import { badInput } from '../../contract/errors.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { FrozenEncoders, TableShape } from '../features/encoded.ts'
import { buildTower, type Tower } from './build.ts'
import { Weight } from './tower-ports.ts'

/** Log of the learned temperature: a dense weight of one element, so that it stays positive. */
export const LOG_TEMPERATURE = new Weight('log_temperature', [] as const, 'zeros')

export interface TwoTower {
  readonly user: Tower
  readonly item: Tower
  readonly tables: readonly TableShape[]
  /** dense weights of both towers, and the temperature's logarithm where it is learned */
  readonly weights: readonly Weight[]
  /** width of the vectors both towers give */
  readonly dim: number
}

/** @throws PylonError bad-input where the towers' vectors differ in width */
export function buildTwoTower(spec: TwoTowerSpec, encoders: FrozenEncoders): TwoTower {
  const options = { normalise: spec.match.kind === 'cosine', embeddingDropout: spec.training.embeddingDropout }
  const user = buildTower(spec.user, encoders.userLayout, options)
  const item = buildTower(spec.item, encoders.itemLayout, options)
  if (user.dim !== item.dim) {
    throw badInput(
      `The user tower gives vectors of ${user.dim}, the item tower of ${item.dim}. Set user.output and item.output to the same width.`,
      'user.output',
    )
  }
  const temperature = spec.match.temperature.kind === 'learned' ? [LOG_TEMPERATURE] : []
  return { user, item, tables: encoders.tables, weights: [...user.weights, ...item.weights, ...temperature], dim: user.dim }
}
