/** Fitted features of a side, laid end to end: which columns and tables its tower reads, in the order of the spec. */
import type { Side } from '../dataset/dataset.ts'
import type { FeatureShape } from './kind.ts'
import { kindOf } from './kinds.ts'
import type { FrozenFeature, SideLayout, TableShape } from './encoded.ts'

/** `user.id`, `item.place.cell0` */
const tableName = (side: Side, feature: string, suffix: string): string => `${side}.${feature}${suffix}`

/** What a fitted feature gives to its tower. */
const shapeOf = ({ feature, state }: FrozenFeature): FeatureShape => kindOf(feature).shape(feature, state)

/** Tables of a side's own, in order; a history that shares the item's id table adds none. */
export function sideTables(side: Side, features: readonly FrozenFeature[]): TableShape[] {
  return features.flatMap((frozen) => {
    const { bags, contextBags } = shapeOf(frozen)
    const name = (suffix: string): string => tableName(side, frozen.feature.name, suffix)
    const own = contextBags.filter(({ shared }) => shared === null)
    return [
      ...bags.map(({ suffix, rows, dim }) => ({ name: name(suffix), rows, dim })),
      ...own.map(({ suffix, rows, dim, fixed }) => ({ name: name(suffix), rows, dim, ...(fixed && { fixed }) })),
    ]
  })
}

export function sideLayout(side: Side, features: readonly FrozenFeature[]): SideLayout {
  const shapes = features.map((frozen) => ({ name: frozen.feature.name, ...shapeOf(frozen) }))
  const dense = shapes.flatMap((shape) => shape.dense)
  const contextDense = shapes.flatMap((shape) => shape.contextDense)
  return {
    side,
    denseWidth: dense.length,
    contextDenseWidth: contextDense.length,
    denseNames: [...dense, ...contextDense],
    bags: shapes.flatMap(({ name, bags }) => bags.map(({ suffix, dim }) => ({ feature: name, table: tableName(side, name, suffix), dim }))),
    contextBags: shapes.flatMap(({ name, contextBags }) =>
      contextBags.map(({ suffix, dim, kind, eventCodes, maxLength, days, sequence, shared, fixed }) => {
        const table = shared === null ? tableName(side, name, suffix) : tableName('item', shared, '')
        const more = { ...(days !== undefined && { days }), ...(sequence && { sequence }), ...(fixed && { fixed }) }
        return { feature: name, table, kind, eventCodes, maxLength, dim, ...more }
      }),
    ),
  }
}
