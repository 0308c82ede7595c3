/**
 * A finished run opened for questions: its vectors, ids and dataset, and, once somebody types in a profile, its towers. What answers
 * here is what was evaluated: the same vectors, the same exact search, the same frozen encoders.
 */
import { readFile } from 'node:fs/promises'
import { PylonError } from '../../contract/errors.ts'
import { OWN_INDEX } from '../../contract/shapes/ann.ts'
import type { Progress } from '../../contract/shapes/progress.ts'
import type { RunSpec } from '../../contract/shapes/spec.ts'
import { createExact, type ExactSearch } from '../ann/exact.ts'
import { AnnIndex } from '../ann/usearch.ts'
import { servedMetric, type VectorMetric } from '../ann/vectors.ts'
import { type AsOf, createBatcher } from '../features/batches.ts'
import { rowContext } from '../features/context.ts'
import { encodeRow, encodeSide, rowProperties } from '../features/encode.ts'
import { unknownValues } from '../features/unknown.ts'
import type { FrozenEncoders } from '../features/types.ts'
import type { FittedModel, ItemItemModel } from '../model/scoring.ts'
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import { readNpy } from '../files/npy.ts'
import type { Dataset, Side } from '../dataset/types.ts'
import { buildTwoTower, type TwoTower } from '../towers/model.ts'
import { loadWeights } from '../training/state/checkpoint.ts'
import { Embedder, type Trained } from '../training/embed.ts'
import { drain } from '../files/drain.ts'
import { blankState } from '../training/state/state.ts'
import { Catalogue, cellOf } from './catalogue.ts'
import { historyContexts } from './history.ts'
import { indexPath } from './indexes.ts'
import { loadItemItem } from '../model/item-item-files.ts'
import { RUN_FILES, runFile, type RunFolders } from '../model/files.ts'
import { finite } from '../model/towers.ts'

/** Towers with their trained numbers, for entities the run has no vector of. */
interface Towers {
  readonly encoders: FrozenEncoders
  readonly model: TwoTower
  readonly trained: Trained
  /** compiled once, for one entity or a few */
  readonly embedder: (side: Side) => Promise<Embedder>
  dispose(): Promise<void>
}

export class OpenModel {
  readonly place: RunFolders
  readonly catalogue: Catalogue
  /** width of the vectors; 0 where the model has none */
  readonly dim: number
  /** what ranks instead of vectors in an item-item model; null in all others */
  readonly itemItem: ItemItemModel | null
  readonly #vectors: Readonly<Record<Side, Float32Array>>
  readonly #threads: number
  readonly #searches = new Map<VectorMetric | 'own', Promise<ExactSearch>>()
  #towers: Promise<Towers> | null = null
  /** by name */
  readonly #indexes = new Map<string, Promise<AnnIndex>>()

  private constructor(place: RunFolders, catalogue: Catalogue, fitted: FittedModel, threads: number) {
    this.place = place
    this.catalogue = catalogue
    this.itemItem = fitted.kind === 'item-item' ? fitted : null
    this.#vectors = fitted.kind === 'vectors' ? { user: fitted.users, item: fitted.items } : NO_VECTORS
    this.dim = fitted.kind === 'vectors' ? fitted.dim : 0
    this.#threads = threads
  }

  /**
   * @param opened its dataset, where that is open already
   * @throws PylonError not-found or bad-data where the run's folder is not complete, not what was written, or of another dataset
   */
  static async open(place: RunFolders, threads: number, opened?: Catalogue): Promise<OpenModel> {
    const { spec } = place
    const catalogue = opened ?? (await Catalogue.open(place.datasetFolder, place.datasetRecord))
    const [users, items] = [catalogue.size('user'), catalogue.size('item')]
    if (spec.model === 'item-knn' || spec.model === 'ease') {
      const weights = await loadItemItem(place, items)
      const fitted = { kind: 'item-item', weights, parts: EARLIER_PARTS.test, events: spec.events } as const
      return new OpenModel(place, catalogue, fitted, threads)
    }
    const files = await Promise.all([runFile(place, RUN_FILES.userVectors), runFile(place, RUN_FILES.itemVectors)])
    const user = await readMatrix(files[0], users)
    const item = await readMatrix(files[1], items)
    const fitted = { kind: 'vectors', dim: item.dim, users: user.data, items: item.data } as const
    return new OpenModel(place, catalogue, fitted, threads)
  }

