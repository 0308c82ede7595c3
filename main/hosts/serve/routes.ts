/**
 * The routes of a server, a row each: what comes in, what goes out, and what is done between. Questions are answered in the thread of the
 * model, changes are made by the thread that has the sockets. The OpenAPI document is made of this table.
 */
import type { z } from 'zod'
import {
  deletedResponse,
  embedItemRequest,
  embedUserRequest,
  eventsRequest,
  eventsResponse,
  hitsResponse,
  itemsResponse,
  listItemsRequest,
  putItemsRequest,
  putItemsResponse,
  recommendBatchRequest,
  recommendBatchResponse,
  recommendRequest,
  recommendResponse,
  similarRequest,
  swapRequest,
  vectorResponse,
  versionResponse,
} from '../../contract/shapes/serving.ts'
import type { ServedModel } from '../../engine/serving/served.ts'
import { type Answering, type Asked, type Batch, type BatchAnswer, itemOf, pageOf, recommendBatch, searchOf, userOf } from './asked.ts'
import type { UserEvents } from './changes.ts'
import type { Versions } from './versions.ts'

/** The result of a task that has waited for its turn in the line. */
export type Turn = <T>(task: () => Promise<T>) => Promise<T>

/** Whatever else an answer holds. */
export interface Answered {
  readonly version: string
  readonly warnings?: readonly string[]
  readonly unknown?: readonly string[]
}

interface RouteBase {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `:id` stands for one part of the path */
  readonly path: string
  readonly summary: string
  /** of the body; of a GET, of the query of its address */
  readonly request: z.ZodObject | null
  readonly response: z.ZodType
}
export type Route = RouteBase &
  (
    | {
        /** in the thread of the model, in one turn */
        answer(version: Answering, body: never, events: UserEvents): Promise<Answered>
        /** one that takes long is cut to pieces: each has a turn, and all are of one version */
        readonly pieces?: {
          of(body: never, model: { readonly items: number }): readonly object[]
          join(answers: readonly never[]): Answered
        }
        readonly change?: never
        readonly always?: never
      }
    | {
        /** in the thread of the sockets: no turn by itself, with turns for its pieces */
        change(versions: Versions, body: never, id: string, turn: Turn): Promise<Pick<Answered, 'version'> & Partial<Answered>>
        /** let in however long the line is: it may be what shortens it */
        readonly always?: boolean
        readonly answer?: never
        readonly pieces?: never
      }
  )

/** Milliseconds that a piece of a long change may hold the line. */
const PIECE_MS = 10
/** Scores of one piece of a batch: some 5 ms at width 64. */
const PIECE_SCORES = 2_000_000

