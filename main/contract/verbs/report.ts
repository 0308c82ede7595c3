/** Reports: chosen tables and pictures of a workspace with somebody's text, frozen into one HTML file. */
import { z } from 'zod'
import { LANGUAGE_NAMES } from '../formats.ts'
import { readPath, writePath } from '../paths.ts'
import { job, run, type VerbDefinition } from './common.ts'

/** What a report may show, in the order in which it stands where the text names no place. */
export const REPORT_PARTS = ['metrics', 'tests', 'users', 'curves', 'slices', 'ledger', 'search', 'tracked', 'config'] as const
export type ReportPart = (typeof REPORT_PARTS)[number]

export const reportInput = z.strictObject({
  runs: z.array(run).max(50).default([]).describe('ids or names of runs; the first is what the others are measured against'),
  parts: z
    .array(z.enum(REPORT_PARTS))
    .default([])
    .describe(`what it shows: ${REPORT_PARTS.join(', ')}; default: all that there is something for`),
  search: z.array(z.string().min(1)).max(10).default([]).describe('ids or names of searches, for the part search'),
  tracked: z
    .array(z.string().min(1))
    .max(50)
    .default([])
    .describe('ids or names of runs of other trackers (pylon tracked), for the part tracked'),
  metric: z
    .string()
    .default('ndcg@20')
    .describe('metric of a query, for tests and slices: recall@K, ndcg@K, hit@K, mrr@K, map@K, precision@K'),
  metrics: z
    .array(z.string())
    .max(40)
    .default([])
    .describe('columns of the tables of metrics; default: the usual ones at the K of the metric'),
  title: z.string().max(200).default('').describe('its title; default: the names of the runs'),
  text: z.string().max(200_000).default('').describe('text in Markdown; a line {{curves}} puts that part there'),
  textFile: readPath().optional().describe('file with the text'),
  language: z.enum(LANGUAGE_NAMES).default('en').describe('of what Pylon writes'),
  out: writePath().optional().describe('HTML file to write; default: it is the answer'),
})
export type ReportInput = z.infer<typeof reportInput>

export const reportResult = z.strictObject({
  /** null where it is the answer */
  out: z.string().nullable(),
  html: z.string().nullable(),
  bytes: z.int(),
  /** those it shows */
  parts: z.array(z.enum(REPORT_PARTS)),
  /** asked for, but there is nothing to show */
  empty: z.array(z.enum(REPORT_PARTS)),
})
export type ReportResult = z.infer<typeof reportResult>

export const reportVerbs = {
  'reports.write': {
    cli: 'report',
    summary: 'Freeze tables, tests, curves and pictures of runs and searches, with a text, into one HTML file that opens offline',
    // it may rank held-out items of runs, which stay with them
    positional: 'runs',
    input: reportInput,
    output: job,
    result: reportResult,
  },
} as const satisfies Record<string, VerbDefinition>
