/** Datasets in memory for the tests of evaluation, from a list of interactions. */
import { PART_CODE, type DatasetManifest, type Part } from '../../../main/contract/shapes/dataset.ts'
import type { Dataset, Interactions } from '../../../main/engine/dataset/dataset.ts'

export interface Columns {
  readonly users: number
  readonly items: number
  /** ascending */
  readonly user: ArrayLike<number>
  readonly item: ArrayLike<number>
  /** PART_CODE */
  readonly part: ArrayLike<number>
  readonly event?: ArrayLike<number>
  readonly events?: readonly string[]
}
export type Market = Pick<Dataset, 'manifest' | 'interactions' | 'ids'>

/** A dataset whose ids are `u0`, `u1`, … and `i0`, `i1`, … */
export function market({ users, items, user, item, part, event, events = [] }: Columns): Market {
  const offsets = new Int32Array(users + 1)
  for (let i = 0; i < user.length; i++) offsets[user[i]! + 1]!++
  for (let u = 0; u < users; u++) offsets[u + 1]! += offsets[u]!
  const interactions: Interactions = {
    length: user.length,
    user: Int32Array.from(user),
    item: Int32Array.from(item),
    part: Uint8Array.from(part),
    event: event === undefined ? null : Uint8Array.from(event),
    time: null,
    weight: null,
    offsets,
  }
  const manifest = {
    version: 1,
    name: 'market',
    checksum: '0123456789abcdef',
    users,
    items,
    interactions: user.length,
    events: [...events],
    split: { kind: 'given', seed: 1, validationFraction: 0.1 },
  } satisfies Partial<DatasetManifest> as unknown as DatasetManifest
  const ids = { user: Array.from({ length: users }, (_, i) => `u${i}`), item: Array.from({ length: items }, (_, i) => `i${i}`) }
  return { manifest, interactions, ids: async (side) => ids[side] }
}

/** The same from rows `[user, item, part]` in order of the user. */
export function marketOf(users: number, items: number, rows: readonly (readonly [number, number, Part])[]): Market {
  const part = rows.map(([, , name]) => PART_CODE[name])
  return market({ users, items, user: rows.map(([user]) => user), item: rows.map(([, item]) => item), part })
}
