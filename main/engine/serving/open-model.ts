/**
 * A finished run opened for questions: its vectors, ids and dataset, and, once somebody types in a profile, its towers. What answers
 * here is what was evaluated: the same vectors, the same exact search, the same frozen encoders.
 */
import { badInput } from '../../contract/errors.ts'
import { BUILT_IN_INDEX } from '../../contract/shapes/ann.ts'
import type { Stage } from '../../contract/shapes/progress.ts'
import { EARLIER_PARTS, type Protocol } from '../../contract/shapes/protocol.ts'
import { isIndexed, type RunSpec, type VectorMetric } from '../../contract/shapes/spec.ts'
import { AnnIndex } from '../ann/usearch.ts'
import type { Dataset, Side } from '../dataset/dataset.ts'
import { type AsOf, createBatcher } from '../features/batches.ts'
import { encodeRow, encodeSide } from '../features/encode.ts'
import type { FrozenEncoders } from '../features/encoded.ts'
import { drain } from '../files/drain.ts'
import type { RunFolders } from '../model/run-files.ts'
import { loadItemItem } from '../model/item-item-files.ts'
import { Retriever } from '../model/retriever.ts'
import type { FittedModel, VectorModel } from '../model/scoring.ts'
import { type RunTowers, Towers } from '../model/towers.ts'
import { loadVectors, type RunVectors, TRAIN_VECTORS } from '../model/run-vectors.ts'
import { matchingOf, metricOf } from '../towers/metric.ts'
import { Embedder } from '../training/embed.ts'
import { Catalogue, cellOf } from './catalogue.ts'
import { ablatedContexts, readsHistory } from './ablated-history.ts'
import { indexPath } from './indexes.ts'

export class OpenModel {
  readonly folders: RunFolders
  readonly catalogue: Catalogue
  /** what ranks: stored vectors, or item-item weights */
  readonly fitted: FittedModel
  /** how vectors are compared when the model retrieves */
  readonly metric: VectorMetric
  readonly #threads: number
  #retriever: Retriever | null = null
  #towers: Promise<Towers> | null = null
  /** by name */
  readonly #indexes = new Map<string, Promise<AnnIndex>>()

  private constructor(place: RunFolders, catalogue: Catalogue, fitted: FittedModel, threads: number) {
    this.folders = place
    this.catalogue = catalogue
    this.fitted = fitted
    this.metric = metricOf(matchingOf(place.spec))
    this.#threads = threads
  }

  /**
   * @param opened its dataset, where that is open already
   * @throws PylonError not-found or bad-data where the run's folder is not complete, not what was written, or of another dataset
   */
  static async open(place: RunFolders, threads: number, opened?: Catalogue): Promise<OpenModel> {
    const { spec } = place
    const catalogue = opened ?? (await Catalogue.open(place.datasetFolder, place.datasetRecord))
    const count = { user: catalogue.size('user'), item: catalogue.size('item') }
    if (spec.model === 'item-knn' || spec.model === 'ease') {
      const weights = await loadItemItem(place, count.item)
      return new OpenModel(place, catalogue, { kind: 'item-item', weights, parts: EARLIER_PARTS.test, events: spec.events }, threads)
    }
    const { dim, user, item } = await loadVectors(place, count)
    const fitted: VectorModel = { kind: 'vectors', dim, users: user, items: item, matching: matchingOf(spec) }
    return new OpenModel(place, catalogue, fitted, threads)
  }

  get spec(): RunSpec {
    return this.folders.spec
  }

  /** [users × interests·dim] and [items × dim]. @throws PylonError bad-input where the model has none */
  get vectors(): Readonly<Record<Side, Float32Array>> {
    const { users, items } = this.#vectorModel
    return { user: users, item: items }
  }