export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/recommend',
    summary: 'Items for a user: known by id, or new by features and history',
    request: recommendRequest,
    response: recommendResponse,
    async answer({ id: version, model }, body: z.output<typeof recommendRequest>, events) {
      const { vector, warnings } = await userOf(model, body, events)
      const given = [...(body.history ?? []), ...(body.user === undefined ? [] : (events.get(body.user) ?? []))]
      const seen = body.excludeSeen ? [...(body.user === undefined ? [] : model.seenBy(body.user)), ...given] : []
      const found = await model.recommend(vector, searchOf(body, [...seen, ...body.exclude]))
      return {
        version,
        ...pageOf(found, body),
        unknown: model.absent([...given, ...body.exclude]),
        warnings: [...warnings, ...model.unknownItems('exclude', body.exclude)],
      }
    },
  },
  {
    method: 'POST',
    path: '/recommend/batch',
    summary: 'Items for many known users: every item is compared',
    request: recommendBatchRequest,
    response: recommendBatchResponse,
    pieces: {
      of(body: Batch, { items }) {
        const rows = Math.max(4, Math.floor(PIECE_SCORES / Math.max(1, items)))
        return Array.from({ length: Math.ceil(body.users.length / rows) }, (_, i) => ({
          ...body,
          users: body.users.slice(i * rows, (i + 1) * rows),
        }))
      },
      join(answers: readonly BatchAnswer[]) {
        const each = <T>(of: (answer: BatchAnswer) => readonly T[]): T[] => [...new Set(answers.flatMap(of))]
        const { version } = answers[0]!
        const results = answers.flatMap((answer) => answer.results)
        return { version, results, unknown: each(({ unknown }) => unknown), warnings: each(({ warnings }) => warnings) }
      },
    },
    answer: recommendBatch,
  },
  {
    method: 'POST',
    path: '/similar',
    summary: 'Items like an item: known by id, or new by features',
    request: similarRequest,
    response: hitsResponse,
    async answer({ id: version, model }, body: z.output<typeof similarRequest>) {
      const { vector, warnings } = await itemOf(model, body)
      const found = await model.similar(vector, searchOf(body, body.item === undefined ? [] : [body.item]))
      return { version, ...pageOf(found, body), warnings }
    },
  },
  embedRoute('user', embedUserRequest, userOf),
  embedRoute('item', embedItemRequest, itemOf),
  {
    method: 'GET',
    path: '/items',
    summary: 'The items, page by page: those of the model, those that were put, those that were deleted',
    request: listItemsRequest,
    response: itemsResponse,
    answer: ({ id: version, model }, asked: z.output<typeof listItemsRequest>) => Promise.resolve({ version, ...model.page(asked) }),
  },
  {
    method: 'PUT',
    path: '/items',
    summary: 'Add items, or describe them anew, without training: they are found at once',
    request: putItemsRequest,
    response: putItemsResponse,
    async change(versions, { items }: z.output<typeof putItemsRequest>, _, turn) {
      let [done, added] = [0, 0]
      const warnings: string[] = []
      while (done < items.length)
        await turn(async () => {
          const begun = performance.now()
          for (; done < items.length && performance.now() - begun < PIECE_MS; done++) {
            const { id, features } = items[done]!
            const put = await versions.put(id, features)
            if (put.isNew) added++
            warnings.push(...put.warnings.map((warning) => `Item "${id}": ${warning}`))
          }
        })
      const { id: version, items: count } = versions.current
      return { version, added, changed: items.length - added, items: count, warnings }
    },
  },
  {
    method: 'DELETE',
    path: '/items/:id',
    summary: 'Remove an item',
    request: null,
    response: deletedResponse,
    async change(versions, _, id, turn) {
      await turn(() => versions.remove(id))
      const { id: version, items } = versions.current
      return { version, items }
    },
  },
  {
    method: 'POST',
    path: '/events',
    summary: 'Extend the histories of users: what is recommended next follows it, and leaves it out',
    request: eventsRequest,
    response: eventsResponse,
    change: (versions, { events }: z.output<typeof eventsRequest>, _, turn) =>
      turn(async () => {
        const { version, absent } = await versions.with((model) => model.absent(events.map(({ item }) => item)))
        versions.addEvents(events)
        return { version, users: new Set(events.map(({ user }) => user)).size, events: events.length, unknown: absent }
      }),
  },
  {
    method: 'POST',
    path: '/swap',
    summary: 'Go over to another bundle without dropping a request',
    request: swapRequest,
    response: versionResponse,
    always: true,
    // it loads for seconds in a thread of its own, and only its last step changes what serves
    async change(versions, { bundle }: z.output<typeof swapRequest>) {
      return { version: (await versions.swap({ kind: 'bundle', path: bundle })).id }
    },
  },
  {
    method: 'POST',
    path: '/swap/rollback',
    summary: 'Go back to the version before the last swap, with all that was changed since',
    request: null,
    response: versionResponse,
    always: true,
    change: async (versions) => ({ version: (await versions.rollback()).id }),
  },
]

function embedRoute<B>(
  side: 'user' | 'item',
  request: z.ZodObject,
  vectorOf: (model: ServedModel, body: B, events: UserEvents) => Promise<Asked>,
): Route {
  return {
    method: 'POST',
    path: `/embed/${side}`,
    summary: side === 'user' ? "A user's vector" : "An item's vector",
    request,
    response: vectorResponse,
    async answer({ id: version, model }, body: B, events) {
      const { vector, warnings } = await vectorOf(model, body, events)
      return { version, vector: Array.from(vector), warnings }
    },
  }
}
