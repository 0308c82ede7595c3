/** What a serving process is asked over HTTP and what it answers; the OpenAPI document is made of these. */
import { z } from 'zod'

const k = z.int().min(1).max(1000).default(10).describe('how many items')
const filter = z
  .record(z.string(), z.unknown())
  .optional()
  .describe('item columns that must fit: a value, a list of alternatives, {"min", "max"}, or {"all": […]} for lists')
const features = z.record(z.string(), z.unknown()).describe('columns by name; what is left out is missing')
const exact = z.boolean().default(false).describe('compare with every item instead of asking the index')
const id = z.string().min(1).max(1000)

export const recommendRequest = z.strictObject({
  user: id.optional().describe('a known user, by id'),
  features: features.optional().describe('a new user'),
  history: z.array(id).max(1000).optional().describe('ids of the items a new user interacted with, oldest first; may go with `features`'),
  k,
  filter,
  excludeSeen: z.boolean().default(true).describe('leave out what a known user has seen, and the given history'),
  exclude: z.array(id).max(10_000).default([]).describe('further items to leave out'),
  exact,
})
export const similarRequest = z.strictObject({
  item: id.optional().describe('a known item, by id'),
  features: features.optional().describe('a new item'),
  k,
  filter,
  exact,
})
export const embedUserRequest = z.strictObject({
  user: id.optional(),
  features: features.optional(),
  history: z.array(id).max(1000).optional(),
})
export const embedItemRequest = z.strictObject({ item: id.optional(), features: features.optional() })
export const putItemsRequest = z.strictObject({
  items: z
    .array(z.strictObject({ id, features }))
    .min(1)
    .max(1000)
    .describe('embedded from their features and indexed at once; in memory, and kept over a swap'),
})
export const swapRequest = z.strictObject({ bundle: z.string().min(1).describe('folder or .zip on the machine of the server') })

const version = z.string().describe('of the model that answered: user and item vectors are always of one')
const warnings = z.array(z.string()).describe('what of the request the model does not know, a sentence each')
const hits = z.array(z.strictObject({ item: z.string(), score: z.number(), title: z.string().nullable() }))

export const hitsResponse = z.strictObject({ version, items: hits, warnings })
export const vectorResponse = z.strictObject({ version, vector: z.array(z.number()), warnings })
export const putItemsResponse = z.strictObject({ version, added: z.int(), changed: z.int(), items: z.int(), warnings })
export const deletedResponse = z.strictObject({ version, items: z.int() })
export const versionResponse = z.strictObject({ version })
export const healthResponse = z.strictObject({
  status: z.literal('ok'),
  version,
  name: z.string(),
  users: z.int(),
  items: z.int(),
  dim: z.int(),
  uptimeSeconds: z.number(),
})
export const errorResponse = z.strictObject({
  error: z.strictObject({ code: z.string(), message: z.string(), place: z.string().nullable() }),
})

/** Latencies of a route in milliseconds, from the request's last byte to the answer's, over the last 10,000 requests. */
export const routeStatsSchema = z.strictObject({
  route: z.string(),
  requests: z.int(),
  failed: z.int().describe('answered with a status of 400 or above'),
  p50Ms: z.number(),
  p95Ms: z.number(),
  p99Ms: z.number(),
  maxMs: z.number(),
})
export const serverStatsSchema = z.strictObject({
  version: z.string(),
  uptimeSeconds: z.number(),
  users: z.int(),
  items: z.int(),
  known: z
    .strictObject({ user: z.string().nullable(), item: z.string().nullable() })
    .describe('ids of one user with a history and of one item, to try a request by'),
  waiting: z.int(),
  memoryMb: z.number(),
  routes: z.array(routeStatsSchema),
})
export type ServerStats = z.infer<typeof serverStatsSchema>
