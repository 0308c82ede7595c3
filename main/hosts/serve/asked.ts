/** What a question is about: the vector of a user or an item, known or typed in, and what is looked for by it. */
import type { z } from 'zod'
import { badInput } from '../../contract/errors.ts'
import type { recommendBatchRequest, recommendBatchResponse, recommendRequest } from '../../contract/shapes/serving.ts'
import { extendedUser } from '../../engine/serving/extended-user.ts'
import type { ServedHit, ServedModel, ServedSearch } from '../../engine/serving/served.ts'
import type { UserEvents } from './changes.ts'

/** What answers: a model and its version. */
export interface Answering {
  readonly id: string
  readonly model: ServedModel
}

type Row = Readonly<Record<string, unknown>>
export interface Asked {
  readonly vector: Float32Array
  readonly warnings: readonly string[]
}
type Who = { readonly user?: string | undefined; readonly features?: Row | undefined; readonly history?: readonly string[] | undefined }
type What = { readonly item?: string | undefined; readonly features?: Row | undefined }

export function searchOf(
  { k, offset, filter, exact }: Pick<z.output<typeof recommendRequest>, 'k' | 'offset' | 'filter' | 'exact'>,
  exclude: readonly string[],
): ServedSearch {
  return { k: k + offset, filter: filter ?? null, by: exact ? 'exact' : 'quickest', exclude }
}

/** The hits of one page of all up to its end, and where the next begins. */
export function pageOf(
  found: readonly ServedHit[],
  { k, offset }: { readonly k: number; readonly offset: number },
): {
  readonly items: readonly ServedHit[]
  readonly next: number | null
} {
  return { items: found.slice(offset), next: found.length < offset + k ? null : offset + k }
}

export type Batch = z.output<typeof recommendBatchRequest>
export type BatchAnswer = z.output<typeof recommendBatchResponse>

export async function recommendBatch({ id: version, model }: Answering, body: Batch, events: UserEvents): Promise<BatchAnswer> {
  const isKnown = (user: string): boolean => model.indexOfUser(user) !== undefined || events.has(user)
  const known = body.users.filter(isKnown)
  const warnings: string[] = []
  const vectors: Float32Array[] = []
  for (const user of known) {
    const asked = await userOf(model, { user }, events)
    vectors.push(asked.vector)
    warnings.push(...asked.warnings)
  }
  const excludes = known.map((user) => [...(body.excludeSeen ? [...model.seenBy(user), ...(events.get(user) ?? [])] : []), ...body.exclude])
  const found = await model.recommendMany(vectors, { k: body.k + body.offset, filter: body.filter ?? null }, excludes)
  const hitsOf = new Map(known.map((user, i) => [user, found[i]!.slice(body.offset)]))
  const results = body.users.map((user) => ({ user, items: hitsOf.get(user) ?? [] }))
  const unknown = [...new Set(body.users.filter((user) => !isKnown(user))), ...model.absent(body.exclude)]
  return { version, results, unknown, warnings }
}

/** The vector of a known or a new user, and what of a new one the model does not know. */
export async function userOf(model: ServedModel, { user, features, history }: Who, events: UserEvents): Promise<Asked> {
  const isNew = features !== undefined || history !== undefined
  if ((user !== undefined) === isNew) throw badInput('Give either "user", or "features" and "history" (one of them or both).', 'user')
  if (user === undefined) return typed(model, 'user', userRow(model, features, history))
  const since = events.get(user)
  return since === undefined ? { vector: model.userVector(user), warnings: [] } : extendedUser(model, user, since)
}

/** A new user as one typed-in row. */
function userRow(model: ServedModel, features: Row = {}, history?: readonly string[]): Row {
  if (history === undefined) return features
  // the first of each pair of towers; it serves the others of the same events
  const names = model.towers.pairs.flatMap(
    ({ encoders }) => encoders.user.find(({ feature }) => feature.kind === 'history')?.feature.name ?? [],
  )
  if (names.length === 0) throw badInput('This model reads no history: give "features".', 'history')
  const twice = names.find((name) => Object.hasOwn(features, name))
  if (twice !== undefined) throw badInput(`Give the history once: as "history", or as "${twice}" of "features".`, 'history')
  return { ...features, ...Object.fromEntries(names.map((name) => [name, history])) }
}

export async function itemOf(model: ServedModel, { item, features }: What): Promise<Asked> {
  if ((item === undefined) === (features === undefined)) throw badInput('Give either "item" or "features".', 'item')
  return item === undefined ? typed(model, 'item', features!) : { vector: model.itemVector(item), warnings: [] }
}

const typed = async (model: ServedModel, side: 'user' | 'item', row: Row): Promise<Asked> => ({
  vector: await model.embed(side, row),
  warnings: model.unknown(side, row),
})
