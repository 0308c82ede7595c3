/** Datasets: look at files, import, list, profile, browse. */
import { z } from 'zod'
import { ENCODINGS } from '../import-options.ts'
import { LAYOUT_NAMES } from '../layouts.ts'
import { readPath, tablePath } from '../paths.ts'
import { datasetManifestSchema, profileSchema } from '../shapes/dataset.ts'
import { preparationOptions } from '../shapes/preparation.ts'
import { findingSchema } from '../shapes/finding.ts'
import { sideSchema } from '../shapes/entity.ts'
import { fileInspectionSchema } from '../shapes/inspection.ts'
import { dataset, job, nothing, type VerbDefinition } from './common.ts'

const sign = () => z.string().min(1).max(1000).optional()

export const importInput = z.strictObject({
  name: z
    .string()
    .regex(/^[\w][\w.-]{0,63}$/, 'letters, digits, _ . and -, at most 64')
    .describe('name of the new dataset'),
  replace: z.boolean().default(false).describe('replace a dataset of that name that has no runs'),
  sample: z.boolean().default(false).describe('generate the sample market (seeded) and import it'),
  seed: z.int().min(0).default(1).describe('seed of the sample and of a random split'),
  like: z.string().optional().describe('import as this dataset was: its roles, kinds, preparation and split, unless said anew'),
  append: z
    .array(tablePath())
    .max(100)
    .optional()
    .describe('with --like: files or folders of further rows, which become one new dataset with those it was imported from'),
  also: z
    .array(tablePath())
    .max(100)
    .optional()
    .describe(
      'further files of interactions with the columns of the first, such as purchases.csv beside views.csv: the event type is the file; of a known layout, further parts of its interactions',
    ),
  path: tablePath().optional().describe('a folder in a known format, or one file of interactions'),
  format: z
    .enum(['auto', 'sequence', 'table', ...LAYOUT_NAMES])
    .default('auto')
    .describe('what PATH is; auto looks at what is in it (pylon layouts)'),
  interactions: tablePath().optional().describe('file of interactions: CSV, TSV, Parquet, JSON Lines, or SQLite as FILE.sqlite#TABLE'),
  users: tablePath().optional().describe('file of user metadata'),
  items: tablePath().optional().describe('file of item metadata'),
  test: tablePath().optional().describe('file of held-out interactions (split: given)'),
  map: z
    .string()
    .optional()
    .describe(
      'columns by role: user=COL,item=COL,time=COL,weight=COL,event=COL,userId=COL,itemId=COL,title=COL; COL is a name, or a position from 1 where a file has no header',
    ),
  itemColumns: z
    .string()
    .optional()
    .describe(
      'columns of the interactions that describe the item, where there is no table of items: title,category; none; auto: those in which an item keeps one value',
    ),
  userColumns: z
    .string()
    .optional()
    .describe('columns of the interactions that describe the user, where there is no table of users: city,age; none; auto'),
  unroll: z
    .string()
    .optional()
    .describe(
      'columns of the interactions that hold lists: each entry is an interaction, of several columns in step; fields of structures become columns',
    ),
  kinds: z.string().optional().describe('correct guessed kinds: price=number,amenities=tags,users.city=category; ignore drops a column'),
  split: z
    .string()
    .optional()
    .describe('leave-last | time:2024-01-01 | random:0.2 | given; default: given with a test file, leave-last with times, else random:0.2'),
  ...preparationOptions,
  validation: z.number().min(0).lt(1).default(0.1).describe('share cut from the training part by random and given splits'),
  header: z.enum(['auto', 'yes', 'no']).default('auto').describe('whether text files start with column names'),
  encoding: z.enum(ENCODINGS).default('auto').describe('of text files; auto looks'),
  delimiter: sign().describe(
    'what parts the cells of text files: a sign, or tab, comma, semicolon, pipe, space; of one file items.csv=tab, as for the signs below',
  ),
  quote: sign().describe('what quotes cells of text files: a sign, or none'),
  escape: sign().describe('what makes a quote within quotes a plain one: the quote itself, or backslash'),
  comment: sign().describe('lines of text files that begin so are left out: a sign, or none'),
  badRows: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe('rows that cannot be read: refuse, or leave out, listed in skipped-rows.csv of the dataset'),
  decimal: z
    .enum(['auto', 'point', 'comma'])
    .default('auto')
    .describe('what parts decimals in text: 1,234 is 1234 with point, 1.234 with comma'),
  dateFormat: z
    .string()
    .optional()
    .describe('how times are written: dmy, mdy, ymd, a form such as DD/MM/YYYY, or seconds … nanoseconds; for one column born=dmy'),
  missingIds: z
    .enum(['fail', 'drop', 'keep'])
    .default('fail')
    .describe('rows whose user or item is empty, NULL, None, NaN, NA or \\N: refuse, leave out, or take such words as ids'),
  floatIds: z
    .enum(['whole', 'keep'])
    .default('whole')
    .describe('ids that a file made floating: 1.0 is the id 1 (whole) or stays "1.0" (keep)'),
})

