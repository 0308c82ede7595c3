/**
 * One step of training: gather the batch's rows, run the traced program, update what occurred. Given the same state and the same
 * step number it always does the same.
 */
import type { TwoTowerSpec } from '../../contract/shapes/spec.ts'
import { compile, type Executable, type ExecutorName } from '../compute/executor.ts'
import type { Inputs } from '../features/inputs.ts'
import type { EncodedSide } from '../features/types.ts'
import { MASKED } from '../towers/losses.ts'
import type { TwoTower } from '../towers/model.ts'
import { TowerFeeds } from './feeds.ts'
import { empiricalLogQ, KnownPositives, type Sampler, createSampler } from './negatives.ts'
import { GRADIENT, negativeCount, stepProgram } from './program.ts'
import { random } from './random.ts'
import type { Optimizers, TrainingState } from './state.ts'

/** What the trainer knows of the training interactions. */
export interface Positives {
  /** positions of the examples in the dataset's interactions */
  readonly positions: Int32Array
  /** user and item of every interaction of the dataset */
  readonly user: Int32Array
  readonly item: Int32Array
  /** training examples of each item */
  readonly itemCounts: Int32Array
  /** each user's distinct items in the training parts: offsets [users + 1] and items */
  readonly known: { readonly offsets: Int32Array; readonly items: Int32Array }
  /** the context of examples, or null where the user tower has none; valid until the next call */
  context(positions: Int32Array): Inputs | null
}

export interface StepOptions {
  readonly model: TwoTower
  readonly spec: TwoTowerSpec
  readonly encoded: { readonly user: EncodedSide; readonly item: EncodedSide }
  readonly positives: Positives
  readonly optimizers: Optimizers
  readonly batch: number
  readonly threads: number
  readonly executor?: ExecutorName
}

export class Step {
  readonly #options: StepOptions
  readonly #program: Executable
  readonly #users: TowerFeeds
  readonly #items: TowerFeeds
  readonly #known: KnownPositives
  readonly #sampler: Sampler | null
  readonly #logQ: Float32Array
  readonly #userRows: Int32Array
  readonly #itemRows: Int32Array
  readonly #bias: Float32Array
  readonly #weight: Float32Array

  private constructor(options: StepOptions, state: TrainingState, program: Executable) {
    const { model, spec, encoded, positives, batch } = options
    const candidates = batch + negativeCount(spec)
    this.#options = options
    this.#program = program
    this.#users = new TowerFeeds(model.user, encoded.user, state.tables, batch)
    this.#items = new TowerFeeds(model.item, encoded.item, state.tables, candidates)
    this.#known = new KnownPositives(positives.known.offsets, positives.known.items, positives.itemCounts.length)
    this.#sampler = spec.loss.kind === 'sampled-softmax' ? createSampler(spec.loss.sampler, positives.itemCounts, spec.training.seed) : null
    this.#logQ = this.#sampler?.logQ ?? empiricalLogQ(positives.itemCounts)
    this.#userRows = new Int32Array(batch)
    this.#itemRows = new Int32Array(candidates)
    this.#bias = new Float32Array(candidates)
    this.#weight = new Float32Array(batch).fill(1 / batch)
  }

  /** Traces and compiles the step; costs well under a second. */
  static async create(options: StepOptions, state: TrainingState): Promise<Step> {
    const shape = { batch: options.batch, negatives: negativeCount(options.spec) }
    const program = await compile(stepProgram(options.model, options.spec, shape), options)
    return new Step(options, state, program)
  }

  /**
   * Trains on the examples at `positions` [batch] as step number `step` (1-based) with the learning rates multiplied by `factor`.
   * @returns the mean loss of the batch
   */
  async run(state: TrainingState, positions: Int32Array, step: number, factor: number): Promise<number> {
    const { positives, spec, batch } = this.#options
    this.#draw(positions, step)
    const unknown = random(spec.training.seed, 'unknown', step)
    const dropout = random(spec.training.seed, 'dropout', step)
    const pairs = this.#known.pairs(
      this.#userRows,
      batch,
      this.#itemRows.subarray(this.#sampler === null ? 0 : batch),
      this.#sampler === null,
    )
    const fetches = await this.#program.run({
      ...this.#users.fill(this.#userRows, positives.context(positions), unknown),
      ...this.#items.fill(this.#itemRows, null, unknown),
      ...this.#users.drawMasks(batch, dropout),
      ...this.#items.drawMasks(this.#itemRows.length, dropout),
      ...Object.fromEntries([...state.weights.values()].map(({ name, values }) => [name, values])),
      bias: this.#bias,
      weight: this.#weight,
      masked: pairs,
      mask_value: new Float32Array(pairs.length / 2).fill(MASKED),
    })
    this.#users.accumulate(fetches)
    this.#items.accumulate(fetches)
    this.#update(state, fetches, step, factor)
    return fetches['loss']![0]!
  }

  async dispose(): Promise<void> {
    await this.#program.dispose()
  }

  /** The rows of the batch: users, their positives, then the drawn negatives; and what the logQ correction adds to each score. */
  #draw(positions: Int32Array, step: number): void {
    const { positives, spec, batch } = this.#options
    for (let row = 0; row < batch; row++) {
      this.#userRows[row] = positives.user[positions[row]!]!
      this.#itemRows[row] = positives.item[positions[row]!]!
    }
    this.#sampler?.draw(step, this.#itemRows.subarray(batch))
    const strength = spec.loss.logQ
    for (let i = 0; i < this.#bias.length; i++) this.#bias[i] = strength === 0 ? 0 : -strength * this.#logQ[this.#itemRows[i]!]!
  }

  #update(state: TrainingState, fetches: Readonly<Record<string, Float32Array>>, step: number, factor: number): void {
    const { optimizers, spec } = this.#options
    const updateRows = optimizers.tables.step(step, spec.training.tables.learningRate * factor)
    for (const table of state.tables.values()) table.apply(updateRows)
    const updateDense = optimizers.dense.step(step, spec.training.dense.learningRate * factor)
    for (const { name, values, slots } of state.weights.values()) {
      updateDense(values, slots, 0, fetches[`${GRADIENT}${name}`]!, 0, values.length)
    }
  }
}
