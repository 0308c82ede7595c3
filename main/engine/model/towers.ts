/**
 * The towers of a run with their trained numbers and frozen encoders: whoever the run has no vector of is embedded by them. A two-tower
 * has one pair of them; a blend has those of its members, whose vectors stand side by side.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { badData, badInput, type PylonError } from '../../contract/errors.ts'
import { type IndexedSpec, specSchema, type TwoTowerSpec } from '../../contract/shapes/spec.ts'
import type { Graph } from '../compute/graph.ts'
import { trace } from '../compute/trace.ts'
import type { Side } from '../dataset/dataset.ts'
import { rowContext } from '../features/typed-context.ts'
import { checkProperties, encodeRow, rowProperties } from '../features/encode.ts'
import type { FrozenEncoders } from '../features/encoded.ts'
import { TypedSentences } from '../features/typed-sentences.ts'
import { unknownValueWarnings } from '../features/unknown.ts'
import { drain } from '../files/drain.ts'
import { tryParseJson } from '../files/json-file.ts'
import { buildTwoTower, type TwoTower } from '../towers/two-tower.ts'
import { Embedder } from '../training/embed.ts'
import { loadWeights } from '../training/state/checkpoint.ts'
import { blankState, type TrainingState } from '../training/state/state.ts'
import {
  asInnerProducts,
  innerWidth,
  logCounts,
  type MemberScale,
  memberFile,
  popularityScale,
  readBlend,
  readScales,
  scaledItems,
  scaledUsers,
  sideBySide,
} from './blend.ts'
import { blendedProgram, memberPrefix } from './blended-program.ts'
import { type RecordedFiles, RUN_FILES, runFile } from './run-files.ts'
import { standaloneProgram } from './standalone.ts'

type Row = Readonly<Record<string, unknown>>

export class Towers {
  /** one, or those of a blend's members in their order */
  readonly pairs: readonly RunTowers[]
  /** of a blend: how its members' vectors become one */
  readonly #scales: readonly MemberScale[] | null
  /** of a blend with one: how the popularity of items enters, behind them */
  readonly #popularity: MemberScale | null

  private constructor(pairs: readonly RunTowers[], scales: readonly MemberScale[] | null, popularity: MemberScale | null) {
    this.pairs = pairs
    this.#scales = scales
    this.#popularity = popularity
  }

  /**
   * @throws PylonError not-found or bad-data where files are not what was written, or do not fit the spec; bad-input where a member of a
   * blend has no towers
   */
  static async open(run: RecordedFiles, spec: IndexedSpec, threads: number): Promise<Towers> {
    if (spec.model === 'two-tower') return new Towers([await RunTowers.open(run, spec, threads)], null, null)
    const blend = await readBlend(run)
    const without = blend.members.find(({ towers }) => !towers)
    if (without !== undefined)
      throw badInput(
        `A run of ${without.model} is part of this blend (${without.run}) and has no towers: only known ids can be asked for, and only vectors exported. For more, blend two-tower runs alone.`,
        'features',
      )
    const scales = await readScales(run, blend)
    const pairs: RunTowers[] = []
    for (const i of blend.members.keys()) {
      const member = memberRecords(run, i)
      pairs.push(await RunTowers.open(member, await memberSpec(member), threads))
    }
    return new Towers(pairs, scales, blend.popularity === null ? null : popularityScale(blend.popularity))
  }

  /** What a typed-in entity may be described by. */
  properties(side: Side): string[] {
    return [...new Set(this.pairs.flatMap((pair) => pair.properties(side)))]
  }

  /** What of a typed-in entity a model does not know, as warnings. */
  unknown(side: Side, row: Row): string[] {
    const asked = this.pairs.map((pair) => ownPart(pair, side, row))
    const told = this.pairs.flatMap((pair, i) =>
      Object.keys(row).length > 0 && Object.keys(asked[i]!).length === 0 ? [] : pair.unknown(side, asked[i]!),
    )
    return [...new Set(told)]
  }

  /** Compiles the towers, so that no request waits for it. */
  async compile(): Promise<void> {
    for (const pair of this.pairs) await Promise.all([pair.embedder('user'), pair.embedder('item')])
  }

  /**
   * The vector of a typed-in entity; of a user of several interests all of them, one after the other.
   * @throws PylonError bad-input naming a property the side does not have, or whose value cannot be read, or where they are too large
   */
  async embed(side: Side, row: Row): Promise<Float32Array> {
    checkProperties(this.properties(side), side, row)
    const vectors: Float32Array[] = []
    for (const pair of this.pairs) vectors.push(await pair.embed(side, ownPart(pair, side, row)))
    return this.join(side, vectors)
  }

  /** The model's vectors of what each of the {@link pairs} made vectors of, rows alike; an item typed in is one that nobody had yet. */
  async join(side: Side, vectors: readonly Float32Array[]): Promise<Float32Array> {
    if (this.#scales === null) return vectors[0]!
    const parts = this.#scales.map(async (scale, i) => {
      const { dim } = this.pairs[i]!.model
      const width = innerWidth(dim, scale.metric)
      const inner = asInnerProducts(vectors[i]!, dim, side, scale.metric)
      return { width, vectors: side === 'item' ? scaledItems(inner, scale) : await scaledUsers(inner, width, scale, 1) }
    })
    const popularity = await this.#popularityOf(side, vectors[0]!.length / this.pairs[0]!.model.dim)
    return sideBySide([...(await Promise.all(parts)), ...popularity])
  }

  async #popularityOf(side: Side, rows: number): Promise<{ width: number; vectors: Float32Array }[]> {
    const scale = this.#popularity
    if (scale === null) return []
    const vectors =
      side === 'item'
        ? scaledItems(logCounts(new Float32Array(rows)), scale)
        : await scaledUsers(new Float32Array(rows).fill(1), 1, scale, 1)
    return [{ width: 1, vectors }]
  }

  /** The towers of a side as one graph, tables included: of a run its `standaloneProgram`, of a blend those of its members. */
  graph(side: Side): Promise<Graph> {
    const programs = this.pairs.map(({ model, trained }) => standaloneProgram(model[side], trained))
    if (this.#scales === null) return trace(programs[0]!)
    return trace(
      blendedProgram(
        side,
        this.#scales.map((scale, i) => ({ program: programs[i]!, dim: this.pairs[i]!.model.dim, scale })),
        this.#popularity,
      ),
    )
  }

  /** What precedes the names of a pair's inputs in that graph. */
  inputPrefix(pair: number): string {
    return this.#scales === null ? '' : memberPrefix(pair)
  }

  async dispose(): Promise<void> {
    for (const pair of this.pairs) await pair.dispose()
  }
}

