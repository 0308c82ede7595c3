/** Run specs before they are run: their schema, what is wrong with one, what training it would cost. */
import { z } from 'zod'
import { specSchema } from '../shapes/spec.ts'
import { dataset, nothing, type VerbDefinition } from './common.ts'

const spec = z.unknown().describe('a run spec; what has a default may be left out')

export const specProblemSchema = z.strictObject({
  place: z.string().describe('path within the spec: user.features[2].column; empty: the spec itself'),
  message: z.string(),
})
export type SpecProblem = z.infer<typeof specProblemSchema>

/** A tower as it will be built: what enters it and how wide that is. */
const towerShapeSchema = z.strictObject({
  inputs: z.array(z.strictObject({ name: z.string(), width: z.int(), table: z.string().nullable() })),
  inputWidth: z.int(),
})

export const estimateResult = z.strictObject({
  /** measured: encoders fitted and training steps run on the data; none: a model that is not trained by steps */
  method: z.enum(['measured', 'none']),
  parameters: z.strictObject({
    total: z.int(),
    tables: z.array(z.strictObject({ name: z.string(), rows: z.int(), dim: z.int() })),
    dense: z.int().describe('weights outside the tables'),
  }),
  towers: z.strictObject({ user: towerShapeSchema, item: towerShapeSchema, dim: z.int() }).nullable(),
  memory: z.strictObject({
    parameters: z.int().describe('bytes of the parameters, 4 each'),
    optimizer: z.int().describe('bytes of the optimizer beside them'),
    peak: z.int().describe('bytes of the whole process while it trained, and of the vectors it will write'),
  }),
  examples: z.int().describe('training examples an epoch'),
  batch: z.int(),
  stepsPerEpoch: z.int(),
  secondsPerEpoch: z.number().describe('training steps alone, without the validation after them'),
  probedSteps: z.int().describe('steps that the time was taken from'),
  threads: z.int(),
  busy: z.boolean().describe('another job was running, so that the time is too long'),
})
export type EstimateResult = z.infer<typeof estimateResult>

export const specVerbs = {
  'specs.schema': {
    summary: 'The JSON schema of a run spec, with descriptions and defaults',
    input: nothing,
    output: z.strictObject({ schema: z.record(z.string(), z.unknown()) }),
  },
  'specs.check': {
    summary: 'Complete a run spec for a dataset, or say all that is wrong with it',
    input: z.strictObject({ dataset: dataset.optional().describe('without one only the schema is checked'), spec }),
    output: z.strictObject({
      spec: specSchema.nullable().describe('complete; null where something is wrong'),
      problems: z.array(specProblemSchema),
    }),
  },
  'specs.estimate': {
    summary: 'Parameters, memory and time an epoch of a run spec, from a few steps on the data; the newest question wins',
    input: z.strictObject({ dataset, spec, threads: z.int().min(1).max(256).optional() }),
    output: estimateResult,
  },
} as const satisfies Record<string, VerbDefinition>
