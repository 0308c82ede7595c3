/**
 * The routes of a server, a row each: what comes in, what goes out, and what is done between. Questions are answered in the thread of the
 * model, changes are made by the thread that has the sockets. The OpenAPI document is made of this table.
 */
import type { z } from 'zod'
import { badInput } from '../../contract/errors.ts'
import {
  deletedResponse,
  embedItemRequest,
  embedUserRequest,
  hitsResponse,
  putItemsRequest,
  putItemsResponse,
  recommendRequest,
  similarRequest,
  swapRequest,
  vectorResponse,
  versionResponse,
} from '../../contract/shapes/serving.ts'
import type { ServedModel, ServedSearch } from '../../engine/serving/served.ts'
import type { Versions } from './versions.ts'

/** The result of a task that has waited for its turn in the line. */
export type Turn = <T>(task: () => Promise<T>) => Promise<T>

/** Whatever else an answer holds. */
interface Answered {
  readonly version: string
  readonly warnings: readonly string[]
}

interface RouteBase {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  /** `:id` stands for one part of the path */
  readonly path: string
  readonly summary: string
  readonly request: z.ZodObject | null
  readonly response: z.ZodType
}
export type Route = RouteBase &
  (
    | {
        /** in the thread of the model, in one turn */
        answer(version: { readonly id: string; readonly model: ServedModel }, body: never): Promise<Answered>
        readonly change?: never
        readonly always?: never
      }
    | {
        /** in the thread of the sockets: no turn by itself, with turns for its pieces */
        change(versions: Versions, body: never, id: string, turn: Turn): Promise<Pick<Answered, 'version'> & Partial<Answered>>
        /** let in however long the line is: it may be what shortens it */
        readonly always?: boolean
        readonly answer?: never
      }
  )

/** Milliseconds that a piece of a long change may hold the line. */
const PIECE_MS = 10

type Row = Readonly<Record<string, unknown>>
interface Asked {
  readonly vector: Float32Array
  readonly warnings: readonly string[]
}
type Who = { readonly user?: string | undefined; readonly features?: Row | undefined; readonly history?: readonly string[] | undefined }
type What = { readonly item?: string | undefined; readonly features?: Row | undefined }

export const routes: readonly Route[] = [
  {
    method: 'POST',
    path: '/recommend',
    summary: 'Items for a user: known by id, or new by features and history',
    request: recommendRequest,
    response: hitsResponse,
    async answer({ id: version, model }, body: z.output<typeof recommendRequest>) {
      const { vector, warnings } = await userOf(model, body)
      const seen = body.excludeSeen ? [...(body.user === undefined ? [] : model.seenBy(body.user)), ...(body.history ?? [])] : []
      const items = await model.recommend(vector, searchOf(body, [...seen, ...body.exclude]))
      return { version, items, warnings: [...warnings, ...model.unknownItems('exclude', body.exclude)] }
    },
  },
  {
    method: 'POST',
    path: '/similar',
    summary: 'Items like an item: known by id, or new by features',
    request: similarRequest,
    response: hitsResponse,
    async answer({ id: version, model }, body: z.output<typeof similarRequest>) {
      const { vector, warnings } = await itemOf(model, body)
      const items = await model.similar(vector, searchOf(body, body.item === undefined ? [] : [body.item]))
      return { version, items, warnings }
    },
  },
  embedRoute('user', embedUserRequest, userOf),
  embedRoute('item', embedItemRequest, itemOf),
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
]

function embedRoute<B>(side: 'user' | 'item', request: z.ZodObject, vectorOf: (model: ServedModel, body: B) => Promise<Asked>): Route {
  return {
    method: 'POST',
    path: `/embed/${side}`,
    summary: side === 'user' ? "A user's vector" : "An item's vector",
    request,
    response: vectorResponse,
    async answer({ id: version, model }, body: B) {
      const { vector, warnings } = await vectorOf(model, body)
      return { version, vector: Array.from(vector), warnings }
    },
  }
}

function searchOf(
  { k, filter, exact }: Pick<z.output<typeof recommendRequest>, 'k' | 'filter' | 'exact'>,
  exclude: readonly string[],
): ServedSearch {
  return { k, filter: filter ?? null, by: exact ? 'exact' : 'quickest', exclude }
}

/** The vector of a known or a new user, and what of a new one the model does not know. */
async function userOf(model: ServedModel, { user, features, history }: Who): Promise<Asked> {
  const isNew = features !== undefined || history !== undefined
  if ((user !== undefined) === isNew) throw badInput('Give either "user", or "features" and "history" (one of them or both).', 'user')
  return user === undefined ? typed(model, 'user', userRow(model, features, history)) : { vector: model.userVector(user), warnings: [] }
}

/** A new user as one typed-in row. */
function userRow(model: ServedModel, features: Row = {}, history?: readonly string[]): Row {
  if (history === undefined) return features
  // the first of each pair of towers; it serves the others of the same events
  const names = model.towers.pairs.flatMap(
    ({ encoders }) => encoders.user.find(({ feature }) => feature.kind === 'history')?.feature.name ?? [],
  )
  if (names.length === 0) throw badInput('This model reads no history: give "features".', 'history')
  return { ...features, ...Object.fromEntries(names.map((name) => [name, history])) }
}

async function itemOf(model: ServedModel, { item, features }: What): Promise<Asked> {
  if ((item === undefined) === (features === undefined)) throw badInput('Give either "item" or "features".', 'item')
  return item === undefined ? typed(model, 'item', features!) : { vector: model.itemVector(item), warnings: [] }
}

const typed = async (model: ServedModel, side: 'user' | 'item', row: Row): Promise<Asked> => ({
  vector: await model.embed(side, row),
  warnings: model.unknown(side, row),
})
