/** Users and items as pages show them: in lists, and one with its metadata and interactions. */
import { badInput } from '../../contract/errors.ts'
import { PART_CODE, PARTS, type Part } from '../../contract/shapes/dataset.ts'
import type { CellValue, Entity, EntityDetail, EntityEvent } from '../../contract/shapes/entity.ts'
import type { Side } from '../dataset/dataset.ts'
import { cellOf, type Catalogue } from './catalogue.ts'

/** Entities by index, in the order given. @throws PylonError bad-input for an index past the end */
export async function describeEntities(catalogue: Catalogue, side: Side, indices: Iterable<number>): Promise<Entity[]> {
  const [ids, titleOf, counts] = [await catalogue.dataset.ids(side), await catalogue.titles(side), catalogue.counts(side)]
  return Array.from(indices, (index) => {
    const id = ids[index]
    if (id === undefined) throw badInput(`There is no ${side} number ${index}: there are ${ids.length}.`, 'indices')
    return { index, id, title: titleOf(index), popularity: counts[index]! }
  })
}

/** @throws PylonError not-found */
export async function showEntity(catalogue: Catalogue, side: Side, id: string, limit: number): Promise<EntityDetail> {
  const index = await catalogue.indexOf(side, id)
  const { manifest } = catalogue.dataset
  const order = catalogue.order(side)
  const counts = catalogue.counts(side)
  const described = side === 'user' ? manifest.userColumns : manifest.itemColumns
  const values = await Promise.all(described.map(({ name }) => catalogue.column(side, name)))
  const positions = await positionsOf(catalogue, side, index)
  const { part } = catalogue.dataset.interactions
  const parts = { train: 0, validation: 0, test: 0, unused: 0 }
  for (const p of positions) parts[PARTS[part[p]!]!]++
  return {
    dataset: manifest.name,
    side,
    entity: (await describeEntities(catalogue, side, [index]))[0]!,
    popularityRank: order.indexOf(index) + 1,
    of: order.length,
    mostPopular: counts[order[0]!]!,
    columns: described.map(({ name, kind, minimum, maximum }, i) => ({
      name,
      kind,
      value: cellOf(values[i]!, index) as CellValue,
      minimum,
      maximum,
    })),
    events: await describeEvents(catalogue, side, index, { limit }),
    total: positions.length,
    parts,
  }
}

/** Interactions of an entity, newest first, with the entity at the other end; of some parts where they are named. */
export async function describeEvents(
  catalogue: Catalogue,
  side: Side,
  index: number,
  { limit, parts = PARTS }: { limit: number; parts?: readonly Part[] },
): Promise<EntityEvent[]> {
  const { interactions, manifest } = catalogue.dataset
  const { time, weight, event, part } = interactions
  const codes = new Set(parts.map((name) => PART_CODE[name]))
  const positions = await positionsOf(catalogue, side, index)
  const other: Side = side === 'user' ? 'item' : 'user'
  const others = interactions[other]
  const kept = [...positions.keys()]
    .filter((at) => codes.has(part[positions[at]!]!))
    .reverse()
    .slice(0, limit)
  const entities = await describeEntities(
    catalogue,
    other,
    kept.map((at) => others[positions[at]!]!),
  )
  return kept.map((position, i) => {
    const p = positions[position]!
    const { id, title, popularity } = entities[i]!
    return {
      position,
      id,
      title,
      popularity,
      time: time === null ? null : time[p]!,
      event: event === null ? null : manifest.events[event[p]!]!,
      weight: weight === null ? null : weight[p]!,
      part: PARTS[part[p]!]!,
    }
  })
}

/** Places of an entity's interactions, oldest first. */
async function positionsOf(catalogue: Catalogue, side: Side, index: number): Promise<Int32Array> {
  const { offsets, time } = catalogue.dataset.interactions
  if (side === 'user') return Int32Array.from({ length: offsets[index + 1]! - offsets[index]! }, (_, i) => offsets[index]! + i)
  const positions = catalogue.interactionsOfItem(index)
  return time === null ? positions : positions.sort((a, b) => time[a]! - time[b]! || a - b)
}
