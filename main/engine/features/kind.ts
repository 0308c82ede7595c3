/**
 * What a feature kind is: the columns it reads, how it is fitted on the training part, the inputs it gives a tower, and how values
 * become those inputs. Its state is plain JSON, and encoding is a pure function of feature, state and values, so that training,
 * serving and an export on another machine agree.
 */
import type { z } from 'zod'
import { badData, badInput, PylonError } from '../../contract/errors.ts'
import type { Part, storageSchema } from '../../contract/shapes/dataset.ts'
import type { Feature, FeatureOf } from '../../contract/shapes/features.ts'
import type { InteractionSelection } from '../dataset/interactions.ts'
import type { ColumnValues, Interactions, Side } from '../dataset/dataset.ts'
import type { ContextBag } from './encoded.ts'

export type Storage = z.infer<typeof storageSchema>
/** Frozen state of any kind: JSON-safe. */
type State = Readonly<Record<string, unknown>>

/** A column a feature reads: under which key the config names it, and how it may be stored. */
export interface ColumnUse {
  readonly key: 'column' | 'latitude' | 'longitude'
  readonly name: string
  readonly storages: readonly Storage[]
  /** times: a typed-in value may be a date */
  readonly isTime: boolean
}

/** The entities whose values are encoded. */
export interface Entities {
  readonly side: Side
  /** config path of the feature: `item.features[2]` */
  readonly place: string
  readonly count: number
  /** raw ids in index order; null: typed in, without one */
  readonly ids: readonly (string | null)[]
}

/** The training part, as the fits see it: nothing of validation or test is in any statistic taken from it. */
export interface TrainingView {
  readonly interactions: Interactions
  /** parts that count as training */
  readonly parts: readonly Part[]
  /** its interactions of the events that are positives */
  readonly examples: InteractionSelection
  /** names of the events in the order of their codes */
  readonly events: readonly string[]
  /** latest time in `parts`; null without time */
  readonly referenceTime: number | null
  readonly itemIds: readonly string[]
  /** the item tower's id feature: what a shared history points into */
  readonly itemId: FeatureOf<'id'> | null
}

/** By what the vectors of a text feature were made: how its column is stored, and the sentence model. */
export type SentenceSource = {
  readonly storage: Storage
  readonly model: string
  /** of the model's files */
  readonly checksum: string
}

export interface FitContext extends Entities {
  /** training interactions of each entity; statistics are over those that have one */
  readonly counts: Int32Array
  readonly training: TrainingView
  /** null: the feature has no sentence model */
  readonly sentence: SentenceSource | null
}

/** An embedding table of a feature: `suffix` follows SIDE.NAME in its name (empty, `.cell0`, `.hour`). */
export interface BagShape {
  readonly suffix: string
  readonly rows: number
  readonly dim: number
}

export type ContextShape = BagShape &
  Pick<ContextBag, 'kind' | 'eventCodes' | 'maxLength' | 'days' | 'sequence' | 'fixed'> & {
    /** a table of the other side instead of its own */ readonly shared: string | null
  }

/** What a fitted feature gives to its tower. */
export interface FeatureShape {
  /** names of its dense columns */
  readonly dense: readonly string[]
  readonly bags: readonly BagShape[]
  readonly contextDense: readonly string[]
  readonly contextBags: readonly ContextShape[]
}

export const NO_INPUTS: FeatureShape = { dense: [], bags: [], contextDense: [], contextBags: [] }

/** Rows of one table by entity: entity e has indices[offsets[e] .. offsets[e+1]). */
export interface Indices {
  readonly offsets: Int32Array
  readonly indices: Int32Array
}

/** Encoded values of `count` entities: [count × dense columns] row-major, and one list of indices per bag of the shape. */
export interface Encoded {
  readonly dense: Float32Array | null
  readonly bags: readonly Indices[]
}

export const NO_VALUES: Encoded = { dense: null, bags: [] }

/** One row of the table of kinds. */
export interface Kind<F extends Feature, S extends State = State> {
  columns(feature: F): readonly ColumnUse[]
  /** @throws PylonError bad-input, at the config path, where the training part cannot carry the feature */
  fit(feature: F, columns: readonly ColumnValues[], context: FitContext): S
  shape(feature: F, state: S): FeatureShape
  /** @throws PylonError bad-data naming the entity and column where a value can not be one (a latitude of 95) */
  encode(feature: F, state: S, columns: readonly ColumnValues[], entities: Entities): Encoded
  /** of the one entity that the columns hold: its values that are none the model has learnt from; absent where a kind has no such */
  unknown?(feature: F, state: S, columns: readonly ColumnValues[]): readonly string[]
}

export function columnUse(key: ColumnUse['key'], name: string, storages: readonly Storage[], isTime = false): ColumnUse {
  return { key, name, storages, isTime }
}

/** The values of a column that must be numbers; storage was checked before a kind is called. */
export function numberColumn(column: ColumnValues | undefined): Float64Array {
  if (column?.storage !== 'number') throw new Error('A column of numbers was expected.')
  return column.values
}

/** Entities with at least one training interaction. */
export function* trainedEntities({ counts }: FitContext): Generator<number> {
  for (let e = 0; e < counts.length; e++) if (counts[e]! > 0) yield e
}

/** "item \"17\"", or the typed-in one. */
function entityName({ side, ids }: Entities, e: number): string {
  const id = ids[e] ?? null
  return id === null ? `the typed-in ${side}` : `${side} "${id}"`
}

/** A value that its column must not hold. */
export function badValue(entities: Entities, e: number, used: ColumnUse, problem: string): PylonError {
  return badData(`${entityName(entities, e)}, column "${used.name}": ${problem}`, `${entities.place}.${used.key}`)
}

/** Nothing in the training part to fit on. */
export function nothingToFit(entities: Entities, used: ColumnUse): PylonError {
  const message = `No ${entities.side} with a training interaction has a value in column "${used.name}". Remove the feature or choose another column.`
  return badInput(message, `${entities.place}.${used.key}`)
}

/** A bag with at most one row an entity; −1: none. */
export function singleIndices(count: number, rowOf: (entity: number) => number): Indices {
  const [offsets, indices] = [new Int32Array(count + 1), new Int32Array(count)]
  let at = 0
  for (let e = 0; e < count; e++) {
    const row = rowOf(e)
    if (row >= 0) indices[at++] = row
    offsets[e + 1] = at
  }
  return { offsets, indices: at === count ? indices : indices.slice(0, at) }
}

/** A bag of any number of rows an entity, in the order `push` is called. */
export function listIndices(count: number, rowsOf: (entity: number, push: (row: number) => void) => void): Indices {
  const offsets = new Int32Array(count + 1)
  let indices = new Int32Array(Math.max(16, 4 * count))
  let at = 0
  const push = (row: number): void => {
    if (at === indices.length) {
      const larger = new Int32Array(2 * at)
      larger.set(indices)
      indices = larger
    }
    indices[at++] = row
  }
  for (let e = 0; e < count; e++) {
    rowsOf(e, push)
    offsets[e + 1] = at
  }
  return { offsets, indices: indices.slice(0, at) }
}
