/** Searches: start, go on, add trials, stop, show, list, promote the winner, export as a study. */
import { z } from 'zod'
import { readPath, writePath } from '../paths.ts'
import { startedResultSchema } from '../shapes/run.ts'
import { searchDetailSchema, searchSummarySchema, spaceSchema } from '../shapes/search.ts'
import { trainingExecutorSchema } from '../shapes/settings.ts'
import { trackerSchema } from '../shapes/tracker.ts'
import { dataset, forever, job, type VerbDefinition } from './common.ts'

const search = z.string().min(1).describe('id or name of a search (the newest of that name)')
const started = job.extend({ search: z.string() })
const log = z
  .array(trackerSchema)
  .optional()
  .describe(
    'tell each trial while it trains, repeatable: mlflow:http://HOST:5000 (below one run for the search) or tensorboard:FOLDER (a folder a trial); not kept: say it again to go on',
  )
const threads = z.int().min(1).max(256).optional()

export const searchInput = z.strictObject({
  file: readPath().optional().describe('JSON file of a search; the flags below replace what it says'),
  search: z.unknown().optional().describe('a search as JSON text'),
  dataset: dataset.optional().describe('name of a dataset in the workspace'),
  recipe: z.string().optional().describe('start from a recipe; `recipes` lists them'),
  config: readPath().optional().describe('JSON file of a run spec to start from'),
  set: z.array(z.string()).default([]).describe('override a value of the spec, repeatable: training.epochs=5'),
  space: z
    .array(z.string())
    .default([])
    .describe(
      'what varies, repeatable: field=low:high, with :log and :int behind it, or field=a,b,c; field+field ties two; default: see `search space`',
    ),
  trials: z.int().min(1).max(100_000).optional().describe('trials at most (default: 40)'),
  minutes: z.number().gt(0).optional().describe('of training, after which no trial begins or goes on'),
  diskGb: z.number().gt(0).optional().describe('gigabytes that the runs of the search may fill, after which no trial begins'),
  withoutGain: z.int().min(1).max(100_000).optional().describe('end after so many trials that do not beat the best'),
  sampler: z.enum(['tpe', 'random', 'grid']).optional().describe('what draws the next trial (default: tpe)'),
  stop: z.enum(['none', 'median', 'asha']).optional().describe('what ends a trial early (default: none)'),
  metric: z.string().optional().describe('of the validation part (default: ndcg@20)'),
  finals: z.int().min(0).max(20).optional().describe('best trials that are trained again with three seeds and compared (default: 3)'),
  parallel: z.int().min(1).max(256).optional().describe('trials at once, which share the threads (default: 1)'),
  seed: z.int().min(0).optional().describe('of what the sampler draws (default: 1)'),
  name: z.string().min(1).max(200).optional().describe('a name for people; default: the recipe'),
  threads: threads.describe('threads; default: the cores'),
  executor: trainingExecutorSchema.optional().describe('what runs the steps: onnxruntime, tensorflow or webgpu'),
  log,
})
export type SearchInput = z.infer<typeof searchInput>

export const searchVerbs = {
  'search.list': {
    cli: 'search',
    summary: 'List the searches',
    input: z.strictObject({ dataset: dataset.optional() }),
    output: z.strictObject({ searches: z.array(searchSummarySchema) }),
  },
  'search.start': {
    cli: 'search start',
    summary: 'Search over the fields of a run spec: many trials, each measured on the validation part',
    positional: 'file',
    input: searchInput,
    output: started,
    result: searchDetailSchema,
  },
  'search.show': {
    cli: 'search show',
    summary: 'Show a search: its trials, what mattered, the finals',
    positional: 'search',
    input: z.strictObject({ search }),
    output: searchDetailSchema,
  },
  'search.space': {
    cli: 'search space',
    summary: 'Show what a search over a recipe varies where nothing else is said',
    positional: 'recipe',
    input: z.strictObject({
      recipe: z.string().optional(),
      dataset,
      spec: z.unknown().optional().describe('a run spec as JSON text, in place of a recipe'),
    }),
    output: z.strictObject({ space: spaceSchema, spec: z.record(z.string(), z.unknown()) }),
  },
  'search.cancel': {
    cli: 'search cancel',
    summary: 'Stop a search; what its trials have learned so far stays',
    changes: true,
    positional: 'search',
    input: z.strictObject({ search }),
    output: z.strictObject({ search: z.string() }),
  },
  'search.resume': {
    cli: 'search resume',
    summary: 'Go on with a stopped or interrupted search',
    positional: 'search',
    input: z.strictObject({ search, log }),
    output: started,
    result: searchDetailSchema,
  },
  'search.add': {
    cli: 'search add',
    summary: 'Give a search more trials, minutes or room and go on with it',
    positional: 'search',
    input: z.strictObject({
      search,
      trials: z.int().min(1).max(100_000).optional().describe('more trials than it may begin by now'),
      minutes: z.number().gt(0).optional().describe('more minutes of training'),
      diskGb: z.number().gt(0).optional().describe('more gigabytes for its runs'),
      log,
    }),
    output: started,
    result: searchDetailSchema,
  },
  'search.promote': {
    cli: 'search promote',
    summary: 'Train the winner of a search again on train + validation and look at the test part, once',
    positional: 'search',
    input: z.strictObject({
      search,
      trial: z.int().min(1).optional().describe('number of a trial; default: the winner of the finals, or the best trial'),
      name: z.string().max(200).optional().describe('a name for the run; default: that of the search'),
      threads: threads.describe('threads; default: the cores'),
    }),
    output: job.extend({ run: z.string() }),
    result: startedResultSchema,
  },
  'search.export': {
    cli: 'search export',
    summary: 'Write a search as an Optuna study, which optuna-dashboard opens',
    positional: 'search',
    input: z.strictObject({ search, out: writePath().describe('new file, such as study.log') }),
    output: z.strictObject({ path: z.string(), study: z.string(), trials: z.int() }),
  },
  'search.delete': {
    cli: 'search delete',
    summary: 'Move a search to the trash; its runs stay unless they are to go too',
    changes: true,
    frees: true,
    positional: 'search',
    input: z.strictObject({ search, runs: z.boolean().default(false).describe('also its runs; promoted ones stay'), forever }),
    output: z.strictObject({ deleted: z.string(), runs: z.int(), forever: z.boolean() }),
  },
} as const satisfies Record<string, VerbDefinition>

export type SearchVerb = keyof typeof searchVerbs
