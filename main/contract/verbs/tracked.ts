/** Runs that other trackers have told of: brought in to be looked at beside the runs of a dataset, and measured by somebody else. */
import { z } from 'zod'
import { readPath } from '../paths.ts'
import { doubles } from '../shapes/parts.ts'
import { TRACKED_KINDS } from '../shapes/tracked.ts'
import { dataset, job, type VerbDefinition } from './common.ts'

export const trackedSummary = z.strictObject({
  tracked: z.string().describe('its id here'),
  dataset: z.string(),
  name: z.string(),
  kind: z.enum(TRACKED_KINDS),
  version: z.string().describe('of what wrote it, as it says'),
  from: z.string().describe('what its source calls it'),
  experiment: z.string().nullable(),
  status: z.string().nullable().describe("how it ended, in its source's words"),
  importedAt: z.string(),
  metrics: z.record(z.string(), z.number()).describe('the last number of each, as its source told it: not measured by Pylon'),
  params: z.record(z.string(), z.string()),
})
export type TrackedSummary = z.infer<typeof trackedSummary>

const tracked = z.string().min(1).describe('id or name of a tracked run (the newest of that name)')

export const trackedImportInput = z.strictObject({
  path: readPath().describe(
    "MLflow's database (mlflow.db), a folder of TensorBoard, or a CSV file with columns run, step, metric, value (or a column a metric)",
  ),
  dataset: dataset.describe('the dataset whose runs they are to be looked at beside'),
  experiment: z.string().optional().describe('of MLflow: the runs of this experiment alone'),
  map: z
    .array(z.string())
    .default([])
    .describe('of a table: columns with other names, as run=trial,step=iteration,metric=key,value=number'),
})
export type TrackedImportInput = z.infer<typeof trackedImportInput>

export const trackedImportResult = z.strictObject({
  dataset: z.string(),
  kind: z.enum(TRACKED_KINDS),
  version: z.string(),
  tracked: z.array(trackedSummary),
  replaced: z.int().describe('runs of the same source that were here already, and are replaced'),
  notes: z.array(z.string()).describe('what was left out or stands twice'),
})
export type TrackedImportResult = z.infer<typeof trackedImportResult>

export const trackedCurve = z.strictObject({
  tracked: z.string(),
  name: z.string(),
  metric: z.string(),
  steps: doubles,
  values: doubles,
})

export const trackedVerbs = {
  'tracked.import': {
    cli: 'import-tracked',
    summary: 'Bring in runs of MLflow, TensorBoard or a CSV file, to look at them beside the runs of a dataset',
    positional: 'path',
    input: trackedImportInput,
    output: job,
    result: trackedImportResult,
  },
  'tracked.list': {
    cli: 'tracked',
    summary: 'List the runs that were brought in from other trackers',
    input: z.strictObject({ dataset: dataset.optional() }),
    output: z.strictObject({ tracked: z.array(trackedSummary) }),
  },
  'tracked.delete': {
    cli: 'tracked delete',
    summary: 'Forget a run that was brought in from another tracker',
    changes: true,
    frees: true,
    positional: 'tracked',
    input: z.strictObject({ tracked }),
    output: z.strictObject({ deleted: z.string() }),
  },
  'tracked.curves': {
    summary: 'The curves of a metric of tracked runs, at most 10,000 points each',
    input: z.strictObject({ tracked: z.array(tracked).min(1).max(200), metric: z.string() }),
    output: z.strictObject({ curves: z.array(trackedCurve) }),
  },
} as const satisfies Record<string, VerbDefinition>
