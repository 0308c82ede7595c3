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

/** What a source may give a row. */
export interface Proposal {
  /** an item, or −1 where the source has none */
  pick(rng: Random): number
  /** how likely a pick is this item; of −1: how likely there is none */
  probability(item: number): number
}

export type RowSource = (example: Example) => Proposal

/** A source that has nothing for a row. */
export const NOTHING: Proposal = { pick: () => -1, probability: (item) => (item === -1 ? 1 : 0) }

/** One of a list, each place of it alike. */
function anyOf(list: readonly number[]): Proposal {
  if (list.length === 0) return NOTHING
  return {
    pick: (rng) => list[rng.below(list.length)]!,
    probability: (item) => list.reduce((times, each) => times + (each === item ? 1 : 0), 0) / list.length,
  }
}

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
  const groupOf = (item: number): number[] | undefined => members.get(column.values[item] ?? NaN)
  return ({ item }) => {
    const group = groupOf(item)
    if (group === undefined || group.length < 2) return NOTHING
    return {
      pick(rng) {
        const other = group[rng.below(group.length - 1)]!
        return other === item ? group.at(-1)! : other
      },
      probability: (other) => (other >= 0 && other !== item && groupOf(other) === group ? 1 / (group.length - 1) : 0),
    }
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
  return ({ position, user, item: own }) => {
    const found: number[] = []
    const look = (p: number): void => {
      if (item[p] !== own && counts(p)) found.push(item[p]!)
    }
    const near = (p: number, q: number): boolean => Math.abs(time[p]! - time[q]!) <= 60 * gapMinutes
    for (let p = position - 1; p >= offsets[user]! && near(p, p + 1); p--) look(p)
    for (let p = position + 1; p < offsets[user + 1]! && near(p, p - 1); p++) look(p)
    return anyOf(found)
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
  return ({ user }) => anyOf(shown.slice(starts[user], starts[user + 1]))
}
