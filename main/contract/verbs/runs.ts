/** Runs: train, evaluate, list, compare, show, export. */
import { z } from 'zod'
import { readPath } from '../paths.ts'
import { metricsSchema, protocolSchema } from '../shapes/protocol.ts'
import { runDetailSchema, runSummarySchema, startedResultSchema } from '../shapes/run.ts'
import { trainingExecutorSchema } from '../shapes/settings.ts'
import { trackerSchema } from '../shapes/tracker.ts'
import { dataset, forever, job, k, run, type VerbDefinition } from './common.ts'
import { trackedSummary } from './tracked.ts'
import { marksSchema } from './verdict.ts'

export const trainInput = z.strictObject({
  dataset: dataset.optional().describe('name of a dataset in the workspace; needed unless --resume'),
  config: readPath().optional().describe('JSON file of a run spec'),
  spec: z.unknown().optional().describe('a run spec as JSON text'),
  recipe: z.string().optional().describe('start from a recipe; `recipes` lists them'),
  set: z.array(z.string()).default([]).describe('override a spec value, repeatable: training.epochs=5'),
  seed: z.int().min(0).optional().describe('same as --set training.seed=N'),
  seeds: z
    .int()
    .min(1)
    .max(100)
    .optional()
    .describe('as many runs, of this seed and those after it; default: 1, and never more of a model that draws nothing'),
  name: z.string().max(200).optional().describe('a name for people; default: the recipe'),
  resume: run.optional().describe('go on with a stopped run from its last checkpoint'),
  threads: z.int().min(1).max(256).optional().describe('threads; default: the cores; a resumed run keeps its own'),
  log: z
    .array(trackerSchema)
    .optional()
    .describe(
      'tell the run while it trains, repeatable: mlflow:http://HOST:5000 (secrets: MLFLOW_TRACKING_TOKEN, or _USERNAME and _PASSWORD) or tensorboard:FOLDER',
    ),
  executor: trainingExecutorSchema
    .optional()
    .describe(
      'what runs the steps: onnxruntime, tensorflow (tfjs-node), or webgpu (experimental: tried for 20 steps beside the CPU, the faster goes on), by default what the settings say; `doctor` says which work here; a resumed run keeps its own',
    ),
})

export type TrainInput = z.infer<typeof trainInput>

export const blendInput = z.strictObject({
  runs: z.array(run).min(1).max(16).describe('ids or names of finished runs of one dataset and protocol; one alone with a popularity'),
  weights: z
    .array(z.number().min(0))
    .optional()
    .describe("share of each run's scores, in their order; default: chosen on the validation part"),
  popularity: z
    .number()
    .min(-10)
    .max(10)
    .optional()
    .describe('λ of the log of popularity, as of pylon dial; below 0 favours what few know; default: none'),
  name: z.string().max(200).optional().describe('a name for people; default: those of the runs'),
  threads: z.int().min(1).max(256).optional().describe('threads; default: the cores'),
})

export const evaluateInput = z.strictObject({
  run,
  k: z.array(k).default([5, 10, 20, 50]).describe('cut-offs'),
  split: z.enum(['test', 'validation']).default('test').describe('the held-out part'),
  ann: z.boolean().default(false).describe('also search the USearch index and compare it with exact search'),
})

export const evaluateResult = z.strictObject({
  run: z.string(),
  metrics: metricsSchema,
  protocol: protocolSchema,
  users: z.int().describe('evaluated users'),
  baseline: metricsSchema,
  ann: z
    .strictObject({
      k: z.int(),
      recallVsExact: z.number().describe('mean share of the exact top K that ANN also returns, at the same K'),
      p50Ms: z.number(),
      p99Ms: z.number(),
      metrics: metricsSchema,
    })
    .optional(),
})

export type EvaluateResult = z.infer<typeof evaluateResult>

export const toldResult = z.strictObject({
  run: z.string(),
  to: z.string().describe('the server, or the folder of the run'),
  steps: z.int().describe('rows of steps that were told now'),
  epochs: z.int().describe('epochs of the run'),
})
export type ToldResult = z.infer<typeof toldResult>