  get #vectorModel(): VectorModel {
    if (this.fitted.kind === 'vectors') return this.fitted
    throw badInput(`A run of ${this.spec.model} has item-item weights and no vectors; ask a run of a two-tower or ials.`, 'run')
  }

  /** width of the vectors; 0 where the model has none */
  get dim(): number {
    return this.fitted.kind === 'vectors' ? this.fitted.dim : 0
  }

  /** What the vectors retrieve. @throws PylonError bad-input where the model has none */
  get retriever(): Retriever {
    const { items, dim, matching } = this.#vectorModel
    return (this.#retriever ??= new Retriever(items, dim, matching, this.#threads))
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
    return this.fitted.kind === 'vectors' ? this.fitted.users.length / (this.dim * this.catalogue.size('user')) : 1
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
    return (await this.towers()).embed(side, row)
  }

  /** What of a typed-in entity the model does not know, as warnings. @throws PylonError as {@link embed} */
  async unknown(side: Side, row: Readonly<Record<string, unknown>>): Promise<string[]> {
    return (await this.towers()).unknown(side, row)
  }

  /** The encoders a typed-in entity goes through, of each pair of towers. @throws PylonError bad-input where the model has no towers */
  async encoders(): Promise<FrozenEncoders[]> {
    return (await this.towers()).pairs.map(({ encoders }) => encoders)
  }

  /**
   * Vectors [versions × dim] of a known user under versions of their history, each the positions that are left out; null for a version by
   * which the tower's inputs are those of the first. One pass for all.
   * @throws PylonError bad-input where the model reads no history
   */
  async embedWithout(user: number, versions: readonly ReadonlySet<number>[]): Promise<(Float32Array | null)[]> {
    const towers = await this.towers()
    if (!towers.pairs.some(({ encoders }) => readsHistory(encoders)))
      throw badInput("This run's user tower reads no history: leaving out an interaction changes nothing.", 'without')
    const made: (Float32Array | null)[][] = []
    for (const pair of towers.pairs) made.push(await this.#pairWithout(pair, user, versions))
    return Promise.all(
      versions.map(async (_, i) => {
        // of a member that reads the same as before the first version's vector is taken
        const isChanged = made.some((vectors) => vectors[i] !== null)
        return isChanged
          ? towers.join(
              'user',
              made.map((vectors) => vectors[i] ?? vectors[0]!),
            )
          : null
      }),
    )
  }

  /** As {@link embedWithout}, of one pair of towers; of one that reads no history only the first version has a vector. */
  async #pairWithout(pair: RunTowers, user: number, versions: readonly ReadonlySet<number>[]): Promise<(Float32Array | null)[]> {
    const { encoders } = pair
    const stored = await this.#rowOf(user, pair.properties('user'))
    const { context, changed } = await ablatedContexts(
      encoders,
      this.dataset,
      user,
      readsHistory(encoders) ? versions : versions.slice(0, 1),
    )
    const rows = new Int32Array(context.count)
    const encoded = encodeRow(encoders, 'user', stored, 'stored', await pair.sentences.of('user', stored, 'stored'))
    const vectors = await drain((await pair.embedder('user')).embed(encoded, rows, () => context))
    const width = vectors.length / context.count
    return versions.map((_, i) => {
      const at = changed[i] ?? null
      return at === null ? null : vectors.slice(at * width, (at + 1) * width)
    })
  }

  /** A known user as one would type them in: the properties among `names` that are columns, and the id. */
  async #rowOf(user: number, names: readonly string[]): Promise<Record<string, unknown>> {
    const columns = this.dataset.manifest.userColumns.map(({ name }) => name).filter((name) => names.includes(name))
    const values = await Promise.all(columns.map((name) => this.catalogue.column('user', name)))
    const row = Object.fromEntries(columns.map((name, i) => [name, cellOf(values[i]!, user)]))
    return names.includes('id') && !columns.includes('id') ? { ...row, id: (await this.dataset.ids('user'))[user] } : row
  }

  /**
   * Vectors that have learned nothing from a part, and know users as of its beginning: for the validation part those of
   * the pass that learned from train alone.
   * @throws PylonError bad-input where the run keeps none
   */
  async *vectorsBefore(part: Protocol['part']): Stage<RunVectors> {
    const { users, items, dim } = this.#vectorModel
    if (part === 'test') return { dim, user: users, item: items }
    const { spec, folders: place, catalogue } = this
    if (TRAIN_VECTORS.every((file) => place.fileRecords.some(({ path }) => path === file)))
      return loadVectors(place, { user: catalogue.size('user'), item: catalogue.size('item') }, 'validation')
    if (spec.model === 'two-tower' && !spec.training.finalFit)
      return { dim, user: yield* this.#userVectorsAsOf('train', spec.training.seed), item: items }
    throw badInput(
      'What this run keeps has learned from the validation part too: Pylon before 0.4 kept no vectors of train alone. Train it again.',
      'run',
    )
  }

  /** User vectors [users × dim] from what was known of the users as of a part. */
  async *#userVectorsAsOf(asOf: AsOf, seed: number): Stage<Float32Array> {
    const { encoders, model, trained } = (await this.towers()).pairs[0]!
    yield { stage: 'encode features', done: 0, total: this.dataset.manifest.users, unit: 'users' }
    const encoded = await encodeSide(encoders, 'user', this.dataset)
    const batcher = await createBatcher(encoders, this.dataset, { parts: [], eventCodes: null, seed })
    const embedder = await Embedder.create(model.user, trained, { threads: this.#threads })
    try {
      const users = Int32Array.from({ length: encoded.count }, (_, i) => i)
      return yield* embedder.embed(encoded, users, (block) => batcher.queryContext(block, asOf))
    } finally {
      await embedder.dispose()
    }
  }

  /**
   * An ANN index of the run, mapped from its file.
   * @param name of one beside the run's own
   * @throws PylonError where the model has none, or none of that name
   */
  index(name: string = BUILT_IN_INDEX): Promise<AnnIndex> {
    if (!isIndexed(this.spec)) throw badInput(`A run of ${this.spec.model} has no ANN index; leave out --ann.`)
    const open = async (): Promise<AnnIndex> => AnnIndex.view(await indexPath(this.folders, name), { dim: this.dim, metric: this.metric })
    const index = this.#indexes.get(name) ?? open()
    this.#indexes.set(name, index)
    index.catch(() => this.#indexes.delete(name))
    return index
  }

  /** Lets an index go whose file has changed. */
  async forgetIndex(name: string): Promise<void> {
    const index = this.#indexes.get(name)
    this.#indexes.delete(name)
    ;(await index)?.dispose()
  }

  async dispose(): Promise<void> {
    await this.#retriever?.dispose()
    for (const name of [...this.#indexes.keys()]) await this.forgetIndex(name)
    await (await this.#towers?.catch(() => null))?.dispose()
  }

  /** Opened once; a load that fails is tried again by the next asker. @throws PylonError bad-input where the model has none */
  towers(): Promise<Towers> {
    const { spec } = this
    if (!isIndexed(spec)) throw badInput(`A run of ${spec.model} cannot embed typed-in features; name a known id.`, 'features')
    this.#towers ??= Towers.open(this.folders, spec, this.#threads).catch((error: unknown) => {
      this.#towers = null
      throw error
    })
    return this.#towers
  }
}
