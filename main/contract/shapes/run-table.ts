/** Runs as columns: numbers as typed arrays, texts as codes into their distinct values. */
import { z } from 'zod'
import { doubles, ints } from './parts.ts'
import { runStateSchema } from './run.ts'

/** One text a run: `values[codes[i]]`; -1 where it has none. */
export const dictionaryColumnSchema = z.strictObject({ values: z.array(z.string()), codes: ints })
export type DictionaryColumn = z.infer<typeof dictionaryColumnSchema>

export const runColumnsSchema = z.strictObject({
  /** ids, oldest first; every other column is as long */
  run: z.array(z.string()),
  name: dictionaryColumnSchema,
  dataset: dictionaryColumnSchema,
  model: dictionaryColumnSchema,
  recipe: dictionaryColumnSchema,
  /** kind of the loss */
  loss: dictionaryColumnSchema,
  state: dictionaryColumnSchema.extend({ values: z.array(runStateSchema) }),
  folder: dictionaryColumnSchema,
  note: dictionaryColumnSchema,
  /** all tags of a run, sorted, as one JSON list */
  tags: dictionaryColumnSchema,
  protocol: dictionaryColumnSchema,
  /** id of the search that a run is a trial of */
  search: dictionaryColumnSchema,
  /** seconds since 1970 */
  createdAt: doubles,
  /** NaN where there is none, here and below */
  seed: doubles,
  /** epochs trained so far */
  epochs: ints,
  /** -1 where no epoch was evaluated */
  bestEpoch: ints,
  /** the validation metric `best` at that epoch */
  best: doubles,
  /** of work, so far */
  seconds: doubles,
  examplesPerSecond: doubles,
  /** 1: the baseline of its protocol */
  pinned: z.instanceof(Uint8Array<ArrayBufferLike>),
  /** the same of runs that differ only in their seed */
  family: dictionaryColumnSchema,
  /** test metrics by name, as asked for */
  metrics: z.record(z.string(), doubles),
  /** values of spec paths as JSON texts, as asked for */
  spec: z.record(z.string(), dictionaryColumnSchema),
})
export type RunColumns = z.infer<typeof runColumnsSchema>