export const compareResult = z.strictObject({
  /** ids in the order asked, each once */
  runs: z.array(z.string()),
  metrics: z.array(z.string()),
  /** runs whose numbers may be ranked together, one group a protocol */
  groups: z.array(z.strictObject({ protocol: protocolSchema, runs: z.array(runSummarySchema) })),
  /** runs that were not measured (yet), where those were asked for */
  unmeasured: z.array(runSummarySchema),
  tracked: z.array(trackedSummary).optional().describe('runs of other trackers, where those were asked for: nothing ranks them'),
  /** the metrics of the table, and whether a row is each run, else all that differ only in their seed */
  shown: z.array(z.string()),
  each: z.boolean(),
  /** of `shown`; null where they were not asked for */
  marks: marksSchema.extend({ failed: z.string().nullable().describe('why they could not be told') }).nullable(),
  /** spec paths whose values differ, one value a run in the order of `runs`; undefined where a run has no such path */
  differences: z.array(z.strictObject({ path: z.string(), values: z.array(z.unknown()) })),
})

export type CompareResult = z.infer<typeof compareResult>

export const runVerbs = {
  'runs.start': {
    cli: 'train',
    summary: 'Train a run, index its items, evaluate it',
    input: trainInput,
    output: job.extend({
      run: z.string(),
      before: z
        .array(job.extend({ run: z.string() }))
        .optional()
        .describe('where several seeds were asked for, the others, trained first'),
    }),
    result: startedResultSchema,
  },
  'runs.blend': {
    cli: 'blend',
    summary: 'Make one run of several: their vectors side by side, one index, one query',
    positional: 'runs',
    input: blendInput,
    output: job.extend({ run: z.string() }),
    result: startedResultSchema,
  },
  'runs.tell': {
    cli: 'log',
    summary: 'Tell a run to MLflow or TensorBoard, as far as it is not known there',
    positional: 'run',
    input: z.strictObject({
      run,
      to: trackerSchema.describe('mlflow:http://HOST:5000, mlflow (the server of MLFLOW_TRACKING_URI) or tensorboard:FOLDER'),
    }),
    output: job,
    result: toldResult,
  },
  'runs.pause': {
    summary: 'Stop a training run at its next step with a checkpoint, to go on later with runs.start { resume }',
    changes: true,
    input: z.strictObject({ run }),
    output: z.strictObject({ run: z.string() }),
  },
  'runs.evaluate': {
    cli: 'evaluate',
    summary: 'Evaluate a finished run',
    input: evaluateInput,
    output: job,
    result: evaluateResult,
  },
  'runs.list': {
    cli: 'runs',
    summary: 'List the runs',
    input: z.strictObject({ dataset: dataset.optional() }),
    output: z.strictObject({ runs: z.array(runSummarySchema) }),
  },
  'runs.compare': {
    cli: 'compare',
    summary: 'Compare runs, the best marked where a test tells it; those with different protocols are not ranked together',
    positional: 'runs',
    input: z.strictObject({
      runs: z.array(run).min(1).max(200).describe('ids or names of runs'),
      metrics: z.array(z.string()).max(200).default([]).describe('metrics of the table; default: recall, NDCG, coverage and cold recall'),
      each: z.boolean().default(false).describe('a row each run, also of those that differ only in their seed'),
      plain: z.boolean().default(false).describe('mark nothing: the test of what is the best takes a second'),
      tracked: z
        .array(z.string())
        .max(200)
        .optional()
        .describe('runs of other trackers (pylon tracked), which stand in a table of their own'),
      unmeasured: z.boolean().default(false).describe('also take runs that have no metrics, for their configs'),
    }),
    output: compareResult,
  },
  'runs.show': {
    cli: 'show',
    summary: 'Show a run: config, environment, curves, metrics, artefacts',
    positional: 'run',
    input: z.strictObject({ run }),
    output: runDetailSchema,
  },
  'runs.note': {
    cli: 'note',
    summary: 'Set the tags or the note of a run',
    changes: true,
    positional: 'run',
    input: z.strictObject({
      run,
      tags: z.array(z.string().min(1).max(64)).optional().describe('replaces the tags'),
      note: z.string().max(100_000).optional(),
    }),
    output: runSummarySchema,
  },
  'runs.delete': {
    cli: 'delete',
    summary: 'Move a run, or a dataset that has no runs, to the trash',
    changes: true,
    frees: true,
    positional: 'run',
    input: z.strictObject({ run: run.optional(), dataset: dataset.optional(), forever }),
    output: z.strictObject({ deleted: z.string(), forever: z.boolean() }),
  },
} as const satisfies Record<string, VerbDefinition>
