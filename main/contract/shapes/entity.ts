/** Users and items as pages show them: found by what is typed, described by their metadata and their interactions. */
import { z } from 'zod'
import { columnKindSchema, partCountsSchema, PARTS } from './dataset.ts'

export const sideSchema = z.enum(['user', 'item'])
export type EntitySide = z.infer<typeof sideSchema>

/** A metadata value: text, number (times: seconds since 1970), list of texts, vector, or null where it is missing. */
export const cellSchema = z.union([z.string(), z.number(), z.array(z.string()), z.array(z.number()), z.null()])
export type CellValue = z.infer<typeof cellSchema>

/** An entity in a list. */
export const entitySchema = z.strictObject({
  /** dense index: the row of its vector */
  index: z.int(),
  id: z.string(),
  title: z.string().nullable(),
  /** training interactions; 0 is cold */
  popularity: z.int(),
})
export type Entity = z.infer<typeof entitySchema>

/** A column's value beside what is needed to picture it. */
export const displayValueSchema = z.strictObject({
  name: z.string(),
  kind: columnKindSchema,
  value: cellSchema,
  /** the observed range of numbers and times */
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
})
export type DisplayValue = z.infer<typeof displayValueSchema>

/** One interaction of the shown entity, with the entity at its other end. */
export const entityEventSchema = z.strictObject({
  /** place among the entity's interactions, oldest first */
  position: z.int(),
  id: z.string(),
  title: z.string().nullable(),
  popularity: z.int(),
  /** seconds since 1970; null without times */
  time: z.number().nullable(),
  event: z.string().nullable(),
  weight: z.number().nullable(),
  part: z.enum(PARTS),
})
export type EntityEvent = z.infer<typeof entityEventSchema>

export const entityDetailSchema = z.strictObject({
  dataset: z.string(),
  side: sideSchema,
  entity: entitySchema,
  /** place by training interactions from 1 (equal ones by index), of how many */
  popularityRank: z.int(),
  of: z.int(),
  /** training interactions of the most popular one */
  mostPopular: z.int(),
  columns: z.array(displayValueSchema),
  /** newest first, at most as many as asked for */
  events: z.array(entityEventSchema),
  total: z.int(),
  parts: partCountsSchema,
})
export type EntityDetail = z.infer<typeof entityDetailSchema>
