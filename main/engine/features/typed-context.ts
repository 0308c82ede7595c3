/** The context of a typed-in user: a history of item ids and the time of the request, as the batcher makes it for known users. */
import { badData } from '../../contract/errors.ts'
import { parseCell } from '../dataset/cells/typed.ts'
import { createInputs, type Inputs, reserve } from './inputs.ts'
import { clockRow, type TimeState } from './kinds/time.ts'
import type { HistoryState } from './kinds/history.ts'
import { standardise } from './standardise.ts'
import type { Clock, FrozenEncoders, FrozenFeature } from './encoded.ts'
import { rowLookup, type Vocabulary } from './vocabulary.ts'

/** Which row an item has in the table of a history: its own vocabulary's, or that of the item tower's id. */
export function historyVocabulary(encoders: FrozenEncoders, feature: string): Vocabulary {
  const { vocabulary, shared } = frozenFeature(encoders.user, feature).state as HistoryState
  return vocabulary ?? (frozenFeature(encoders.item, shared!).state['vocabulary'] as Vocabulary)
}

/**
 * Context of one typed-in user. Under a history's name: item ids, oldest first, of unknown age and event; unknown ones
 * are left out. Under an event time's name: the time of the request, without it the end of training. Age is 0.
 * @throws PylonError bad-input naming the property
 */
export function rowContext(encoders: FrozenEncoders, row: Readonly<Record<string, unknown>>): Inputs {
  const { contextBags, contextDenseWidth } = encoders.userLayout
  const inputs = createInputs(1, contextDenseWidth, contextBags.length, (b) => contextBags[b]!.sequence !== undefined)
  inputs.count = 1
  const typed = (name: string): unknown => (Object.hasOwn(row, name) ? row[name] : null)
  for (const [b, bag] of inputs.bags.entries()) {
    const { kind, feature, maxLength, sequence } = contextBags[b]!
    const rows =
      kind === 'history'
        ? historyOf(encoders, feature, typedHistory(encoders, feature, row)).slice(0, sequence?.length ?? maxLength)
        : clockOf(encoders, kind, typed(feature), feature)
    bag.count = 1
    reserve(bag, rows.length)
    bag.indices.set(rows)
    bag.offsets[1] = rows.length
  }
  inputs.dense.set(
    encoders.user.flatMap(({ feature, state }) => {
      const { age } = state as TimeState
      return feature.kind === 'time' && feature.column === null && age !== null ? [standardise(0, age)] : []
    }),
  )
  return inputs
}

/** A typed list serves every history of the same events that is not named itself. */
function typedHistory({ userLayout }: FrozenEncoders, feature: string, row: Readonly<Record<string, unknown>>): unknown {
  const bags = userLayout.contextBags.filter(({ kind }) => kind === 'history')
  const codes = String(bags.find((bag) => bag.feature === feature)!.eventCodes)
  const alike = bags.find(({ eventCodes }) => String(eventCodes) === codes)!.feature
  const typed = (name: string): unknown => (Object.hasOwn(row, name) ? row[name] : null)
  return typed(feature) ?? typed(alike)
}

function typedItems(feature: string, value: unknown): readonly string[] {
  const cell = parseCell('list', { value, name: feature, isTime: false, width: 0 })
  return cell.storage === 'list' ? (cell.values[0] ?? []) : []
}

/** By each history that is named in a row: its items that have no row of its table. */
export function unknownHistory(
  encoders: FrozenEncoders,
  row: Readonly<Record<string, unknown>>,
): (readonly [feature: string, items: readonly string[]])[] {
  return encoders.userLayout.contextBags.flatMap(({ kind, feature }) => {
    if (kind !== 'history' || !Object.hasOwn(row, feature)) return []
    const rowOf = rowLookup(historyVocabulary(encoders, feature))
    return [[feature, typedItems(feature, row[feature]).filter((item) => rowOf(item) === 0)] as const]
  })
}

/** Most recent first, as the batcher has it. */
function historyOf(encoders: FrozenEncoders, feature: string, value: unknown): number[] {
  return typedItems(feature, value)
    .map(rowLookup(historyVocabulary(encoders, feature)))
    .filter((row) => row > 0)
    .reverse()
}

function clockOf(encoders: FrozenEncoders, kind: Clock, value: unknown, feature: string): number[] {
  const cell = parseCell('number', { value, name: feature, isTime: true, width: 0 })
  const typed = cell.storage === 'number' ? cell.values[0]! : NaN
  const time = Number.isNaN(typed) ? encoders.referenceTime : typed
  return time === null || !Number.isFinite(time) ? [] : [clockRow(kind, frozenFeature(encoders.user, feature).state)(time)]
}

/** A feature of a side by its name. */
export function frozenFeature(features: readonly FrozenFeature[], name: string): FrozenFeature {
  const found = features.find(({ feature }) => feature.name === name)
  if (found === undefined) throw badData(`The encoders have no feature "${name}". The model's encoders.json is not complete.`)
  return found
}
