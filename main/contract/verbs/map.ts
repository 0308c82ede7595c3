/** Verbs of the map: a run's item vectors in two dimensions, by axes or by neighbourhoods, and what to colour them by. */
import { z } from 'zod'
import { floats, ints } from '../shapes/parts.ts'
import { dataset, job, run, type VerbDefinition } from './common.ts'

const codes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)

export const layoutOptions = z.strictObject({
  neighbours: z.int().min(2).max(100).default(15).describe('nearest items that stay near: fewer show details, more the whole'),
  sample: z.int().min(100).max(200_000).default(20_000).describe('items that are laid out; the others are placed among them'),
  users: z.int().min(0).max(100_000).default(3000).describe('users that are placed among the items, drawn at random'),
  seed: z.int().min(0).default(1).describe('of what is drawn'),
})
export type LayoutOptions = z.output<typeof layoutOptions>

export const layoutFacts = z.strictObject({
  version: z.literal(1),
  ...layoutOptions.shape,
  items: z.int(),
  /** by their dense indices; their places stand behind those of the items */
  placedUsers: z.array(z.int()),
  /** what items at a place have in common that others have not; the largest group first */
  labels: z.array(z.strictObject({ x: z.number(), y: z.number(), text: z.string(), items: z.int() })),
  seconds: z.number(),
})
export type LayoutFacts = z.infer<typeof layoutFacts>

const layoutResult = layoutFacts.omit({ version: true, placedUsers: true }).extend({
  run: z.string(),
  /** placed */
  users: z.int(),
})
export type LayoutResult = z.infer<typeof layoutResult>

export const mapVerbs = {
  'map.points': {
    summary: 'Item vectors in the plane: on their two principal axes, or as map.layout laid them out',
    input: z.strictObject({ run, layout: z.enum(['axes', 'neighbourhoods']).default('axes') }),
    output: z.strictObject({
      run: z.string(),
      items: z.int(),
      /** [items × 2]; on axes centred and in units of the vectors */
      points: floats,
      /** share of the variance on each axis */
      explained: z.tuple([z.number(), z.number()]).nullable(),
      /** some users among the items, by their dense indices, [users × 2]; on axes none */
      users: z.strictObject({ indices: ints, points: floats }),
      labels: layoutFacts.shape.labels,
      /** whose vectors are kept, rising */
      epochs: ints,
    }),
  },
  'map.moved': {
    summary: 'The items of a run, after an epoch or as served, rotated onto the vectors of a run and laid on its map; how far each moved',
    input: z.strictObject({
      run,
      epoch: z.int().min(0).nullable().default(null).describe('null: as the run is served'),
      to: run.describe('id or name of the run on whose map they are laid'),
      layout: z.enum(['axes', 'neighbourhoods']).default('axes').describe('of that map; neighbourhoods for up to 20,000 items'),
    }),
    output: z.strictObject({
      run: z.string(),
      to: z.string(),
      epoch: z.int().nullable(),
      layout: z.enum(['axes', 'neighbourhoods']),
      /** [items × 2], on the map of the other run */
      points: floats,
      /** [items], 1 − cosine of an item's vector in both, from 0 to 2 */
      moved: floats,
    }),
  },
  'map.layout': {
    cli: 'map',
    summary: 'Lay the items of a run out in the plane by their neighbourhoods (UMAP), for the map of the page',
    positional: 'run',
    input: z.strictObject({ run, ...layoutOptions.shape }),
    output: job,
    result: layoutResult,
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
