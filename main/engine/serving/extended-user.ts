/**
 * A user's vector with what they did since the model was trained. It is embedded anew from the whole history, so everything else that the
 * tower reads of the user has to be here: a bundle carries no user metadata.
 */
import { EARLIER_PARTS } from '../../contract/shapes/protocol.ts'
import { InteractionSelection } from '../dataset/interactions.ts'
import type { ServedModel } from './served.ts'

interface Extended {
  readonly vector: Float32Array
  readonly warnings: readonly string[]
}

/**
 * @param events ids of items, oldest first
 * @throws PylonError not-found where the user is not known and the model reads no history
 */
export async function extendedUser(model: ServedModel, user: string, events: readonly string[]): Promise<Extended> {
  const { towers, dataset } = model
  const index = model.indexOfUser(user)
  const context = towers.pairs.flatMap(({ encoders }) => encoders.user.filter(({ feature }) => isOfTheRequest(feature)))
  const histories = towers.pairs.flatMap(({ encoders }) => encoders.userLayout.contextBags.filter(({ kind }) => kind === 'history'))
  if (histories.length === 0) return stored(model, user, 'this model reads no history; they are left out of what is recommended')
  const columns = dataset.manifest.userColumns.map(({ name }) => name)
  const read = towers.properties('user').filter((name) => name !== 'id' && !context.some(({ feature }) => feature.name === name))
  const absent = read.filter((name) => !columns.includes(name))
  if (index !== undefined && absent.length > 0)
    return stored(
      model,
      user,
      `the model reads ${absent.join(', ')} too, and a bundle carries nothing of users; give "features" and "history"`,
    )
  const row: Record<string, unknown> = {}
  if (index !== undefined) {
    const [own = {}] = read.length === 0 ? [] : await dataset.rows('user', [index])
    for (const name of read) row[name] = own[name] ?? null
    if (towers.properties('user').includes('id')) row['id'] = user
  }
  const itemIds = await dataset.ids('item')
  for (const { feature, eventCodes } of histories) {
    const before = new InteractionSelection(dataset.interactions, EARLIER_PARTS.test, eventCodes ?? null)
    const own = index === undefined ? [] : Array.from(before.itemsOf(index), (item) => itemIds[item]!)
    row[feature] = [...own, ...events]
  }
  return { vector: await model.embed('user', row), warnings: [] }
}

const isOfTheRequest = (feature: { readonly kind: string; readonly column?: unknown }): boolean =>
  feature.kind === 'history' || (feature.kind === 'time' && feature.column === null)

const stored = (model: ServedModel, user: string, why: string): Extended => ({
  vector: model.userVector(user),
  warnings: [`The vector of "${user}" is as it was trained, without later events: ${why}.`],
})
