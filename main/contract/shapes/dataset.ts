/**
 * A dataset as the workspace keeps it: a manifest (this shape), interactions as typed-array files ordered by
 * (user, time, source order), and one Parquet file of metadata a side whose row k describes user or item k.
 */
import { z } from 'zod'
import { artefactSchema } from './artefact.ts'
import { findingSchema } from './finding.ts'
import { preparationStepSchema } from './preparation.ts'

/** The parts of a split, and their codes in `interactions/part.u8`. */
export const PARTS = ['train', 'validation', 'test', 'unused'] as const
export type Part = (typeof PARTS)[number]
export const PART_CODE: Readonly<Record<Part, number>> = { train: 0, validation: 1, test: 2, unused: 3 }

/** Interactions by part. */
export const partCountsSchema = z.strictObject({ train: z.int(), validation: z.int(), test: z.int(), unused: z.int() })

/**
 * How a part is held out.
 * - leave-last: of each user, what follows the first contact with their last new item is test, with the one before validation
 * - time: what happened at or after `cut` is test
 * - random: a seeded `fraction` of each user's interactions is test
 * - given: test comes from a file of its own
 */
export const splitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('leave-last') }),
  z.strictObject({ kind: z.literal('time'), cut: z.number().describe('seconds since 1970, UTC'), validationCut: z.number().nullable() }),
  z.strictObject({
    kind: z.literal('random'),
    fraction: z.number().gt(0).lt(1),
    seed: z.int(),
    validationFraction: z.number().min(0).lt(1),
  }),
  z.strictObject({ kind: z.literal('given'), seed: z.int(), validationFraction: z.number().min(0).lt(1) }),
])
export type Split = z.infer<typeof splitSchema>

/** What a column is to a model; `ignore` keeps it for display only. */
export const columnKindSchema = z.enum(['id', 'category', 'tags', 'number', 'text', 'latitude', 'longitude', 'time', 'vector', 'ignore'])
export type ColumnKind = z.infer<typeof columnKindSchema>

/** Kinds of columns by side and name. */
export type KindsBefore = Readonly<Record<'user' | 'item', Readonly<Record<string, ColumnKind>>>>

/** How a metadata column is stored in Parquet: VARCHAR, DOUBLE, VARCHAR[], FLOAT[]; times are DOUBLE seconds since 1970. */
export const storageSchema = z.enum(['text', 'number', 'list', 'vector'])

export const columnSchema = z.strictObject({
  name: z.string(),
  kind: columnKindSchema,
  storage: storageSchema,
  /** distinct values, estimated above 100,000 */
  distinct: z.int(),
  missing: z.int(),
  /** up to five values as text, for people */
  samples: z.array(z.string()),
  /** for numbers and times: the observed range */
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  /** for vectors: their width */
  width: z.int().nullable(),
  /** how its cells are written, by which typed-in ones are read too; none where the file held values, and in datasets of before 0.3 */
  form: z.string().optional(),
})
export type Column = z.infer<typeof columnSchema>

const spread = z.strictObject({ minimum: z.number(), median: z.number(), mean: z.number(), p90: z.number(), maximum: z.number() })

/** Counts and shapes a person checks before training; `longTail[i]` is the share of interactions held by the top (i+1)% of items. */
export const profileSchema = z.strictObject({
  users: z.int(),
  items: z.int(),
  interactions: z.int(),
  density: z.number(),
  timeFrom: z.number().nullable(),
  timeTo: z.number().nullable(),
  /** repeated (user, item) pairs beyond the first */
  duplicates: z.int(),
  usersWithoutInteractions: z.int(),
  itemsWithoutInteractions: z.int(),
  itemsWithoutMetadata: z.int(),
  usersWithoutMetadata: z.int(),
  /** items that occur in validation or test but never in train */
  coldItems: z.int(),
  /** share of test interactions whose item is cold */
  coldShare: z.number(),
  longTail: z.array(z.number()),
  interactionsPerUser: spread,
  interactionsPerItem: spread,
  /**
   * users, then items, by their number of interactions: bin 0 holds those with none, bin k ≥ 1 those with 2^(k−1) to
   * 2^k − 1; not in older datasets
   */
  userHistogram: z.array(z.int()).optional(),
  itemHistogram: z.array(z.int()).optional(),
  /**
   * users that occur in validation or test but never in train, and the share of test interactions that are theirs; not
   * in older datasets
   */
  coldUsers: z.int().optional(),
  coldUserShare: z.number().optional(),
  /** interactions per event type, in the order of `events` */
  perEvent: z.array(z.int()),
  /** activity over time in at most 60 equal bins: counts, or empty where there is no time */
  activity: z.array(z.int()),
})
export type Profile = z.infer<typeof profileSchema>

export const datasetManifestSchema = z.strictObject({
  version: z.literal(1),
  name: z.string(),
  createdAt: z.string(),
  /** sha256 over ids, interactions, parts and metadata: two datasets with one checksum give one protocol */
  checksum: z.string(),
  source: z.strictObject({
    format: z.string(),
    files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string().nullable() })),
    seed: z.int().nullable(),
  }),
  users: z.int(),
  items: z.int(),
  interactions: z.int(),
  parts: partCountsSchema,
  /** event type names in the order of their codes in `interactions/event.u8`; empty where there is one unnamed type */
  events: z.array(z.string()),
  /** of the event types, those that runs learn from and are measured on unless they name others; not there where all are */
  positives: z.array(z.string()).optional(),
  hasTime: z.boolean(),
  /** true where a user's interactions are in order (by time, or by position in a sequence file) */
  hasOrder: z.boolean(),
  hasWeight: z.boolean(),
  userColumns: z.array(columnSchema),
  itemColumns: z.array(columnSchema),
  /** the item column that names an item to a person (title, name), null: its id */
  itemTitle: z.string().nullable(),
  split: splitSchema,
  /** what was done to the interactions before they were split; not there where nothing was */
  preparation: z.array(preparationStepSchema).optional(),
  profile: profileSchema,
  warnings: z.array(z.string()),
  /** leaks, warnings of the split, and the one that fits better; not in older datasets */
  findings: z.array(findingSchema).optional(),
  /** the options that it was imported with, for `--like`; not in older datasets, nor in those that were generated or carried by a bundle */
  recipe: z.record(z.string(), z.unknown()).optional(),
  /** of its folder, all but the manifest; not there where it was imported before they were recorded, or is carried by a bundle */
  files: z.array(artefactSchema).optional(),
})
export type DatasetManifest = z.infer<typeof datasetManifestSchema>