/** What of a row a pair of towers reads. */
function ownPart(pair: RunTowers, side: Side, row: Row): Row {
  const own = pair.properties(side)
  return Object.fromEntries(Object.entries(row).filter(([name]) => own.includes(name)))
}

/** A member's folder as if it were a run's. */
function memberRecords({ runFolder, fileRecords }: RecordedFiles, member: number): RecordedFiles {
  const prefix = memberFile(member, '')
  return {
    runFolder: join(runFolder, prefix),
    fileRecords: fileRecords.flatMap(({ path, ...checksum }) =>
      path.startsWith(prefix) ? [{ path: path.slice(prefix.length), ...checksum }] : [],
    ),
  }
}

async function memberSpec(member: RecordedFiles): Promise<TwoTowerSpec> {
  const path = await runFile(member, RUN_FILES.spec)
  const parsed = specSchema.safeParse(tryParseJson(await readFile(path, 'utf8')))
  if (parsed.data?.model === 'two-tower') return parsed.data
  throw badData('This Pylon cannot read it as the spec of a two-tower.', path)
}

type TowerFiles = Pick<Record<keyof typeof RUN_FILES, string>, 'encoders' | 'weights'>
/** Of the pass that learned from train alone, where the run was fitted again. */
export const TRAIN_TOWERS: TowerFiles = { encoders: RUN_FILES.trainEncoders, weights: RUN_FILES.trainWeights }

/** One pair of towers. */
export class RunTowers {
  readonly encoders: FrozenEncoders
  readonly model: TwoTower
  readonly trained: TrainingState
  /** opens the sentence models of text features */
  readonly sentences: TypedSentences
  readonly #threads: number
  readonly #embedders: Partial<Record<Side, Promise<Embedder>>> = {}

  private constructor(runFolder: string, encoders: FrozenEncoders, model: TwoTower, trained: TrainingState, threads: number) {
    this.encoders = encoders
    this.sentences = new TypedSentences(runFolder, encoders, threads)
    this.model = model
    this.trained = trained
    this.#threads = threads
  }

  /** @throws PylonError not-found or bad-data where encoders and weights are not what was written, or do not fit the spec */
  static async open(run: RecordedFiles, spec: TwoTowerSpec, threads: number, files: TowerFiles = RUN_FILES): Promise<RunTowers> {
    const [encoderFile, weights] = [await runFile(run, files.encoders), await runFile(run, files.weights)]
    const encoders = JSON.parse(await readFile(encoderFile, 'utf8')) as FrozenEncoders
    const model = buildTwoTower(spec, encoders)
    const trained = blankState(model, null)
    await loadWeights(weights, trained)
    return new RunTowers(run.runFolder, encoders, model, trained, threads)
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
    const encoded = encodeRow(this.encoders, side, row, 'typed', await this.sentences.of(side, row))
    if (encoded.dense.some((value) => Math.abs(value) > LARGEST_INPUT)) throw tooLarge(side)
    const context = side === 'user' ? rowContext(this.encoders, row) : null
    const embedder = await this.embedder(side)
    return checkFinite(side, await drain(embedder.embed(encoded, Int32Array.of(0), () => context)))
  }

  async dispose(): Promise<void> {
    await this.sentences.dispose()
    for (const embedder of Object.values(this.#embedders)) await (await embedder).dispose()
  }
}

/** Of a tower, in standard deviations or as it is: beyond it the length of a vector may overflow 32 bits, and all of it become 0. */
const LARGEST_INPUT = 1e15

const tooLarge = (side: Side): PylonError =>
  badInput(`These values are too large for the ${side} tower: its vector is not finite. Correct them.`, 'features')

/**
 * The vector of a typed-in entity, as it is: one that is not finite would be ranked at random, and in an index spoil every search.
 * @throws PylonError bad-input where a value was too large for the tower
 */
export function checkFinite(side: Side, vector: Float32Array): Float32Array {
  if (vector.every(Number.isFinite)) return vector
  throw tooLarge(side)
}
