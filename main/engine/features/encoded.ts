/** Encoded features: what a tower's input is made of, for every entity at once or for one typed-in entity. */
import type { HistoryEncoderSpec, Feature, SequenceInput } from '../../contract/shapes/features.ts'
import type { Side } from '../dataset/dataset.ts'

/** A part of a time that is a row of a table. */
export type Clock = 'hour' | 'weekday' | 'period'

/**
 * An embedding table that features refer to: rows × dim, initialised by the trainer. Row 0 is always the unknown bucket
 * (never negative, never dropped).
 */
export interface TableShape {
  /** unique in the model: `user.id`, `item.title`, `item.place.cell0` */
  readonly name: string
  readonly rows: number
  readonly dim: number
  /** its rows are what items contain (content-rows.ts), and are not trained */
  readonly fixed?: true
}

/**
 * A pooled feature: entity e's input is the mean over i in [offsets[e], offsets[e+1]) of table[indices[i]].
 * An empty bag is the zero vector.
 */
export interface Bag {
  readonly feature: string
  readonly table: string
  readonly offsets: Int32Array
  readonly indices: Int32Array
  /** id features only: share of training examples whose single index is replaced by 0 */
  readonly unknownRate: number
}

/** One side's features for `count` entities: one dense block [count × denseWidth], row-major, and bags in a fixed order. */
export interface EncodedSide {
  readonly count: number
  readonly denseWidth: number
  readonly dense: Float32Array
  readonly bags: readonly Bag[]
}

/**
 * A feature of the request's context rather than of the entity (user side): history and event time. The batcher asks for them per example.
 * `history` reads the user's interactions before `position`; `time` reads the event's time.
 */
export interface ContextBag {
  readonly feature: string
  readonly table: string
  readonly kind: 'history' | Clock
  /** history: codes of the events that count (null: all), and how many of the most recent are kept */
  readonly eventCodes: readonly number[] | null
  readonly maxLength: number
  /** history: what is more than so many days older than its most recent item is left out; absent: nothing is */
  readonly days?: number
  /** history: how its rows enter the tower one by one to be encoded there; absent: mean pooled before it */
  readonly sequence?: Sequence
  /** its table is not trained */
  readonly fixed?: true
}

/** A history whose rows are encoded inside the tower. */
export interface Sequence {
  readonly encoder: HistoryEncoderSpec
  readonly inputs: readonly SequenceInput[]
  /** rows an example has room for: the spec's maxLength, or the longest history of the data where that is less */
  readonly length: number
  /** event types of the dataset, at least 1 */
  readonly events: number
}

/** How the inputs of one tower are laid out; identical for training, evaluation, serving and export. */
export interface SideLayout {
  readonly side: Side
  /** width of the entity's dense block, then of the context's dense block (age of the event), both float32 */
  readonly denseWidth: number
  readonly contextDenseWidth: number
  /** names of the dense columns, entity's first */
  readonly denseNames: readonly string[]
  /** bags of the entity, in the order of EncodedSide.bags: table and width */
  readonly bags: readonly { readonly feature: string; readonly table: string; readonly dim: number }[]
  /** bags of the context, in order */
  readonly contextBags: readonly (ContextBag & { readonly dim: number })[]
}

/** The frozen encoder of one feature: plain JSON data (vocabulary, mean and sd, edges, hash seed…), discriminated by the feature's kind. */
export interface FrozenFeature {
  readonly feature: Feature
  /** kind-specific state; JSON-safe; big vocabularies are arrays of strings in index order */
  readonly state: Readonly<Record<string, unknown>>
  /** how cells of its columns are written, by column, for typed-in ones; see dataset/cells/forms.ts */
  readonly forms?: Readonly<Record<string, string>>
}

/** Everything a model needs to encode its inputs again on another machine; stored as `encoders.json`. */
export interface FrozenEncoders {
  readonly version: 1
  readonly user: readonly FrozenFeature[]
  readonly item: readonly FrozenFeature[]
  readonly tables: readonly TableShape[]
  readonly userLayout: SideLayout
  readonly itemLayout: SideLayout
  /** end of the training part, seconds since 1970; ages are measured back from here; null without time */
  readonly referenceTime: number | null
}
