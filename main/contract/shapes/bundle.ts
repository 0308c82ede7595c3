/**
 * A bundle: one finished run as a folder or a .zip that other machines check, load and serve. `bundle.json` is this shape; it lists every
 * other file with its size and checksum, so that nothing can be missing, changed or added unsaid. Checksums find damage, not forgery.
 */
import { z } from 'zod'
import { metricsSchema } from './protocol.ts'
import { artefactSchema } from './artefact.ts'
import { environmentSchema, epochSchema } from './run.ts'

export const BUNDLE_FORMAT = 'pylon-bundle'
/** Raised when an older Pylon could not read what a newer one writes. */
export const BUNDLE_VERSION = 1

export const bundleManifestSchema = z.strictObject({
  format: z.literal(BUNDLE_FORMAT),
  version: z.literal(BUNDLE_VERSION),
  createdAt: z.string().describe('ISO 8601, UTC'),
  pylon: z.string().describe('version of Pylon that wrote it'),
  run: z.strictObject({
    id: z.string(),
    name: z.string(),
    createdAt: z.string(),
    recipe: z.string().nullable(),
    seed: z.int().nullable(),
    epochs: z.int(),
    bestEpoch: z.int().nullable(),
    seconds: z.number(),
    tags: z.array(z.string()),
    note: z.string(),
  }),
  model: z.strictObject({
    match: z.string().describe('how a user and an item vector are compared: match.kind of run/spec.json'),
    dim: z.int().min(1),
    users: z.int().min(0),
    items: z.int().min(1),
  }),
  dataset: z.strictObject({
    name: z.string(),
    checksum: z.string().describe('of the dataset the run was trained and measured on'),
    carried: z
      .string()
      .describe('of the part in dataset/: ids, item metadata, interactions of train and validation; no user metadata, no test part'),
  }),
  environment: environmentSchema.nullable().describe('what produced the numbers'),
  epochs: z.array(epochSchema),
  metrics: metricsSchema.describe('on the test part, by the protocol of run/protocol.json'),
  baseline: metricsSchema.describe('most popular, by the same protocol'),
  files: z.array(artefactSchema).min(1).describe('every file of the bundle but bundle.json and SHA256SUMS'),
})
export type BundleManifest = z.infer<typeof bundleManifestSchema>

const hit = z.strictObject({ item: z.string(), score: z.number() })

/** What was asked and answered when the bundle was made; loading asks again. Answers are exact search over all items of the bundle. */
export const probesSchema = z.strictObject({
  k: z.int().min(1),
  tolerance: z.number().gt(0).describe('largest difference of a score, relative to the largest score of its list'),
  probes: z
    .array(
      z.strictObject({
        kind: z.enum(['user', 'item', 'user-features', 'item-features']),
        id: z.string().nullable(),
        features: z.record(z.string(), z.unknown()).nullable().describe('typed-in features; made of the encoders, of no real user'),
        hits: z.array(hit),
      }),
    )
    .min(1),
})
export type Probes = z.infer<typeof probesSchema>
export type Probe = Probes['probes'][number]