export type ImportInput = z.infer<typeof importInput>

/** What is looked at before an import: its sources, and corrections so far. */
export const inspectInput = importInput.omit({ name: true, replace: true, sample: true, split: true, validation: true }).extend({
  files: z.array(readPath()).min(1).max(100).optional().describe('several files, in any order: what each is gets guessed'),
})

export type InspectInput = z.infer<typeof inspectInput>

/** A page of one side. `values` are of the columns, in the order of the manifest. */
export const rowsInput = z.strictObject({
  dataset,
  side: sideSchema,
  search: z.string().max(200).default('').describe('text that the id or a text column contains, without regard to case'),
  sort: z.string().default('').describe('"id", "interactions" or a column; empty: id order'),
  descending: z.boolean().default(false),
  offset: z.int().min(0).default(0),
  limit: z.int().min(1).max(500).default(100),
})

const cellSchema = z.union([z.string(), z.number(), z.array(z.string()), z.null()])

export const rowSchema = z.strictObject({
  id: z.string(),
  interactions: z.int(),
  train: z.int().describe('of these, in the training part; 0 is a cold entity'),
  values: z.array(cellSchema).describe('vectors are given as their first eight numbers, as text'),
})
export type EntityRow = z.infer<typeof rowSchema>

export const importResult = z.strictObject({
  dataset: z.string(),
  users: z.int(),
  items: z.int(),
  interactions: z.int(),
  train: z.int(),
  validation: z.int(),
  test: z.int(),
  warnings: z.array(z.string()),
  findings: z.array(findingSchema).describe('leaks, warnings of the split, and the one that fits better'),
})

export type ImportResult = z.infer<typeof importResult>

export const datasetVerbs = {
  'datasets.import': {
    cli: 'import',
    summary: 'Import interactions, users and items as a dataset',
    positional: 'path',
    input: importInput.extend({
      name: importInput.shape.name.optional().describe('name of the new dataset; default: as what it is imported from'),
    }),
    output: job,
    result: importResult,
  },
  'datasets.inspect': {
    cli: 'inspect',
    summary: 'Look at files before importing them: guessed format, roles, kinds, problems',
    positional: 'path',
    input: inspectInput,
    output: fileInspectionSchema,
  },
  'datasets.layouts': {
    cli: 'layouts',
    summary: 'List the public layouts of data that are recognised, and the files that are read',
    input: nothing,
    output: z.strictObject({
      layouts: z.array(z.strictObject({ name: z.string(), title: z.string(), files: z.string() })),
      containers: z.array(z.strictObject({ name: z.string(), library: z.string().describe('what reads it'), limit: z.string() })),
    }),
  },
  'datasets.list': {
    cli: 'datasets',
    summary: 'List the datasets',
    input: nothing,
    output: z.strictObject({
      datasets: z.array(
        datasetManifestSchema.pick({
          name: true,
          createdAt: true,
          users: true,
          items: true,
          interactions: true,
          parts: true,
          split: true,
          checksum: true,
        }),
      ),
    }),
  },
  'datasets.profile': {
    cli: 'profile',
    summary: 'Show what a dataset holds: counts, sparsity, long tail, columns and their kinds',
    input: z.strictObject({ dataset }),
    output: z.strictObject({ manifest: datasetManifestSchema, profile: profileSchema }),
  },
  'datasets.rows': {
    summary: 'A page of the users or items of a dataset, searched and sorted',
    input: rowsInput,
    output: z.strictObject({ total: z.int(), rows: z.array(rowSchema) }),
  },
} as const satisfies Record<string, VerbDefinition>
