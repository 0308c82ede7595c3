/** What a serving process is asked over HTTP and what it answers; the OpenAPI document is made of these. */
import { z } from 'zod'

const k = z.int().min(1).max(1000).default(10).describe('how many items')
/**
 * What of a request's JSON Schema depends on the model that serves, and by which property somebody known is named where others describe
 * somebody new: the OpenAPI document says it in the place of these marks.
 */
export const MODEL_MARK = 'x-of-the-model'
export const KNOWN_OR_NEW_MARK = 'x-known-or-new'
const filter = z
  .record(z.string(), z.unknown())
  .meta({ [MODEL_MARK]: 'filter' })
  .optional()
  .describe('item columns that must fit: a value, a list of alternatives, {"min", "max"}, or {"all": […]} for lists')
const features = (of: 'user' | 'item' | 'put') =>
  z
    .record(z.string(), z.unknown())
    .meta({ [MODEL_MARK]: of })
    .describe('columns by name; what is left out is missing')
const KNOWN_OR_NEW_USER = { [KNOWN_OR_NEW_MARK]: 'user' }
const KNOWN_OR_NEW_ITEM = { [KNOWN_OR_NEW_MARK]: 'item' }
const excludeSeen = z.boolean().default(true).describe('leave out what a known user has seen, and the given history')
const exact = z.boolean().default(false).describe('compare with every item instead of asking the index')
const id = z.string().min(1).max(1000)
const offset = z
  .int()
  .min(0)
  .max(100_000)
  .default(0)
  .describe('how many of the best to pass over; pages of an index may overlap a little, of exact search they do not')

const exclude = z.array(id).max(10_000).default([]).describe('further items to leave out')

export const recommendRequest = z
  .strictObject({
    user: id.optional().describe('a known user, by id'),
    features: features('user').optional().describe('a new user'),
    history: z.array(id).max(1000).optional().describe('ids of the items a new user interacted with, oldest first; may go with `features`'),
    k,
    offset,
    filter,
    excludeSeen,
    exclude,
    exact,
  })
  .meta(KNOWN_OR_NEW_USER)
/** Items times users of one request: what bounds the length of its answer. */
const MAX_BATCH_HITS = 50_000
export const recommendBatchRequest = z
  .strictObject({
    users: z.array(id).min(1).max(1000).describe('known users, by id'),
    k,
    offset,
    filter,
    excludeSeen,
    exclude,
  })
  .refine(({ users, k: each }) => users.length * each <= MAX_BATCH_HITS, {
    path: ['k'],
    message: `users times k may be ${MAX_BATCH_HITS} at most: ask for fewer at a time`,
  })
export const similarRequest = z
  .strictObject({
    item: id.optional().describe('a known item, by id'),
    features: features('item').optional().describe('a new item'),
    k,
    offset,
    filter,
    exact,
  })
  .meta(KNOWN_OR_NEW_ITEM)
export const embedUserRequest = z
  .strictObject({
    user: id.optional(),
    features: features('user').optional(),
    history: z.array(id).max(1000).optional(),
  })
  .meta(KNOWN_OR_NEW_USER)
export const embedItemRequest = z.strictObject({ item: id.optional(), features: features('item').optional() }).meta(KNOWN_OR_NEW_ITEM)
export const putItemsRequest = z.strictObject({
  items: z
    .array(z.strictObject({ id, features: features('put') }))
    .min(1)
    .max(1000)
    .describe('embedded from their features and indexed at once; kept over a swap and a restart'),
})
/** In the query of the address. */
export const listItemsRequest = z.strictObject({
  offset: z.int().min(0).max(100_000_000).default(0).describe('how many to pass over'),
  limit: z.int().min(1).max(1000).default(100).describe('how many at most'),
  state: z
    .enum(['all', 'put', 'deleted'])
    .default('all')
    .describe('all that can be found; those that were put since the model was trained; those that were deleted since'),
})
export type ListItemsRequest = z.output<typeof listItemsRequest>
export const eventsRequest = z.strictObject({
  events: z
    .array(z.strictObject({ user: id, item: id }))
    .min(1)
    .max(1000)
    .describe('what users interacted with since the model was trained, oldest first; of a user the last 1,000 count'),
})
export const swapRequest = z.strictObject({ bundle: z.string().min(1).describe('folder or .zip on the machine of the server') })

const version = z.string().describe('of the model that answered: user and item vectors are always of one')
const warnings = z.array(z.string()).describe('what of the request the model does not know, a sentence each')
const hits = z.array(z.strictObject({ item: z.string(), score: z.number(), title: z.string().nullable() }))

const next = z.int().nullable().describe('the offset of the next page, which may be empty; null: there is none')
const unknown = z.array(z.string()).describe('ids of the request that are not here, each once')

export const hitsResponse = z.strictObject({ version, items: hits, next, warnings })
export const recommendResponse = hitsResponse.extend({ unknown })
export const recommendBatchResponse = z.strictObject({
  version,
  results: z.array(z.strictObject({ user: z.string(), items: hits })).describe('in the order of the request; an unknown user has no items'),
  unknown,
  warnings,
})
export const itemsResponse = z.strictObject({
  version,
  items: z.array(z.strictObject({ id: z.string(), title: z.string().nullable(), state: z.enum(['trained', 'put', 'deleted']) })),
  total: z.int().describe('of the state that was asked for'),
  put: z.int(),
  deleted: z.int(),
  next,
})
export type ItemsPage = Omit<z.output<typeof itemsResponse>, 'version'>
export const eventsResponse = z.strictObject({ version, users: z.int(), events: z.int(), unknown })
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

/** What a server found in its log when it started. */
export const changeReportSchema = z.strictObject({
  log: z.string().describe('where changes are kept'),
  put: z.int(),
  deleted: z.int(),
  users: z.int().describe('with events'),
  unfit: z.int().describe('items that this model cannot describe: they are kept in the log and not served'),
  torn: z.boolean().describe('the last line was cut short by a crash, before it was acknowledged: it is gone'),
})
export type ChangeReport = z.infer<typeof changeReportSchema>

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
