/**
 * Everything a page, a script or the command line may ask of the engine, declared once. A `query` answers at once; a `job`
 * answers `{ job, … }` at once, runs in a child process, and ends with a `job.finished` event that carries its result.
 * The command line and its help are generated from this table: an input's property is a flag (`maxLength` → `--max-length`).
 */
import { z } from 'zod'
import { datasetManifestSchema, profileSchema } from './shapes/dataset.ts'
import { metricsSchema, protocolSchema } from './shapes/protocol.ts'
import { hitSchema, runDetailSchema, runSummarySchema, trainResultSchema } from './shapes/run.ts'

const dataset = z.string().min(1).describe('name of a dataset in the workspace')
const run = z.string().min(1).describe('id or name of a run (the newest of that name)')
const k = z.int().min(1).max(10_000)

export const importInput = z.strictObject({
  name: z.string().regex(/^[\w][\w.-]{0,63}$/, 'letters, digits, _ . and -, at most 64').describe('name of the new dataset'),
  replace: z.boolean().default(false).describe('replace a dataset of that name that has no runs'),
  sample: z.boolean().default(false).describe('generate the sample market (seeded) and import it'),
  seed: z.int().min(0).default(1).describe('seed of the sample and of a random split'),
  path: z.string().optional().describe('a folder in a known format, or one file of interactions'),
  format: z.enum(['auto', 'movielens', 'lightgcn', 'airbnb', 'sequence', 'table']).default('auto').describe('what PATH is; auto looks'),
  interactions: z.string().optional().describe('file of interactions: CSV, TSV, Parquet, JSON Lines, or SQLite as FILE.sqlite#TABLE'),
  users: z.string().optional().describe('file of user metadata'),
  items: z.string().optional().describe('file of item metadata'),
  test: z.string().optional().describe('file of held-out interactions (split: given)'),
  map: z.string().optional().describe('columns by role: user=COL,item=COL,time=COL,weight=COL,event=COL,userId=COL,itemId=COL,title=COL; COL is a name, or a position from 1 where a file has no header'),
  kinds: z.string().optional().describe('correct guessed kinds: price=number,amenities=tags,users.city=category; ignore drops a column'),
  split: z.string().optional().describe('leave-last | time:2024-01-01 | random:0.2 | given; default: given with a test file, leave-last with times, else random:0.2'),
  validation: z.number().min(0).lt(1).default(0.1).describe('share cut from the training part by random and given splits'),
  header: z.enum(['auto', 'yes', 'no']).default('auto').describe('whether text files start with column names'),
  encoding: z.enum(['auto', 'utf-8', 'latin-1']).default('auto'),
})
export type ImportInput = z.infer<typeof importInput>

export const importResult = z.strictObject({
  dataset: z.string(),
  users: z.int(),
  items: z.int(),
  interactions: z.int(),
  train: z.int(),
  validation: z.int(),
  test: z.int(),
  warnings: z.array(z.string()),
})
export type ImportResult = z.infer<typeof importResult>

export const trainInput = z.strictObject({
  dataset: dataset.optional().describe('name of a dataset in the workspace; needed unless --resume'),
  config: z.string().optional().describe('JSON file of a run spec'),
  spec: z.unknown().optional().describe('a run spec as JSON text'),
  recipe: z.string().optional().describe('start from a recipe: two-tower, mf-softmax, most-popular'),
  set: z.array(z.string()).default([]).describe('override a spec value, repeatable: training.epochs=5'),
  seed: z.int().min(0).optional().describe('same as --set training.seed=N'),
  name: z.string().max(200).optional().describe('a name for people; default: the recipe'),
  resume: run.optional().describe('go on with a stopped run from its last checkpoint'),
  threads: z.int().min(1).max(256).optional().describe('threads; default: the cores; a resumed run keeps its own'),
})
export type TrainInput = z.infer<typeof trainInput>

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

export const recommendInput = z.strictObject({
  run,
  user: z.string().optional().describe('id of a known user'),
  features: z.string().optional().describe('a new user as JSON: columns by name, "history": [item ids], "time": seconds or ISO date'),
  k: k.default(10),
  includeSeen: z.boolean().default(false).describe('also return items the user interacted with in training'),
  ann: z.boolean().default(false).describe('search the index instead of all items'),
})
export const similarInput = z.strictObject({
  run,
  item: z.string().optional().describe('id of a known item'),
  features: z.string().optional().describe('a new item as JSON: columns by name'),
  k: k.default(10),
  ann: z.boolean().default(false).describe('search the index instead of all items'),
})
export const neighboursResult = z.strictObject({
  run: z.string(),
  query: z.strictObject({ kind: z.enum(['user', 'item', 'features']), id: z.string().nullable(), title: z.string().nullable(), popularity: z.int() }),
  search: z.enum(['exact', 'ann']),
  /** with ANN: its recall against exact search for this query at this K */
  recallVsExact: z.number().nullable(),
  hits: z.array(hitSchema),
})
export type NeighboursResult = z.infer<typeof neighboursResult>

export const exportInput = z.strictObject({
  run,
  format: z.enum(['vectors', 'onnx']).describe('vectors: npy and id lists; onnx: both towers, weights and encoders'),
  out: z.string().min(1).describe('folder to write into; must be new or empty'),
})
export const exportResult = z.strictObject({ run: z.string(), format: z.string(), out: z.string(), files: z.array(z.strictObject({ path: z.string(), bytes: z.int(), sha256: z.string() })) })
export type ExportResult = z.infer<typeof exportResult>

