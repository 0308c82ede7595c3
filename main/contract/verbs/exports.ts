/** Verbs to export a run, and to check and import a bundle (a run that was exported whole). */
import { z } from 'zod'
import { readPath, writePath } from '../paths.ts'
import { artefactSchema } from '../shapes/artefact.ts'
import { itemChangesSchema } from '../shapes/bundle-delta.ts'
import { EXPORT_FORMAT_NAMES } from '../shapes/export.ts'
import { job, run, type VerbDefinition } from './common.ts'

export const exportInput = z.strictObject({
  run,
  format: z.enum(EXPORT_FORMAT_NAMES).describe('what to write; the README lists the formats'),
  out: writePath().optional().describe('folder to write into, new or empty; for a bundle also a new NAME.zip; ann-table needs none'),
  allEncoders: z.boolean().optional().describe('of a bundle: it carries sentence models (pylon encoders) of more than 64 MB too'),
  dim: z
    .int()
    .min(1)
    .optional()
    .describe('of formats of vectors: their first numbers alone, at a width the run was trained for (training.matryoshka)'),
  alignTo: run
    .optional()
    .describe(
      'a run that vectors and towers are rotated onto, scores as they are, so that either meets the other: pylon compat measures it',
    ),
  int8: z.boolean().optional().describe('of onnx: also towers with int8 weights, and what that costs by the protocol of the run'),
})

/** How one ANN library does on the run's item vectors. */
const annTableRow = z.strictObject({
  name: z.string(),
  version: z.string(),
  settings: z.string(),
  recall: z.number().nullable().describe('mean share of the exact top 10 that it finds'),
  buildSeconds: z.number().nullable(),
  p50Ms: z.number().nullable().describe('median time of one query'),
  note: z.string(),
})
export type AnnTableRow = z.infer<typeof annTableRow>

export const exportResult = z.strictObject({
  run: z.string(),
  format: z.string(),
  out: z.string(),
  files: z.array(artefactSchema),
  annTable: z.array(annTableRow).nullable().describe('of the format ann-table'),
})
export type ExportResult = z.infer<typeof exportResult>

const path = readPath().describe('a bundle: its folder, or its .zip')

const verifiedBundle = z.strictObject({
  kind: z.literal('bundle'),
  path: z.string(),
  run: z.string(),
  name: z.string(),
  dataset: z.string(),
  pylon: z.string().describe('version that wrote it'),
  createdAt: z.string(),
  files: z.int(),
  bytes: z.int(),
  probes: z.int().describe('recorded queries that were asked again and answered the same'),
  worst: z.number().describe('largest difference of a score, relative to the largest of its list'),
  indexRecall: z.number().describe("share of the probes' exact hits that the bundle's index finds too"),
})
/** Of an export that is no bundle: there are its checksums alone, and what is known to be wrong with exports of its time. */
const verifiedExport = z.strictObject({
  kind: z.literal('export'),
  path: z.string(),
  format: z.string(),
  files: z.int(),
  bytes: z.int(),
  warnings: z.array(z.string()),
})
export const verifyResult = z.discriminatedUnion('kind', [verifiedBundle, verifiedExport])
export type VerifiedBundle = z.infer<typeof verifiedBundle>
export type VerifiedExport = z.infer<typeof verifiedExport>
export type VerifyResult = z.infer<typeof verifyResult>

export const deltaResult = z.strictObject({
  out: z.string(),
  bytes: z.int().describe('of the delta'),
  dataBytes: z.int().describe('of the new bundle that the old one does not have, before they are packed'),
  ofBytes: z.int().describe('of the new bundle, all files'),
  from: z.string().describe('name of the run'),
  to: z.string(),
  ...itemChangesSchema.shape,
})
export type DeltaResult = z.infer<typeof deltaResult>

export const importBundleResult = z.strictObject({
  run: z.string(),
  name: z.string(),
  dataset: z.string().describe('the dataset of this workspace that the run now belongs to'),
  carried: z.boolean().describe('the dataset was not here: it is what the bundle carries of it'),
  verified: verifiedBundle,
})
export type ImportBundleResult = z.infer<typeof importBundleResult>

export const exportVerbs = {
  'runs.export': {
    cli: 'export',
    summary: 'Write a run for other systems',
    changes: false,
    input: exportInput,
    output: job,
    result: exportResult,
  },
  'bundles.verify': {
    cli: 'verify',
    summary: 'Check a bundle (checksums, and the recorded queries asked again) or another export (checksums)',
    changes: false,
    positional: 'path',
    input: z.strictObject({ path }),
    output: job,
    result: verifyResult,
  },
  'bundles.delta': {
    cli: 'delta',
    summary: 'Write what a newer bundle has that an older one lacks',
    changes: false,
    input: z.strictObject({
      from: readPath().describe('the bundle that is there already: its folder, or its .zip'),
      to: readPath().describe('the newer bundle'),
      out: writePath()
        .regex(/\.zip$/i, 'a new NAME.zip')
        .describe('a new NAME.zip'),
    }),
    output: job,
    result: deltaResult,
  },
  'bundles.apply': {
    cli: 'apply-delta',
    summary: 'Make the newer bundle of an older one and a delta, and check it',
    changes: false,
    positional: 'path',
    input: z.strictObject({
      path: readPath().describe('a delta'),
      onto: readPath().describe('the bundle that it was made from'),
      out: writePath().describe('where the newer bundle goes: a folder that is new or empty, or a new NAME.zip'),
    }),
    output: job,
    result: verifiedBundle,
  },
  'bundles.import': {
    cli: 'import-run',
    summary: 'Take a bundle in as a run of this workspace',
    positional: 'path',
    input: z.strictObject({ path, name: z.string().max(200).optional().describe("a name for people; default: the run's own") }),
    output: job,
    result: importBundleResult,
  },
} as const satisfies Record<string, VerbDefinition>
