/** ANN indexes of a run: built beside its own, measured, changed. */
import { z } from 'zod'
import { annCurveSchema, indexInfoSchema } from '../shapes/ann.ts'
import { indexSchema } from '../shapes/spec.ts'
import { job, k, nothing, run, type VerbDefinition } from './common.ts'

const name = z
  .string()
  .regex(/^(?!own$)[a-z0-9][a-z0-9_-]{0,39}$/i, 'letters, digits, _ and -, at most 40, and not "own"')
  .describe("name of an index beside the run's own")
const { connectivity, expansionAdd, expansionSearch, scalar } = indexSchema.shape

export const buildIndexInput = z.strictObject({
  run,
  name,
  connectivity: connectivity.describe('links a node'),
  expansionAdd: expansionAdd.describe('candidates looked at while building'),
  expansionSearch: expansionSearch.describe('candidates looked at while searching'),
  scalar,
  threads: z.int().min(1).max(256).default(1).describe('more than one is faster, and another graph at every build'),
  replace: z.boolean().default(false).describe('replace an index of that name'),
})

export const annCurveInput = z.strictObject({
  run,
  k: k.default(20).describe('cut-off'),
  expansions: z.array(z.int().min(1).max(10_000)).min(1).max(24).default([8, 16, 32, 64, 128, 256]).describe('values of expansionSearch'),
  scalars: z
    .array(scalar.unwrap())
    .min(1)
    .default(['f32', 'f16', 'i8'])
    .describe('f32, f16, i8; i8 is left out where the model does not match by cosine'),
  connectivity: connectivity.describe('links a node'),
  expansionAdd: expansionAdd.describe('candidates looked at while building'),
  queries: z.int().min(1).max(100_000).default(1000).describe('user vectors, evenly spaced over all users'),
  target: z.number().gt(0).lt(1).optional().describe('also seek the least expansion of each scalar type that reaches this recall'),
})
export type AnnCurveInput = z.infer<typeof annCurveInput>

export const indexVerbs = {
  'index.list': {
    summary: 'The ANN indexes of a run, its vectors, and the curve that was measured last',
    input: z.strictObject({ run }),
    output: z.strictObject({
      run: z.string(),
      items: z.int(),
      dim: z.int(),
      metric: z.enum(['cosine', 'dot', 'euclidean']),
      vectorBytes: z.int(),
      /** of the engine's process */
      engineBytes: z.int(),
      indexes: z.array(indexInfoSchema),
      curve: annCurveSchema.nullable(),
    }),
  },
  'index.build': {
    cli: 'index',
    summary: "Build an ANN index of a run's items beside its own",
    input: buildIndexInput,
    output: job,
    result: indexInfoSchema,
  },
  'index.curve': {
    cli: 'curve',
    summary: "Measure recall against latency of ANN search over a run's items, and where recall is lost",
    input: annCurveInput,
    output: job,
    result: annCurveSchema,
  },
  'index.drop': {
    summary: 'Delete an index that stands beside the own one of a run',
    changes: true,
    input: z.strictObject({ run, name }),
    output: nothing,
  },
  'index.add': {
    summary: 'Embed a typed-in item and add it to an index',
    changes: true,
    input: z.strictObject({
      run,
      name,
      id: z.string().min(1).max(200),
      title: z.string().max(500).nullable().default(null),
      features: z.string().max(200_000).describe('the item as JSON, columns by name'),
    }),
    output: indexInfoSchema,
  },
  'index.remove': {
    summary: 'Take items out of an index: catalogue items, or added ones; an item of the catalogue can be put back',
    changes: true,
    input: z.strictObject({
      run,
      name,
      items: z.array(z.string()).min(1).max(10_000).describe('ids'),
      restore: z.boolean().default(false).describe('put catalogue items back instead'),
    }),
    output: indexInfoSchema,
  },
} as const satisfies Record<string, VerbDefinition>