export const compareResult = z.strictObject({
  metrics: z.array(z.string()),
  /** runs whose numbers may be ranked together, one group a protocol */
  groups: z.array(z.strictObject({ protocol: protocolSchema, runs: z.array(runSummarySchema) })),
  /** spec paths whose values differ, one value a run in the order asked; undefined where a run has no such path */
  differences: z.array(z.strictObject({ path: z.string(), values: z.array(z.unknown()) })),
})
export type CompareResult = z.infer<typeof compareResult>

export const doctorResult = z.strictObject({
  pylon: z.string(),
  node: z.string(),
  platform: z.string(),
  cpu: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  freeDiskBytes: z.number(),
  home: z.string(),
  libraries: z.array(z.strictObject({ name: z.string(), version: z.string(), works: z.boolean(), note: z.string() })),
  executors: z.array(z.strictObject({ name: z.string(), works: z.boolean(), note: z.string() })),
})
export type DoctorResult = z.infer<typeof doctorResult>

const job = z.strictObject({ job: z.string() })

/**
 * One verb: its name in the contract, its word on the command line, its shapes. `positional` names the input property that the
 * command line takes without a flag.
 */
export interface VerbDefinition {
  readonly cli: string
  readonly summary: string
  readonly kind: 'query' | 'job'
  readonly input: z.ZodObject
  /** what the call itself answers */
  readonly output: z.ZodType
  /** for jobs: what `job.finished` carries */
  readonly result?: z.ZodType
  readonly positional?: string
}

export const verbs = {
  'datasets.import': { cli: 'import', summary: 'Import interactions, users and items as a dataset', kind: 'job', input: importInput, output: job, result: importResult },
  'datasets.list': { cli: 'datasets', summary: 'List the datasets', kind: 'query', input: z.strictObject({}), output: z.strictObject({ datasets: z.array(datasetManifestSchema.pick({ name: true, createdAt: true, users: true, items: true, interactions: true, parts: true, split: true, checksum: true })) }) },
  'datasets.profile': { cli: 'profile', summary: 'Show what a dataset holds: counts, sparsity, long tail, columns and their kinds', kind: 'query', input: z.strictObject({ dataset }), output: z.strictObject({ manifest: datasetManifestSchema, profile: profileSchema }) },
  'runs.start': { cli: 'train', summary: 'Train a run, index its items, evaluate it', kind: 'job', input: trainInput, output: job.extend({ run: z.string() }), result: trainResultSchema },
  'runs.evaluate': { cli: 'evaluate', summary: 'Evaluate a finished run', kind: 'job', input: evaluateInput, output: job, result: evaluateResult },
  'neighbours.recommend': { cli: 'recommend', summary: 'Items for a known user or a typed-in profile', kind: 'query', input: recommendInput, output: neighboursResult },
  'neighbours.similar': { cli: 'similar', summary: 'Items like a known or a new item', kind: 'query', input: similarInput, output: neighboursResult },
  'runs.list': { cli: 'runs', summary: 'List the runs', kind: 'query', input: z.strictObject({ dataset: dataset.optional() }), output: z.strictObject({ runs: z.array(runSummarySchema) }) },
  'runs.compare': { cli: 'compare', summary: 'Compare runs; those with different protocols are not ranked together', kind: 'query', positional: 'runs', input: z.strictObject({ runs: z.array(run).min(1).max(20).describe('ids or names of runs') }), output: compareResult },
  'runs.show': { cli: 'show', summary: 'Show a run: config, environment, curves, metrics, artefacts', kind: 'query', positional: 'run', input: z.strictObject({ run }), output: runDetailSchema },
  'runs.note': { cli: 'note', summary: 'Set the tags or the note of a run', kind: 'query', positional: 'run', input: z.strictObject({ run, tags: z.array(z.string().min(1).max(64)).optional().describe('replaces the tags'), note: z.string().max(100_000).optional() }), output: runSummarySchema },
  'runs.delete': { cli: 'delete', summary: 'Delete a run, or a dataset that has no runs', kind: 'query', positional: 'run', input: z.strictObject({ run: run.optional(), dataset: dataset.optional() }), output: z.strictObject({ deleted: z.string() }) },
  'runs.export': { cli: 'export', summary: 'Write a run for other systems', kind: 'job', input: exportInput, output: job, result: exportResult },
  'jobs.cancel': { cli: 'cancel', summary: 'Ask a job to stop at its next step', kind: 'query', positional: 'job', input: z.strictObject({ job: z.string() }), output: z.strictObject({}) },
  'system.doctor': { cli: 'doctor', summary: 'What is installed, which executors work, cores, memory, free disk', kind: 'query', input: z.strictObject({}), output: doctorResult },
} as const satisfies Record<string, VerbDefinition>

export type VerbName = keyof typeof verbs
/** What a caller passes. */
export type VerbInput<V extends VerbName> = z.input<(typeof verbs)[V]['input']>
/** What a handler gets: validated, defaults filled in. */
export type VerbParsed<V extends VerbName> = z.output<(typeof verbs)[V]['input']>
export type VerbOutput<V extends VerbName> = z.output<(typeof verbs)[V]['output']>
export type JobVerb = { [V in VerbName]: (typeof verbs)[V]['kind'] extends 'job' ? V : never }[VerbName]
export type JobResult<V extends JobVerb> = (typeof verbs)[V] extends { result: infer R extends z.ZodType } ? z.output<R> : never
