/** Sentence models of the workspace: those there are, and those that are known to be good. */
import { z } from 'zod'
import type { VerbDefinition } from './common.ts'

export const encoderSchema = z.strictObject({
  name: z.string(),
  bytes: z.int().nullable(),
  checksum: z.string().nullable().describe('over all files that its vectors depend on'),
  pooling: z.string().nullable().describe('null: the graph gives one vector a text'),
  prefix: z.string().nullable().describe('what precedes each text'),
  maxTokens: z.int().nullable(),
  problem: z.string().nullable().describe('why it cannot be used, and what to do; the rest is null then'),
})
export type EncoderView = z.infer<typeof encoderSchema>

export const knownEncoderSchema = z.strictObject({
  name: z.string().describe('as it is published'),
  languages: z.string(),
  dimensions: z.int(),
  megabytes: z.int().describe('about, of the smallest graph that its authors publish'),
  licence: z.string(),
})

export const encoderVerbs = {
  'encoders.list': {
    cli: 'encoders',
    summary: 'List the sentence models that text features can be read by, and which are good; nothing is downloaded',
    input: z.strictObject({}),
    output: z.strictObject({
      folder: z.string().describe('where they lie, a folder each'),
      encoders: z.array(encoderSchema),
      known: z.array(knownEncoderSchema),
    }),
  },
} as const satisfies Record<string, VerbDefinition>
