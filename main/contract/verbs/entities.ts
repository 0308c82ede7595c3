/** Users and items of a dataset: found by what is typed, shown with metadata and interactions. */
import { z } from 'zod'
import { entityDetailSchema, entitySchema, sideSchema } from '../shapes/entity.ts'
import { dataset, type VerbDefinition } from './common.ts'

export const entityVerbs = {
  'entities.search': {
    summary: 'Find users or items by id or title; popular ones first',
    input: z.strictObject({
      dataset,
      side: sideSchema,
      text: z.string().max(500).describe('words that must all occur; blank: the most popular'),
      limit: z.int().min(1).max(200).default(20),
    }),
    output: z.strictObject({ entities: z.array(entitySchema), total: z.int() }),
  },
  'entities.show': {
    summary: 'Show a user or an item: metadata, popularity, interactions and their parts',
    input: z.strictObject({
      dataset,
      side: sideSchema,
      id: z.string(),
      limit: z.int().min(0).max(1000).default(200).describe('interactions, newest first'),
    }),
    output: entityDetailSchema,
  },
  'entities.at': {
    summary: 'Users or items by index, in the order asked',
    input: z.strictObject({ dataset, side: sideSchema, indices: z.array(z.int().min(0)).max(500) }),
    output: z.strictObject({ entities: z.array(entitySchema) }),
  },
} as const satisfies Record<string, VerbDefinition>
