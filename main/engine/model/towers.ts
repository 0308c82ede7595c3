/** The towers of a run with their trained numbers and frozen encoders: whoever the run has no vector of is embedded by them. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { badInput } from '../../contract/errors.ts'
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Side } from '../dataset/dataset.ts'
import { rowContext } from '../features/typed-context.ts'
import { encodeRow, rowProperties } from '../features/encode.ts'
import type { FrozenEncoders } from '../features/encoded.ts'
import { unknownValueWarnings } from '../features/unknown.ts'
import { drain } from '../files/drain.ts'
import { buildTwoTower, type TwoTower } from '../towers/two-tower.ts'
import { Embedder } from '../training/embed.ts'
import { loadWeights } from '../training/state/checkpoint.ts'
import { blankState, type TrainingState } from '../training/state/state.ts'
import { type RecordedFiles, RUN_FILES, runFile } from './run-files.ts'

export class RunTowers {
  readonly encoders: FrozenEncoders
  readonly model: TwoTower
  readonly trained: TrainingState
  readonly #threads: number
  readonly #embedders: Partial<Record<Side, Promise<Embedder>>> = {}

  private constructor(encoders: FrozenEncoders, model: TwoTower, trained: TrainingState, threads: number) {
    this.encoders = encoders
    this.model = model
    this.trained = trained
    this.#threads = threads
  }

  /** @throws PylonError not-found or bad-data where encoders and weights are not what was written, or do not fit the spec */
  static async open(run: RecordedFiles, spec: TwoTowerSpec, threads: number): Promise<RunTowers> {
    return RunTowers.#load(await runFile(run, RUN_FILES.encoders), await runFile(run, RUN_FILES.weights), spec, threads)
  }

  /** Of a folder whose files are known to be what was written. @throws PylonError bad-data where they do not fit the spec */
  static read(folder: string, spec: TwoTowerSpec): Promise<RunTowers> {
    return RunTowers.#load(join(folder, RUN_FILES.encoders), join(folder, RUN_FILES.weights), spec, 1)
  }

  static async #load(encoderFile: string, weights: string, spec: TwoTowerSpec, threads: number): Promise<RunTowers> {
    const encoders = JSON.parse(await readFile(encoderFile, 'utf8')) as FrozenEncoders
    const model = buildTwoTower(spec, encoders)
    const trained = blankState(model, null)
    await loadWeights(weights, trained)
    return new RunTowers(encoders, model, trained, threads)
  }

  /** What a typed-in entity may be described by. */
  properties(side: Side): string[] {
    return rowProperties(this.encoders, side)
  }

  /** What of a typed-in entity the model does not know, as warnings. */
  unknown(side: Side, row: Readonly<Record<string, unknown>>): string[] {
    return unknownValueWarnings(this.encoders, side, row)
  }

  /** A tower compiled, once, after the other where that is under way: two graphs cannot be traced at the same time. */
  embedder(side: Side): Promise<Embedder> {
    const create = (): Promise<Embedder> => Embedder.create(this.model[side], this.trained, { threads: this.#threads })
    const other = this.#embedders[side === 'user' ? 'item' : 'user']
    return (this.#embedders[side] ??= other === undefined ? create() : other.then(create))
  }

  /**
   * The vector of a typed-in entity; of a user of several interests all of them, one after the other.
   * @throws PylonError bad-input naming a property the side does not have, or whose value cannot be read, or where they are too large
   */
  async embed(side: Side, row: Readonly<Record<string, unknown>>): Promise<Float32Array> {
    const encoded = encodeRow(this.encoders, side, row)
    const context = side === 'user' ? rowContext(this.encoders, row) : null
    const embedder = await this.embedder(side)
    return checkFinite(side, await drain(embedder.embed(encoded, Int32Array.of(0), () => context)))
  }

  async dispose(): Promise<void> {
    for (const embedder of Object.values(this.#embedders)) await (await embedder).dispose()
  }
}

/**
 * The vector of a typed-in entity, as it is: one that is not finite would be ranked at random, and in an index spoil every search.
 * @throws PylonError bad-input where a value was too large for the tower
 */
export function checkFinite(side: Side, vector: Float32Array): Float32Array {
  if (vector.every(Number.isFinite)) return vector
  throw badInput(`These values are too large for the ${side} tower: its vector is not finite. Correct them.`, 'features')
}
