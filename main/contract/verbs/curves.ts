/** Curves of runs for charts, and the log of a run. Numbers cross as typed arrays. */
import { z } from 'zod'
import { doubles, floats, ints } from '../shapes/parts.ts'
import { runStateSchema } from '../shapes/run.ts'
import { run, type VerbDefinition } from './common.ts'

const runs = z.array(run).min(1).max(200)

/** What every curve says of its run. */
const curve = z.strictObject({
  run: z.string(),
  name: z.string(),
  seed: z.int().nullable(),
  state: runStateSchema,
  bestEpoch: z.int().nullable(),
})

export const stepCurveSchema = curve.extend({
  /** rows there are; the arrays hold those that were kept */
  rows: z.int(),
  step: ints,
  /** mean over the steps since the row before; NaN where it is not known, here and below */
  loss: floats,
  /** spent in steps, without validation and what else lies between them; NaN from a row on whose throughput is not known */
  seconds: floats,
  /** null where `rates` were not asked for */
  learningRate: floats.nullable(),
  examplesPerSecond: floats.nullable(),
  /** examples a step; null where that is not known */
  batch: z.int().nullable(),
  /** epochs with rows, ascending, and the last step of each that has one: all there is to know of them by step */
  epochs: z.strictObject({ epoch: ints, end: ints }),
})
export type StepCurve = z.infer<typeof stepCurveSchema>

export const epochCurveSchema = curve.extend({
  epoch: ints,
  loss: floats,
  learningRate: floats,
  examplesPerSecond: floats,
  validation: z.record(z.string(), doubles),
})

export type EpochCurve = z.infer<typeof epochCurveSchema>

export const logLineSchema = z.strictObject({
  id: z.int(),
  at: z.string(),
  job: z.string(),
  level: z.string(),
  text: z.string(),
})
export type LogLine = z.infer<typeof logLineSchema>

export const curveVerbs = {
  'curves.steps': {
    summary: 'Loss, learning rate and throughput by step, thinned out to so many points without losing a spike of the loss',
    input: z.strictObject({
      runs,
      points: z.int().min(2).max(100_000).default(1_000),
      rates: z.boolean().default(true).describe('with learning rate and throughput'),
    }),
    output: z.strictObject({ curves: z.array(stepCurveSchema) }),
  },
  'curves.epochs': {
    summary: 'Loss, throughput and validation metrics by epoch',
    input: z.strictObject({ runs, metrics: z.array(z.string()).optional().describe('validation metrics to answer; default: all') }),
    output: z.strictObject({ curves: z.array(epochCurveSchema) }),
  },
  'runs.log': {
    summary: 'What was said while a run was worked on, newest first',
    input: z.strictObject({
      run,
      before: z.int().optional().describe('only lines older than the one of this id'),
      limit: z.int().min(1).max(1_000).default(200),
    }),
    output: z.strictObject({ lines: z.array(logLineSchema), more: z.boolean() }),
  },
} as const satisfies Record<string, VerbDefinition>
