/**
 * What one bundle has that another lacks, as a .zip: `delta.json` of this shape says how each file of the new bundle is put together from
 * pieces of the old one's file of that name and of `data.bin`.
 */
import { z } from 'zod'

export const DELTA_FORMAT = 'pylon-bundle-delta'
export const DELTA_VERSION = 1

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const version = z.strictObject({
  id: z.string().describe('of the run'),
  name: z.string(),
  createdAt: z.string().describe('when the bundle was made; ISO 8601, UTC'),
})

/** Of the items of the new bundle, by id and vector. */
export const itemChangesSchema = z.strictObject({
  items: z.int().min(0).describe('of the new bundle'),
  added: z.int().min(0),
  changed: z.int().min(0).describe('their vectors differ in some bit'),
  removed: z.int().min(0).describe('of the old bundle'),
})
export type ItemChanges = z.infer<typeof itemChangesSchema>

export const bundleDeltaSchema = z.strictObject({
  format: z.literal(DELTA_FORMAT),
  version: z.literal(DELTA_VERSION),
  pylon: z.string().describe('version of Pylon that wrote it'),
  from: version.extend({ manifest: sha256.describe('of the bundle.json that it is applied to') }),
  to: version,
  items: itemChangesSchema,
  dataBytes: z.int().min(0).describe('of data.bin'),
  files: z
    .array(
      z.strictObject({
        path: z.string().min(1),
        bytes: z.int().min(0),
        sha256,
        pieces: z
          .array(z.tuple([z.union([z.literal(0), z.literal(1)]), z.int().min(0), z.int().min(1)]))
          .describe('one after the other: 0 the old file of that path, 1 data.bin; where in it; how many bytes'),
      }),
    )
    .min(1)
    .describe('every file of the new bundle'),
})
export type BundleDelta = z.infer<typeof bundleDeltaSchema>
