/**
 * Where a row's own negatives come from: drawn by the loss, from the positive's group, from the example's session, from what the user
 * was shown, or from ranks of the user's list by the present model. Where a source has nothing for a row, an item is drawn uniformly.
 */
import { PylonError } from '../../../contract/errors.ts'
import type { Part } from '../../../contract/shapes/dataset.ts'
import type { ExtraNegativesSpec, TwoTowerSpec } from '../../../contract/shapes/spec.ts'
import { codesOf } from '../../features/kinds/history.ts'
import { InteractionSelection } from '../../dataset/interactions.ts'
import type { ColumnValues, Dataset } from '../../dataset/dataset.ts'
import type { OwnSource } from './plan.ts'
import type { Random } from '../random.ts'

/** One row of a batch: where its example is in the interactions, and whose. */
export interface Example {
  readonly position: number
  readonly user: number
  readonly item: number
}

/** An item for a row, or −1 where the source has none. */
export type RowSource = (example: Example, rng: Random) => number

/** Sources that read the dataset; `drawn` and `mined` are the step's. */
export type DataSources = Readonly<Partial<Record<OwnSource, RowSource>>>

/**
 * The sources a spec asks for.
 * @param parts those of training: nothing outside them is looked at
 */
export async function createSources(spec: TwoTowerSpec, dataset: Dataset, parts: readonly Part[]): Promise<DataSources> {
  const { group, session, impressions } = spec.extraNegatives
  return {
    ...(group === null ? {} : { group: groupSource(await dataset.column('item', group.column)) }),
    ...(session === null ? {} : { session: sessionSource(session, spec, dataset, parts) }),
    ...(impressions === null ? {} : { impressions: impressionSource(impressions.event, dataset, parts) }),
  }
}

/** Another item with the positive's value in the column. */
function groupSource(column: ColumnValues): RowSource {
  if (column.storage === 'list' || column.storage === 'vector') {
    throw new PylonError('bad-input', 'Groups need a column with one value an item.', 'extraNegatives.group.column')
  }
  const members = new Map<string | number, number[]>()
  for (const [item, value] of column.values.entries()) {
    if (value === null || Number.isNaN(value)) continue
    const group = members.get(value)
    if (group === undefined) members.set(value, [item])
    else group.push(item)
  }
  return ({ item }, rng) => {
    const group = members.get(column.values[item] ?? NaN)
    if (group === undefined || group.length < 2) return -1
    const other = group[rng.below(group.length - 1)]!
    return other === item ? group.at(-1)! : other
  }
}

/** An item of the example's session, by events that are no positives; the user's interactions are in order of time. */
function sessionSource(
  { events, gapMinutes }: NonNullable<ExtraNegativesSpec['session']>,
  { training: { events: chosen } }: TwoTowerSpec,
  { interactions, manifest }: Dataset,
  parts: readonly Part[],
): RowSource {
  const { item, time, event, offsets } = interactions
  const training = new InteractionSelection(interactions, parts)
  if (time === null) throw new PylonError('bad-input', `Dataset ${manifest.name} has no times, so no sessions.`, 'extraNegatives.session')
  const positive = codesOf(chosen, manifest.events, 'training.events')
  const wanted = events.length === 0 ? null : codesOf(events, manifest.events, 'extraNegatives.session.events')
  const counts = (p: number): boolean => {
    if (!training.has(p)) return false
    const code = event?.[p] ?? 0
    return wanted === null ? positive !== null && !positive.includes(code) : wanted.includes(code)
  }
  const found: number[] = []
  return ({ position, user, item: own }, rng) => {
    found.length = 0
    const look = (p: number): void => {
      if (item[p] !== own && counts(p)) found.push(item[p]!)
    }
    const near = (p: number, q: number): boolean => Math.abs(time[p]! - time[q]!) <= 60 * gapMinutes
    for (let p = position - 1; p >= offsets[user]! && near(p, p + 1); p--) look(p)
    for (let p = position + 1; p < offsets[user + 1]! && near(p, p - 1); p++) look(p)
    return found.length === 0 ? -1 : found[rng.below(found.length)]!
  }
}

/** An item of an event type that says: shown, not chosen. */
function impressionSource(name: string, { interactions, manifest }: Dataset, parts: readonly Part[]): RowSource {
  const impressions = new InteractionSelection(interactions, parts, codesOf([name], manifest.events, 'extraNegatives.impressions.event'))
  const users = manifest.users
  const starts = new Int32Array(users + 1)
  const shown: number[] = []
  for (let user = 0; user < users; user++) {
    for (const item of impressions.itemsOf(user)) shown.push(item)
    starts[user + 1] = shown.length
  }
  if (shown.length === 0) {
    throw new PylonError('bad-data', `No training interaction is a "${name}".`, 'extraNegatives.impressions.event')
  }
  return ({ user }, rng) => {
    const [from, to] = [starts[user]!, starts[user + 1]!]
    return from === to ? -1 : shown[from + rng.below(to - from)]!
  }
}
