/** Embeds many entities with a trained tower: blocks of rows through its forward program. */
import type { Progress } from '../../contract/shapes/progress.ts'
import { compileProgram, type Executable, type ExecutorName } from '../compute/executor.ts'
import type { Inputs } from '../features/inputs.ts'
import type { EncodedSide } from '../features/encoded.ts'
import { embedProgram, type Tower, VECTORS } from '../towers/build.ts'
import { TowerFeeds, weightFeeds } from './step/feeds.ts'
import type { DenseWeight } from './state/state.ts'
import type { Table } from './state/tables.ts'

/** The trained numbers a tower needs. */
export interface Trained {
  readonly tables: ReadonlyMap<string, Table>
  readonly weights: ReadonlyMap<string, Pick<DenseWeight, 'name' | 'values'>>
}

const BLOCK = 2048

/** A tower ready to embed; the weights are read at each call, so it also serves while they train. */
export class Embedder {
  readonly #tower: Tower
  readonly #program: Executable
  readonly #trained: Trained

  private constructor(tower: Tower, program: Executable, trained: Trained) {
    this.#tower = tower
    this.#program = program
    this.#trained = trained
  }

  static async create(tower: Tower, trained: Trained, options: { threads: number; executor?: ExecutorName }): Promise<Embedder> {
    return new Embedder(tower, await compileProgram(embedProgram(tower), options), trained)
  }

  /**
   * Vectors of `entities` (indices into `encoded`) as [entities × dim]; of several interests, [entities × interests·dim].
   * @param context the request context's rows for a block of entities; null where the tower has none
   */
  async *embed(
    encoded: EncodedSide,
    entities: Int32Array,
    context: (block: Int32Array) => Inputs | null,
  ): AsyncGenerator<Progress, Float32Array> {
    const { dim, side } = this.#tower
    const feeds = new TowerFeeds(this.#tower, encoded, this.#trained.tables, Math.min(BLOCK, entities.length))
    const weights = weightFeeds(this.#tower.weights, this.#trained)
    const width = dim * this.#tower.interests
    const vectors = new Float32Array(entities.length * width)
    for (let at = 0; at < entities.length; at += BLOCK) {
      const block = entities.subarray(at, at + BLOCK)
      const fetches = await this.#program.run({ ...feeds.fill(block, context(block), null), ...weights })
      vectors.set(VECTORS.take(fetches), at * width)
      yield { stage: `embed ${side}s`, done: at + block.length, total: entities.length, unit: `${side}s` }
    }
    return vectors
  }

  async dispose(): Promise<void> {
    await this.#program.dispose()
  }
}
