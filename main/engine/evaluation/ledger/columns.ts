/** The columns that the towers of a model read, and encoded inputs with the values of one of them at other entities. */
import type { Side } from '../../dataset/dataset.ts'
import type { Feature, FeatureKind } from '../../../contract/shapes/features.ts'
import type { EncodedSide, FrozenEncoders } from '../../features/encoded.ts'
import type { BagRows, Inputs } from '../../features/inputs.ts'
import { type FeatureShape, type Indices, listIndices } from '../../features/kind.ts'
import { kindOf } from '../../features/kinds.ts'

/** What features of a side read together: one column, or several that one feature takes together. */
export interface ReadColumn {
  readonly side: Side
  readonly name: string
  readonly features: readonly { readonly name: string; readonly kind: FeatureKind }[]
  /** it is a column of the metadata, whose values can be shuffled before a training */
  readonly isMetadata: boolean
}

/** In the order of the spec. */
export function columnsOf(features: Readonly<Record<Side, readonly Feature[]>>): ReadColumn[] {
  return (['user', 'item'] as const).flatMap((side) =>
    Array.from(Map.groupBy(features[side], nameOf), ([name, members]) => ({
      side,
      name,
      features: members.map(({ name: own, kind }) => ({ name: own, kind })),
      isMetadata: readNames(members[0]!).length > 0,
    })),
  )
}

function readNames(feature: Feature): string[] {
  return kindOf(feature)
    .columns(feature)
    .map(({ name }) => name)
}

function nameOf(feature: Feature): string {
  const names = readNames(feature)
  return names.length > 0 ? names.join(' + ') : feature.kind === 'id' ? 'id' : feature.name
}

/** Where the dense columns and the bags of some features lie among those of a side. */
interface Places {
  readonly dense: readonly number[]
  readonly bags: readonly number[]
}

/** @param part `own`: of the entity's inputs; `context`: of the request's */
export function placesOf(encoders: FrozenEncoders, { side, features }: ReadColumn, part: 'own' | 'context'): Places {
  const names = new Set(features.map(({ name }) => name))
  const [dense, bags]: [number[], number[]] = [[], []]
  let [column, bag] = [0, 0]
  for (const { feature, state } of encoders[side]) {
    const shape: FeatureShape = kindOf(feature).shape(feature, state)
    const [columns, tables] = part === 'own' ? [shape.dense, shape.bags] : [shape.contextDense, shape.contextBags]
    for (let i = 0; i < columns.length; i++, column++) if (names.has(feature.name)) dense.push(column)
    for (let i = 0; i < tables.length; i++, bag++) if (names.has(feature.name)) bags.push(bag)
  }
  return { dense, bags }
}

/** A side whose entity e has at some places what entity order[e] had. */
export function permuted(encoded: EncodedSide, { dense: columns, bags }: Places, order: Int32Array): EncodedSide {
  const { count, denseWidth } = encoded
  const dense = encoded.dense.slice()
  for (let e = 0; e < count; e++)
    for (const column of columns) dense[e * denseWidth + column] = encoded.dense[order[e]! * denseWidth + column]!
  return { ...encoded, dense, bags: encoded.bags.map((bag, b) => (bags.includes(b) ? { ...bag, ...permutedBag(bag, count, order) } : bag)) }
}

function permutedBag({ offsets, indices }: Indices, count: number, order: Int32Array): Indices {
  return listIndices(count, (e, push) => {
    for (let i = offsets[order[e]!]!; i < offsets[order[e]! + 1]!; i++) push(indices[i]!)
  })
}

/** A context that has at some places what another one of as many rows has. */
export function mixed(own: Inputs, other: Inputs, { dense: columns, bags }: Places, width: number): Inputs {
  const dense = own.dense.slice()
  for (let r = 0; r < own.count; r++) for (const column of columns) dense[r * width + column] = other.dense[r * width + column]!
  return { count: own.count, dense, bags: own.bags.map((bag, b): BagRows => (bags.includes(b) ? other.bags[b]! : bag)) }
}

/** Bytes of the embedding tables that features have for themselves, and of the encoded inputs of all entities. */
export function bytesOf(encoders: FrozenEncoders, encoded: Readonly<Record<Side, EncodedSide>>, column: ReadColumn): number {
  const { dense, bags } = placesOf(encoders, column, 'own')
  const side = encoded[column.side]
  const inputs = 4 * (dense.length * side.count + bags.reduce((sum, b) => sum + side.bags[b]!.indices.length + side.count, 0))
  const layout = column.side === 'user' ? encoders.userLayout : encoders.itemLayout
  const contextBags = placesOf(encoders, column, 'context').bags.map((b) => layout.contextBags[b]!.table)
  // a history that shares the items' table has none of its own
  const own = new Set([...bags.map((b) => side.bags[b]!.table), ...contextBags.filter((table) => table.startsWith(`${column.side}.`))])
  return inputs + encoders.tables.filter(({ name }) => own.has(name)).reduce((sum, { rows, dim }) => sum + 4 * rows * dim, 0)
}
