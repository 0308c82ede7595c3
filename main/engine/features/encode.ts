/**
 * Values to the inputs of a tower, by frozen encoders: every entity of a dataset, or one a person typed in as JSON. Both ways go
 * through the same kinds, so a known entity typed in again has the same inputs (its id feature excepted where the id is left out).
 */
import { setImmediate } from 'node:timers/promises'
import { badInput } from '../../contract/errors.ts'
import { didYouMean } from '../../contract/did-you-mean.ts'
import type { ColumnValues, Dataset, Side } from '../dataset/dataset.ts'
import { parseCell } from '../dataset/cells/typed.ts'
import type { TextVectors } from '../sentences/column.ts'
import { readColumns } from './columns.ts'
import type { ColumnUse, Encoded, Entities, Storage } from './kind.ts'
import { kindOf } from './kinds.ts'
import type { Bag, EncodedSide, FrozenEncoders, FrozenFeature, SideLayout } from './encoded.ts'

/** Encodes all entities of a side. Cost: about a second per 100,000 short texts, milliseconds for the rest. */
export async function encodeSide(encoders: FrozenEncoders, side: Side, dataset: Dataset): Promise<EncodedSide> {
  const ids = await dataset.ids(side)
  const encoded: Encoded[] = []
  for (const [i, { feature, state }] of encoders[side].entries()) {
    const entities = { side, place: `${side}.features[${i}]`, count: ids.length, ids }
    encoded.push(kindOf(feature).encode(feature, state, await readColumns(feature, entities, dataset, state), entities))
    await setImmediate() // others may run between two features
  }
  return assemble(encoders, side, encoded, ids.length)
}

/** Names a typed-in entity may use: the columns its side's features read, `id` where it has an id feature, and its context's names. */
export function rowProperties(encoders: FrozenEncoders, side: Side): string[] {
  const names = encoders[side].flatMap(({ feature }) =>
    feature.kind === 'id'
      ? ['id']
      : kindOf(feature)
          .columns(feature)
          .map(({ name }) => name),
  )
  const contextual = encoders[side].filter(
    ({ feature }) => feature.kind === 'history' || (feature.kind === 'time' && feature.column === null),
  )
  return [...new Set([...names, ...contextual.map(({ feature }) => feature.name)])]
}

/**
 * Encodes one entity from JSON: text is read by the form of its column's cells, as it was imported (dataset/cells); JSON numbers and arrays
 * mean themselves. What is left out or null is missing; values never seen have row 0. History and event time are read by `rowContext`.
 * @param written `stored` where the values come from the dataset itself and have been read already
 * @param sentences vectors of the features with a sentence model, by name (typed-sentences.ts)
 * @throws PylonError bad-input naming the property and the form expected, or bad-data where a value can not be one
 */
export function encodeRow(
  encoders: FrozenEncoders,
  side: Side,
  row: Readonly<Record<string, unknown>>,
  written: 'typed' | 'stored' = 'typed',
  sentences: ReadonlyMap<string, TextVectors> = new Map(),
): EncodedSide {
  checkProperties(rowProperties(encoders, side), side, row)
  const encoded = encoders[side].map((frozen, i) => {
    const vectors = sentences.get(frozen.feature.name)
    const columns = vectors === undefined ? rowColumns(frozen, row, written) : [{ storage: 'vector' as const, ...vectors }]
    const entities: Entities = { side, place: `${side}.features[${i}]`, count: 1, ids: [typedId(row)] }
    return kindOf(frozen.feature).encode(frozen.feature, frozen.state, columns, entities)
  })
  return assemble(encoders, side, encoded, 1)
}

/** @throws PylonError bad-input naming a property of a typed-in entity that is none of the `valid` ones */
export function checkProperties(valid: readonly string[], side: Side, row: Readonly<Record<string, unknown>>): void {
  const unknown = Object.keys(row).find((name) => !valid.includes(name))
  if (unknown === undefined) return
  const message = `This model's ${side} has no property "${unknown}"; ${didYouMean(unknown, valid)}there are ${valid.join(', ') || 'none'}.`
  throw badInput(message, `property "${unknown}"`)
}

/** The columns of one row that a feature reads. @throws PylonError bad-input naming the property */
export function rowColumns(
  frozen: FrozenFeature,
  row: Readonly<Record<string, unknown>>,
  written: 'typed' | 'stored' = 'typed',
): ColumnValues[] {
  return kindOf(frozen.feature)
    .columns(frozen.feature)
    .map((used) => cellColumn(frozen, used, row, written))
}

function typedId({ id }: Readonly<Record<string, unknown>>): string | null {
  if (typeof id === 'string' || typeof id === 'number') return String(id)
  if (id === null || id === undefined) return null
  throw badInput(`"id" must be text or a number.`, 'property "id"')
}

function cellColumn(
  { state, forms = {} }: FrozenFeature,
  { name, storages, isTime }: ColumnUse,
  row: Readonly<Record<string, unknown>>,
  written: 'typed' | 'stored',
): ColumnValues {
  const storage = storages.length === 1 ? storages[0]! : (state['storage'] as Storage)
  const value = Object.hasOwn(row, name) ? row[name] : null
  const form = written === 'typed' ? forms[name] : undefined
  return parseCell(storage, { value, name, isTime, width: Number(state['width'] ?? 0), form })
}

/** Puts the features' columns side by side and their bags in order. */
function assemble(encoders: FrozenEncoders, side: Side, encoded: readonly Encoded[], count: number): EncodedSide {
  const layout: SideLayout = side === 'user' ? encoders.userLayout : encoders.itemLayout
  const { denseWidth } = layout
  const dense = new Float32Array(count * denseWidth)
  let column = 0
  for (const { dense: block } of encoded) {
    const width = block === null || count === 0 ? 0 : block.length / count
    for (let e = 0; e < count; e++) for (let k = 0; k < width; k++) dense[e * denseWidth + column + k] = block![e * width + k]!
    column += width
  }
  const indices = encoded.flatMap(({ bags }) => bags)
  const bags = layout.bags.map(({ feature, table }, i): Bag => {
    const { kind, ...options } = encoders[side].find((frozen) => frozen.feature.name === feature)!.feature
    return {
      feature,
      table,
      ...indices[i]!,
      unknownRate: kind === 'id' && 'unknownRate' in options ? options.unknownRate : 0,
    }
  })
  return { count, denseWidth, dense, bags }
}
