/**
 * One step of training: gather the batch's rows, run the traced program, update what occurred. Given the same state and the same
 * step number it always does the same.
 */
import type { TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { gradientOf } from '../../compute/port.ts'
import type { Feeds, Fetches } from '../../compute/graph-session.ts'
import { compileProgram, type Executable, type ExecutorName } from '../../compute/executor.ts'
import type { EncodedSide } from '../../features/encoded.ts'
import type { LoadedModule } from '../../towers/match.ts'
import type { TwoTower } from '../../towers/two-tower.ts'
import { Averages } from '../state/average.ts'
import { cachedStep } from './cached.ts'
import { CandidateSampler } from '../candidates/candidate-sampler.ts'
import type { Positives } from '../candidates/positives.ts'
import { TowerFeeds, weightFeeds } from './feeds.ts'
import type { MinedLists } from '../candidates/mined.ts'
import { candidatePlan, type CandidatePlan, negativeCount, type StepShape } from '../candidates/plan.ts'
import { ITEM_VECTORS, LOSS, stepProgram, TEMPERATURE } from './program.ts'
import { random } from '../random.ts'
import { temperatureAt } from '../loop/schedule.ts'
import type { DataSources } from '../candidates/sources.ts'
import type { Optimizers, TrainingState } from '../state/state.ts'
import type { Gradient } from '../state/optimizer.ts'
import { averaged, chain, clip, descend, l2, type Transformation } from '../state/transformations.ts'

export interface StepOptions {
  readonly model: TwoTower
  readonly spec: TwoTowerSpec
  readonly encoded: { readonly user: EncodedSide; readonly item: EncodedSide }
  readonly positives: Positives
  readonly optimizers: Optimizers
  readonly batch: number
  /** steps of an epoch, by which a temperature's schedule counts */
  readonly stepsPerEpoch: number
  readonly threads: number
  readonly executor?: ExecutorName
  /** what the executor found out while steps ran */
  readonly told?: (text: string) => void
  readonly sources: DataSources
  readonly mined: MinedLists | null
  /** the matching function of the spec's module, where it names one */
  readonly loaded?: LoadedModule | null
}

export class Step {
  readonly #options: StepOptions
  /** by how many windows the examples of a batch share; null: none are shared */
  readonly #programs: Map<number | null, Executable>
  readonly #users: TowerFeeds
  readonly #items: TowerFeeds
  readonly #candidates: CandidateSampler
  readonly #averages: Averages | null
  readonly #transform: Transformation
  readonly #userRows: Int32Array
  readonly #positiveRows: Int32Array
  readonly #weight: Float32Array

  private constructor(options: StepOptions, plan: CandidatePlan, state: TrainingState, first: readonly (readonly [null, Executable])[]) {
    const { model, spec, encoded, positives, batch } = options
    this.#options = options
    this.#programs = new Map(first)
    this.#users = new TowerFeeds(model.user, encoded.user, state.tables, batch, sharesWindows(spec))
    this.#items = new TowerFeeds(model.item, encoded.item, state.tables, plan.itemRows)
    this.#candidates = new CandidateSampler({ spec, plan, positives, sources: options.sources, mined: options.mined, dim: model.dim })
    for (const [name, values] of Object.entries(this.#candidates.state)) state.extras.set(name, values)
    this.#averages = spec.training.ema === null ? null : new Averages(state, spec.training.ema)
    const { l2: lambda, clipNorm } = spec.training
    const descent = chain(
      lambda > 0 ? l2(lambda) : null,
      clipNorm === null ? null : clip(clipNorm),
      descend(options.optimizers, spec.training),
    )
    this.#transform = this.#averages === null ? descent : averaged(this.#averages, descent)
    this.#userRows = new Int32Array(batch)
    this.#positiveRows = new Int32Array(batch)
    this.#weight = new Float32Array(batch).fill(1 / batch)
  }

  /** Traces and compiles the step; costs well under a second. What it keeps between steps joins the state's extras. */
  static async create(options: StepOptions, state: TrainingState): Promise<Step> {
    const { spec, model, loaded = null } = options
    const shape = shapeOf(options)
    // how many windows there are is known with each batch
    if (sharesWindows(spec)) return new Step(options, candidatePlan(spec, shape), state, [])
    const program =
      spec.training.gradientCache === null
        ? await compileProgram(stepProgram(model, spec, shape, loaded), options)
        : await cachedStep(model, spec, shape, { ...options, loaded, rows: spec.training.gradientCache })
    return new Step(options, candidatePlan(spec, shape), state, [[null, program]])
  }

  /** The weights to evaluate and keep: averages where the spec wants them, which are swapped in while `run` works. */
  evaluating<T>(run: () => Promise<T>): Promise<T> {
    return this.#averages === null ? run() : this.#averages.during(run)
  }

  /** Puts the averages in the weights' place for good: training has ended. */
  keepAverages(): void {
    this.#averages?.swap()
  }

  /**
   * Trains on the examples at `positions` [batch] as step number `step` (1-based) with the learning rates multiplied by `factor`.
   * @returns the mean loss of the batch
   */
  async run(state: TrainingState, positions: Int32Array, step: number, factor: number): Promise<number> {
    const { positives, spec, batch } = this.#options
    const epoch = state.counters.epoch + 1
    this.#gather(positions)
    const items = this.#candidates.sample({ users: this.#userRows, positives: this.#positiveRows, positions }, step)
    const unknown = random(spec.training.seed, 'unknown', step)
    const dropout = random(spec.training.seed, 'dropout', step)
    const moments = sharesWindows(spec) ? positives.moments(positions) : null
    const users = this.#users.fill(this.#userRows, positives.context(positions), unknown, moments)
    const program = this.#programs.get(this.#users.windows) ?? (await this.#compile(this.#users.windows))
    const fetches = await program.run({
      ...users,
      ...this.#items.fill(items, null, unknown),
      ...this.#users.drawMasks(batch, dropout),
      ...this.#items.drawMasks(items.length, dropout),
      ...weightFeeds(this.#options.model.weights, state),
      ...this.#candidates.feeds(this.#userRows, this.#weight, epoch),
      ...this.#temperature(step),
    })
    this.#users.accumulate(fetches)
    this.#items.accumulate(fetches)
    this.#update(state, fetches, step, factor)
    const vectors = ITEM_VECTORS.takeIfThere(fetches)
    if (vectors !== null) this.#candidates.remember(vectors, epoch)
    return LOSS.take(fetches)[0]!
  }

  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) await program.dispose()
  }

  /** The program of batches whose examples share so many windows, made when it is first wanted. */
  async #compile(windows: number | null): Promise<Executable> {
    const { model, spec, loaded = null } = this.#options
    const program = await compileProgram(stepProgram(model, spec, shapeOf(this.#options), loaded, windows), this.#options)
    this.#programs.set(windows, program)
    return program
  }

  /** The batch's users, their positives and what they weigh. */
  #gather(positions: Int32Array): void {
    const { positives, batch } = this.#options
    const { weights } = positives
    for (let row = 0; row < batch; row++) {
      const position = positions[row]!
      this.#userRows[row] = positives.user[position]!
      this.#positiveRows[row] = positives.item[position]!
      if (weights !== null) this.#weight[row] = weights[position]! / batch
    }
  }

  #temperature(step: number): Feeds {
    const { spec, stepsPerEpoch } = this.#options
    const { temperature } = spec.match
    if (temperature.kind !== 'scheduled') return {}
    return TEMPERATURE.feed(Float32Array.of(temperatureAt(temperature, (step - 1) / stepsPerEpoch)))
  }

  #update(state: TrainingState, fetches: Fetches, step: number, factor: number): void {
    const tables = [...state.tables.values()]
    const dense = this.#options.model.weights.map((weight): Gradient => {
      const { name, values, slots, within } = state.weights.get(weight.name)!
      const fetched = gradientOf(weight).take(fetches)
      within?.gradient.set(fetched)
      return {
        name,
        values,
        slots,
        rows: null,
        width: values.length,
        gradient: within?.gradient ?? fetched,
        memory: within?.memory ?? null,
      }
    })
    this.#transform([...tables.map(({ gradient }) => gradient), ...dense], step, factor)
    for (const table of tables) table.clear()
  }
}

const sharesWindows = ({ training }: TwoTowerSpec): boolean => training.order === 'sequences'

const shapeOf = ({ spec, batch, encoded }: Pick<StepOptions, 'spec' | 'batch' | 'encoded'>): StepShape => ({
  batch,
  negatives: negativeCount(spec, encoded.item.count),
})
