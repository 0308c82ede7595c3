/** The features a tower can read: a table of kinds. A feature without `column` is made of the interactions themselves. */
import { z } from 'zod'
import { historyEncoderSchema, sequenceInputSchema } from './history-encoders.ts'
import { choice, flag, orNull } from './parts.ts'

export type { HistoryEncoderSpec, SequenceInput } from './history-encoders.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]*$/i, 'letters, digits, _ and - only')
  .describe('unique on its side; names the table of its embeddings')
const column = z.string().min(1).describe('a metadata column of this side')
const shuffled = z
  .int()
  .min(0)
  .optional()
  .describe('a seed: in training the values stand at other entities, which tells what the column is worth (pylon ablate)')
const dim = z.int().min(1).max(4096).describe('width of the embedding')
const minCount = z.int().min(1).default(1).describe('values rarer than this in the training part share the unknown bucket')
const hashBuckets = orNull(z.int().min(2).max(50_000_000), 'hash values into this many buckets instead of a vocabulary')

/** Of the folder of a sentence model: no path. */
export const ENCODER_NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u

export const featureSchemas = {
  /** The entity's own id as an embedding; bucket 0 is "unknown", which cold entities get. */
  id: z.strictObject({
    kind: z.literal('id'),
    name: name.default('id'),
    dim,
    minCount,
    hashBuckets,
    unknownRate: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        'share of training examples whose id is replaced by unknown, so that cold entities have a trained vector (DropoutNet, Volkovs et al. 2017); default: 0.1 beside a vector or a sentence model, else 0',
      ),
  }),
  category: z.strictObject({ kind: z.literal('category'), name, column, dim, minCount, hashBuckets, shuffled }),
  /** Several categories a cell, mean pooled. */
  tags: z.strictObject({ kind: z.literal('tags'), name, column, dim, minCount, hashBuckets, shuffled }),
  /**
   * `standard` and `log` (log1p, then standardised) enter as one number; `quantile` as an embedding of the bucket.
   * Missing values are their own indicator or bucket.
   */
  number: z.strictObject({
    kind: z.literal('number'),
    name,
    column,
    transform: choice(
      ['standard', 'log', 'quantile'],
      'standard: mean 0, deviation 1; log: log(1 + x), then the same, for skewed numbers; quantile: an embedding of the bucket',
    ),
    buckets: z.int().min(2).max(1000).default(20).describe('quantile buckets'),
    dim: dim.default(8).describe('width of the bucket embedding, for quantile'),
    shuffled,
  }),
  /** Words and character n-grams of any script, hashed, mean pooled; or the vector of a sentence model. */
  text: z.strictObject({
    kind: z.literal('text'),
    name,
    column,
    encoder: z
      .strictObject({
        kind: z.literal('onnx').describe('a sentence model, run by ONNX Runtime: its vector of the text, which stays as it is'),
        model: z
          .string()
          .regex(ENCODER_NAME, 'the name of a folder, no path')
          .describe('its folder among the encoders of the workspace (pylon encoders)'),
      })
      .optional()
      .describe('absent: hashed n-grams, of which the properties below speak'),
    dim: dim.default(32),
    buckets: z.int().min(16).max(50_000_000).default(20_000).describe('rows of the table; fewer make more words share one'),
    wordNgrams: z.int().min(1).max(3).default(2).describe('longest word n-gram'),
    charNgrams: z
      .tuple([z.int().min(1).max(8), z.int().min(1).max(8)])
      .nullable()
      .default([3, 4])
      .describe('shortest and longest character n-gram within a word, null: none'),
    maxTokens: z.int().min(1).max(4096).default(256).describe('n-grams read of a text, from its start'),
    shuffled,
  }),
  /** Latitude and longitude: standardised local coordinates, their Fourier features, and grid cells of several sizes as embeddings. */
  geo: z.strictObject({
    kind: z.literal('geo'),
    name,
    latitude: column,
    longitude: column,
    cellsKm: z.array(z.number().gt(0)).max(6).default([1, 5]).describe('edge of the grid cells in km; each size has its own table'),
    frequencies: z.int().min(0).max(8).default(3).describe('octaves of sine and cosine of the local coordinates'),
    waves: z
      .int()
      .min(0)
      .max(256)
      .default(0)
      .describe(
        'plane waves in all directions, from the whole region down to near neighbours: inner products of them fall with the distance',
      ),
    dim: dim.default(8).describe('width of a cell embedding'),
    shuffled,
  }),
  /**
   * A time: without `column` the time of the event (user side), with it a metadata column. `age` is measured back from
   * the end of the training part, in days, log scaled.
   */
  time: z.strictObject({
    kind: z.literal('time'),
    name,
    column: column.nullable().default(null),
    parts: z
      .array(z.enum(['hour', 'weekday', 'period', 'age']))
      .min(1)
      .default(['hour', 'weekday', 'age'])
      .describe(
        'hour, weekday and period (of equal shares of the training part, later ones being of the last) as embeddings; age: days back from the end of the training part, on a log scale',
      ),
    periods: z.int().min(2).max(1000).optional().describe('how many there are; absent: 32'),
    dim: dim.default(4).describe('width of the embeddings'),
    shuffled,
  }),
  /** A vector computed elsewhere, one per row. */
  vector: z.strictObject({ kind: z.literal('vector'), name, column, normalise: flag('to length 1'), shuffled }),
  /** The user's earlier items, encoded from their embeddings; only what came before the event. User side only; several may be given. */
  history: z.strictObject({
    kind: z.literal('history'),
    name: name.default('history'),
    events: z.array(z.string()).default([]).describe('event types that count; empty: all'),
    maxLength: z.int().min(1).max(1000).default(50).describe('most recent items kept'),
    days: orNull(
      z.number().gt(0),
      'only items at most so many days older than the most recent one: the present trip or task; null: however old; needs times',
    ),
    share: flag("use the item tower's id table instead of one of its own (then dim must equal it)"),
    content: flag(
      'its rows say what the item tower reads of each item (numbers, places, vectors, categories, tags) and stay as they are, so that items nobody has met yet count too; instead of rows that are learned',
    ),
    dim,
    encoder: historyEncoderSchema.default({ kind: 'mean' }).describe('how the items become one vector'),
    inputs: z
      .array(sequenceInputSchema)
      .default([])
      .describe(
        'added to the items: an embedding of the place in the sequence, of its age at the time of the request (22 octaves of minutes), of the event type',
      ),
  }),
} as const

export const featureSchema = z.discriminatedUnion('kind', [
  featureSchemas.id.describe('the entity itself: an embedding of its id; says nothing of entities that training has not seen'),
  featureSchemas.category.describe('one of some values, an embedding each'),
  featureSchemas.tags.describe('several values a cell: the mean of their embeddings'),
  featureSchemas.number.describe('a quantity, scaled; or its quantile as an embedding. Missing values have an indicator of their own'),
  featureSchemas.text.describe('words and character n-grams, hashed: the mean of their embeddings; or the vector of a sentence model'),
  featureSchemas.geo.describe('a place: local coordinates, their waves, and grid cells as embeddings'),
  featureSchemas.time.describe('a time: hour, weekday, age. Without a column it is the time of the event'),
  featureSchemas.vector.describe('a vector computed elsewhere, as it is'),
  featureSchemas.history.describe('the earlier items of the user, encoded into one vector'),
])
export type Feature = z.infer<typeof featureSchema>
export type FeatureKind = Feature['kind']
export type FeatureOf<K extends FeatureKind> = Extract<Feature, { kind: K }>
