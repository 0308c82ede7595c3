/** The towers of a run's folder, compiled once each, for one typed-in entity at a time. */
import { readFile } from 'node:fs/promises'
import { PylonError } from '../../contract/errors.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { rowContext } from '../features/context.ts'
import { encodeRow } from '../features/encode.ts'
import type { FrozenEncoders } from '../features/types.ts'
import type { Side } from '../dataset/types.ts'
import { buildTwoTower, type TwoTower } from '../towers/model.ts'
import { loadWeights } from '../training/state/checkpoint.ts'
import { Embedder } from '../training/embed.ts'
import { drain } from '../files/drain.ts'
import { blankState, type TrainingState } from '../training/state/state.ts'
import { type RecordedFiles, RUN_FILES, runFile } from './files.ts'

export interface RowEmbedder {
  readonly encoders: FrozenEncoders
  /** @throws PylonError bad-input naming a property the side does not have, or whose value cannot be read, or where they are too large */
  embed(side: Side, row: Readonly<Record<string, unknown>>): Promise<Float32Array>
  dispose(): Promise<void>
}

/**
 * The towers of a spec with trained numbers.
 * @param weights their file, which is known to be what was written
 * @throws PylonError bad-data where they do not fit
 */
export async function loadTowers(
  weights: string,
  spec: TwoTowerSpec,
  encoders: FrozenEncoders,
): Promise<{ model: TwoTower; trained: TrainingState }> {
  const model = buildTwoTower(spec, encoders)
  const trained = blankState(model, null)
  await loadWeights(weights, trained)
  return { model, trained }
}

/**
 * The vector of a typed-in entity, as it is: one that is not finite would be ranked at random, and in an index spoil every search.
 * @throws PylonError bad-input where a value was too large for the tower
 */
export function finite(side: Side, vector: Float32Array): Float32Array {
  if (vector.every(Number.isFinite)) return vector
  throw new PylonError('bad-input', `These values are too large for the ${side} tower: its vector is not finite. Correct them.`, 'features')
}

/** @throws PylonError bad-data where encoders and weights are not what was written, or do not fit the spec */
export async function openTowers(run: RecordedFiles, spec: TwoTowerSpec, threads: number): Promise<RowEmbedder> {
  const encoders = JSON.parse(await readFile(await runFile(run, RUN_FILES.encoders), 'utf8')) as FrozenEncoders
  const { model, trained } = await loadTowers(await runFile(run, RUN_FILES.weights), spec, encoders)
  const embedders = {
    user: await Embedder.create(model.user, trained, { threads }),
    item: await Embedder.create(model.item, trained, { threads }),
  }
  return {
    encoders,
    async embed(side, row) {
      const context = side === 'user' ? rowContext(encoders, row) : null
      return finite(side, await drain(embedders[side].embed(encodeRow(encoders, side, row), Int32Array.of(0), () => context)))
    },
    async dispose() {
      await embedders.user.dispose()
      await embedders.item.dispose()
    },
  }
}
