/** Verbs of the map: a run's item vectors in two dimensions, and what to colour them by. */
import { z } from 'zod'
import { floats } from '../shapes/parts.ts'
import { dataset, run, type VerbDefinition } from './common.ts'

const codes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)

export const mapVerbs = {
  'map.points': {
    summary: 'Item vectors on their two principal axes',
    input: z.strictObject({ run }),
    output: z.strictObject({
      run: z.string(),
      items: z.int(),
      /** [items × 2], centred, in units of the vectors */
      points: floats,
      /** share of the variance on each axis */
      explained: z.tuple([z.number(), z.number()]),
    }),
  },
  'map.colours': {
    summary: 'Values of an item column, or the popularity, by which points are coloured',
    input: z.strictObject({ dataset, column: z.string().nullable().describe('null: training interactions') }),
    output: z.discriminatedUnion('kind', [
      z.strictObject({
        kind: z.literal('number'),
        /** [items]; NaN: missing */
        values: floats,
        minimum: z.number(),
        maximum: z.number(),
      }),
      z.strictObject({
        kind: z.literal('category'),
        /** [items]; position in `labels`, 254: any other value, 255: missing */
        values: codes,
        /** by falling number of items */
        labels: z.array(z.string()),
      }),
    ]),
  },
} as const satisfies Record<string, VerbDefinition>
