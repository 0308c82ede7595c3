/** Warnings about a typed-in user or item: values that the model never saw in training, which count as unknown. */
import type { Side } from '../dataset/dataset.ts'
import { unknownHistory } from './typed-context.ts'
import { rowColumns, rowProperties } from './encode.ts'
import { kindOf } from './kinds.ts'
import type { FrozenEncoders } from './encoded.ts'

/** Values that are named; of more there is their number. */
const MAX_NAMED = 5

/**
 * Warnings for whoever typed a row, a sentence a property; empty where all of it is known.
 * @throws PylonError as `encodeRow` and `rowContext` do
 */
export function unknownValueWarnings(encoders: FrozenEncoders, side: Side, row: Readonly<Record<string, unknown>>): string[] {
  const typed = Object.values(row).some((value) => value !== null && value !== undefined && value !== '' && !isEmptyList(value))
  const properties = rowProperties(encoders, side)
  if (!typed && properties.length > 0) return [`Nothing is said of this ${side}: all of ${properties.join(', ')} are missing.`]
  const features = encoders[side].flatMap((frozen) => {
    const { feature, state } = frozen
    const kind = kindOf(feature)
    const name = kind.columns(feature)[0]?.name ?? feature.name
    return kind.unknown === undefined ? [] : [[name, kind.unknown(feature, state, rowColumns(frozen, row))] as const]
  })
  const histories = side === 'user' ? unknownHistory(encoders, row) : []
  // several features may read one column
  const byName = new Map([...features, ...histories].filter(([, values]) => values.length > 0))
  return [...byName].map(([name, values]) => sentence(name, values))
}

/** Names of things that are not there, such as items to leave out. @returns a sentence, or nothing */
export const absentWarnings = (name: string, values: readonly string[]): string[] => (values.length === 0 ? [] : [sentence(name, values)])

function sentence(name: string, values: readonly string[]): string {
  const shown = values.slice(0, MAX_NAMED).map((value) => JSON.stringify(value.slice(0, 80)))
  const more = values.length > MAX_NAMED ? ` and ${values.length - MAX_NAMED} more` : ''
  return `"${name}": ${shown.join(', ')}${more} ${values.length === 1 ? 'is' : 'are'} unknown to this model.`
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