  get spec(): RunSpec {
    return this.place.spec
  }

  /** [users × interests·dim] and [items × dim]. @throws PylonError bad-input where the model has none */
  get vectors(): Readonly<Record<Side, Float32Array>> {
    if (this.itemItem === null) return this.#vectors
    throw new PylonError(
      'bad-input',
      `A run of ${this.spec.model} has item-item weights and no vectors; ask a run of a two-tower or ials.`,
      'run',
    )
  }

  /** What ranks: the stored vectors or item-item weights. */
  get fitted(): FittedModel {
    const match = this.spec.model === 'two-tower' ? { match: this.spec.match } : {}
    return this.itemItem ?? { kind: 'vectors', dim: this.dim, users: this.#vectors.user, items: this.#vectors.item, ...match }
  }

  /** How vectors are compared when the model retrieves. */
  get metric(): VectorMetric {
    return this.spec.model === 'two-tower' ? servedMetric(this.spec.match) : 'dot'
  }

  /** Whether the model matches by a function that no index serves. */
  get matchesByFunction(): boolean {
    return this.spec.model === 'two-tower' && servedMetric(this.spec.match) !== this.spec.match.kind
  }

  get dataset(): Dataset {
    return this.catalogue.dataset
  }

  /** Index of a known user or item. @throws PylonError not-found */
  indexOf(side: Side, id: string): Promise<number> {
    return this.catalogue.indexOf(side, id)
  }

  /** Vectors a user has. */
  get interests(): number {
    return this.itemItem === null ? this.#vectors.user.length / (this.dim * this.catalogue.size('user')) : 1
  }

  /** The vector of a known entity; of a user of several interests all of them, one after the other. */
  vectorOf(side: Side, index: number): Float32Array {
    const width = this.dim * (side === 'user' ? this.interests : 1)
    return this.vectors[side].subarray(index * width, (index + 1) * width)
  }

  /**
   * The vector of a typed-in entity.
   * @throws PylonError bad-input naming a property the model does not read, where a value is too large, or where the model has no towers
   */
  async embed(side: Side, row: Readonly<Record<string, unknown>>): Promise<Float32Array> {
    const { encoders, embedder } = await this.#openTowers()
    const encoded = encodeRow(encoders, side, row)
    const context = side === 'user' ? rowContext(encoders, row) : null
    return finite(side, await drain((await embedder(side)).embed(encoded, Int32Array.of(0), () => context)))
  }

  /** What of a typed-in entity the model does not know, as warnings. */
  async unknown(side: Side, row: Readonly<Record<string, unknown>>): Promise<string[]> {
    return unknownValues((await this.#openTowers()).encoders, side, row)
  }

  /** The encoders a typed-in entity goes through. @throws PylonError bad-input where the model has no towers */
  async encoders(): Promise<FrozenEncoders> {
    return (await this.#openTowers()).encoders
  }

  /**
   * Vectors [versions × dim] of a known user under versions of their history, each the positions that are left out; null for a version by
   * which the tower's inputs are those of the first. One pass for all.
   * @throws PylonError bad-input where the model reads no history
   */
  async embedWithout(user: number, versions: readonly ReadonlySet<number>[]): Promise<(Float32Array | null)[]> {
    const { encoders, embedder } = await this.#openTowers()
    const stored = await this.#rowOf(user, rowProperties(encoders, 'user'))
    const { context, changed } = await historyContexts(encoders, this.dataset, user, versions)
    const rows = new Int32Array(context.count)
    const vectors = await drain((await embedder('user')).embed(encodeRow(encoders, 'user', stored, 'stored'), rows, () => context))
    const width = vectors.length / context.count
    return changed.map((at) => (at === null ? null : vectors.slice(at * width, (at + 1) * width)))
  }

  /** A known user as one would type them in: the properties among `names` that are columns, and the id. */
  async #rowOf(user: number, names: readonly string[]): Promise<Record<string, unknown>> {
    const columns = this.dataset.manifest.userColumns.map(({ name }) => name).filter((name) => names.includes(name))
    const values = await Promise.all(columns.map((name) => this.catalogue.column('user', name)))
    const row = Object.fromEntries(columns.map((name, i) => [name, cellOf(values[i]!, user)]))
    return names.includes('id') && !columns.includes('id') ? { ...row, id: (await this.dataset.ids('user'))[user] } : row
  }

  /** User vectors [users × dim] from what was known of the users as of a part; the stored ones are as of train and validation. */
  async *userVectorsAsOf(asOf: AsOf): AsyncGenerator<Progress, Float32Array> {
    if (this.spec.model !== 'two-tower') return this.vectors.user
    const { encoders, model, trained } = await this.#openTowers()
    yield { stage: 'encode features', done: 0, total: this.dataset.manifest.users, unit: 'users' }
    const encoded = await encodeSide(encoders, 'user', this.dataset)
    const batcher = await createBatcher(encoders, this.dataset, { parts: [], eventCodes: null, seed: this.spec.training.seed })
    const embedder = await Embedder.create(model.user, trained, { threads: this.#threads })
    try {
      const users = Int32Array.from({ length: encoded.count }, (_, i) => i)
      return yield* embedder.embed(encoded, users, (block) => batcher.queryContext(block, asOf))
    } finally {
      await embedder.dispose()
    }
  }

  /** Exact search over the item vectors by a metric, or (`own`) as the model itself scores, whatever its function. */
  exact(metric: VectorMetric | 'own'): Promise<ExactSearch> {
    const known = this.#searches.get(metric)
    if (known !== undefined) return known
    const own = this.spec.model === 'two-tower' ? this.spec.match : 'dot'
    const search = createExact(this.vectors.item, this.dim, metric === 'own' ? own : metric, { threads: this.#threads })
    this.#searches.set(metric, search)
    search.catch(() => this.#searches.delete(metric))
    return search
  }

  /**
   * An ANN index of the run, mapped from its file.
   * @param name of one beside the run's own
   * @throws PylonError where the model has none, or none of that name
   */
  index(name: string = OWN_INDEX): Promise<AnnIndex> {
    if (this.spec.model !== 'two-tower') throw new PylonError('bad-input', `A run of ${this.spec.model} has no ANN index; leave out --ann.`)
    const open = async (): Promise<AnnIndex> => AnnIndex.view(await indexPath(this.place, name), { dim: this.dim, metric: this.metric })
    const known = this.#indexes.get(name) ?? open()
    this.#indexes.set(name, known)
    known.catch(() => this.#indexes.delete(name))
    return known
  }

  /** Lets an index go whose file has changed. */
  async forgetIndex(name: string): Promise<void> {
    const known = this.#indexes.get(name)
    this.#indexes.delete(name)
    ;(await known)?.dispose()
  }

  async dispose(): Promise<void> {
    for (const search of this.#searches.values()) await (await search).dispose()
    for (const name of [...this.#indexes.keys()]) await this.forgetIndex(name)
    await (await this.#towers?.catch(() => null))?.dispose()
  }

  /** A load that fails is tried again by the next asker. */
  #openTowers(): Promise<Towers> {
    this.#towers ??= this.#loadTowers().catch((error: unknown) => {
      this.#towers = null
      throw error
    })
    return this.#towers
  }

  async #loadTowers(): Promise<Towers> {
    const { spec } = this
    if (spec.model !== 'two-tower')
      throw new PylonError('bad-input', `A run of ${spec.model} cannot embed typed-in features; name a known id.`, 'features')
    const encoders = JSON.parse(await readFile(await runFile(this.place, RUN_FILES.encoders), 'utf8')) as FrozenEncoders
    const model = buildTwoTower(spec, encoders)
    const state = blankState(model, null)
    await loadWeights(await runFile(this.place, RUN_FILES.weights), state)
    const embedders = new Map<Side, Promise<Embedder>>()
    return {
      encoders,
      model,
      trained: state,
      embedder: (side) => {
        const known = embedders.get(side) ?? Embedder.create(model[side], state, { threads: this.#threads })
        embedders.set(side, known)
        return known
      },
      dispose: async () => {
        for (const embedder of embedders.values()) await (await embedder).dispose()
      },
    }
  }
}

const NO_VECTORS = { user: new Float32Array(0), item: new Float32Array(0) }

async function readMatrix(path: string, rows: number): Promise<{ data: Float32Array; dim: number }> {
  const { dtype, shape, data } = await readNpy(path)
  const [count, dim] = shape
  if (dtype !== 'float32' || shape.length !== 2 || count !== rows || dim === undefined) {
    throw new PylonError(
      'bad-data',
      `It holds ${dtype} of shape (${shape.join(', ')}), not ${rows} rows of float32: the dataset was replaced since. Train the run anew.`,
      path,
    )
  }
  return { data: data, dim }
}
