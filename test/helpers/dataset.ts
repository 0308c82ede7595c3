/**
 * A dataset over plain arrays, for tests that need no files: the real interface and its invariants (ids in order, interactions by
 * user, time and source order, CSR offsets), with everything of the manifest that follows from the data. Parts are as they are
 * given: a random split of ordered data mixes them.
 */
import {
  type Column,
  type ColumnKind,
  type DatasetManifest,
  PART_CODE,
  type Part,
  PARTS,
  type Profile,
} from '../../main/contract/shapes/dataset.ts'
import { PylonError } from '../../main/contract/errors.ts'
import type { ColumnValues, Dataset, Interactions, Side } from '../../main/engine/dataset/dataset.ts'

export interface MemoryInteraction {
  readonly user: string
  readonly item: string
  /** seconds; give it to all interactions or to none */
  readonly time?: number
  readonly weight?: number
  readonly event?: string
  /** default: train */
  readonly part?: Part
}

/** A cell: its first present value decides how the column is stored (string: text, number, string[]: list, Float32Array: vector). */
type Cell = string | number | readonly string[] | Float32Array | null
export type MemoryRow = { readonly id: string } & { readonly [column: string]: Cell | undefined }

export interface MemoryInput {
  readonly name?: string
  readonly interactions: readonly MemoryInteraction[]
  /** metadata; may leave out entities and add ones without interactions */
  readonly users?: readonly MemoryRow[]
  readonly items?: readonly MemoryRow[]
  /** kinds of columns where the storage's own (category, number, tags, vector) does not fit, by name */
  readonly kinds?: Readonly<Record<string, ColumnKind>>
  /** default: true; false for a set of pairs as in `train.txt` */
  readonly hasOrder?: boolean
  readonly itemTitle?: string
}

const DEFAULT_KIND = { text: 'category', number: 'number', list: 'tags', vector: 'vector' } as const

/** @throws Error where two rows have one id, or where only some interactions have a time, weight or event */
export function memoryDataset(input: MemoryInput): Dataset {
  const hasOrder = input.hasOrder ?? true
  const ids = { user: idsOf('user', input), item: idsOf('item', input) }
  const events = [...new Set(input.interactions.flatMap(({ event }) => event ?? []))].sort()
  const interactions = toInteractions(input.interactions, ids, events)
  const columns = { user: toColumns(ids.user, input.users ?? []), item: toColumns(ids.item, input.items ?? []) }
  const describe = (side: Side): Column[] =>
    [...columns[side]].map(([name, values]) => describeColumn(name, values, input.kinds?.[name] ?? DEFAULT_KIND[values.storage]))
  const parts = Object.fromEntries(
    PARTS.map((part) => [part, interactions.part.reduce((n, code) => n + Number(code === PART_CODE[part]), 0)]),
  )

  const manifest: DatasetManifest = {
    version: 1,
    name: input.name ?? 'memory',
    createdAt: '2026-01-01T00:00:00.000Z',
    checksum: '0'.repeat(64),
    source: { format: 'memory', files: [], seed: null },
    users: ids.user.length,
    items: ids.item.length,
    interactions: interactions.length,
    parts: parts as DatasetManifest['parts'],
    events,
    hasTime: interactions.time !== null,
    hasOrder,
    hasWeight: interactions.weight !== null,
    userColumns: describe('user'),
    itemColumns: describe('item'),
    itemTitle: input.itemTitle ?? null,
    split: { kind: 'given', seed: 0, validationFraction: 0 },
    profile: profileOf(interactions, ids, events),
    warnings: [],
  }

  return {
    folder: '',
    manifest,
    interactions,
    ids: (side) => Promise.resolve(ids[side]),
    rowsPath: () => Promise.reject(new Error('a dataset in memory has no files')),
    async column(side, name) {
      const values = columns[side].get(name)
      if (values === undefined)
        throw new PylonError('bad-input', `No ${side} column "${name}"; there are ${[...columns[side].keys()].join(', ')}.`)
      return await Promise.resolve(values)
    },
    rows: (side, indices) =>
      Promise.resolve(indices.map((i) => Object.fromEntries([...columns[side]].map(([name, values]) => [name, cellAt(values, i)])))),
  }
}

/** Raw value of a column at a row: what a person would type; vectors as arrays of numbers. */
function cellAt(column: ColumnValues, row: number): string | number | readonly string[] | readonly number[] | null {
  if (column.storage === 'vector') {
    const vector = [...column.values.subarray(row * column.width, (row + 1) * column.width)]
    return vector.every(Number.isNaN) ? null : vector
  }
  const value = column.values[row] ?? null
  return typeof value === 'number' && Number.isNaN(value) ? null : value
}

/** The order of code points, which is that of the UTF-8 bytes. */
function codePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]]
  const at = x.findIndex((point, i) => point !== y[i])
  return at < 0 ? x.length - y.length : x[at]!.codePointAt(0)! - (y[at]?.codePointAt(0) ?? -1)
}

function idsOf(side: Side, input: MemoryInput): string[] {
  const rows = (side === 'user' ? input.users : input.items) ?? []
  const ids = [...new Set([...rows.map(({ id }) => id), ...input.interactions.map((interaction) => interaction[side])])]
  if (ids.every((id) => /^-?\d{1,15}$/.test(id))) return ids.sort((a, b) => Number(a) - Number(b))
  return ids.sort((a, b) => codePoints(a, b))
}

function toInteractions(source: readonly MemoryInteraction[], ids: Record<Side, string[]>, events: string[]): Interactions {
  const index = (side: Side): Map<string, number> => new Map(ids[side].map((id, i) => [id, i]))
  const [users, items] = [index('user'), index('item')]
  const sorted = source
    .map((interaction, order) => ({ ...interaction, order, user: users.get(interaction.user)!, item: items.get(interaction.item)! }))
    .sort((a, b) => a.user - b.user || (a.time ?? 0) - (b.time ?? 0) || a.order - b.order)
  const offsets = new Int32Array(ids.user.length + 1)
  for (const { user } of sorted) offsets[user + 1]!++
  for (let u = 0; u < ids.user.length; u++) offsets[u + 1]! += offsets[u]!
  const part = Uint8Array.from(sorted, (interaction) => PART_CODE[interaction.part ?? 'train'])
  return {
    length: sorted.length,
    user: Int32Array.from(sorted, ({ user }) => user),
    item: Int32Array.from(sorted, ({ item }) => item),
    time: allOrNone(sorted, 'time') ? Float64Array.from(sorted, ({ time }) => time!) : null,
    weight: allOrNone(sorted, 'weight') ? Float32Array.from(sorted, ({ weight }) => weight!) : null,
    event: allOrNone(sorted, 'event') ? Uint8Array.from(sorted, ({ event }) => events.indexOf(event!)) : null,
    part,
    offsets,
  }
}

function allOrNone(interactions: readonly { time?: number; weight?: number; event?: string }[], key: 'time' | 'weight' | 'event'): boolean {
  const given = interactions.filter((interaction) => interaction[key] !== undefined).length
  if (given > 0 && given < interactions.length) throw new Error(`${key}: give it to all interactions or to none.`)
  return given > 0
}

function toColumns(ids: readonly string[], rows: readonly MemoryRow[]): Map<string, ColumnValues> {
  const byId = new Map(rows.map((row) => [row.id, row]))
  if (byId.size < rows.length) throw new Error('Two rows have one id.')
  const names = new Set(rows.flatMap((row) => Object.keys(row)).filter((name) => name !== 'id'))
  return new Map([...names].map((name) => [name, toColumn(ids.map((id) => byId.get(id)?.[name] ?? null))]))
}

function toColumn(cells: readonly Cell[]): ColumnValues {
  const first = cells.find((cell) => cell !== null) ?? null
  if (typeof first === 'number')
    return { storage: 'number', values: Float64Array.from(cells, (cell) => (cell === null ? NaN : (cell as number))) }
  if (Array.isArray(first)) return { storage: 'list', values: cells as (readonly string[] | null)[] }
  if (!(first instanceof Float32Array)) return { storage: 'text', values: cells as (string | null)[] }
  const width = first.length
  const values = new Float32Array(cells.length * width).fill(NaN)
  for (const [i, cell] of cells.entries()) if (cell !== null) values.set(cell as Float32Array, i * width)
  return { storage: 'vector', width, values }
}

function describeColumn(name: string, column: ColumnValues, kind: ColumnKind): Column {
  const width = column.storage === 'vector' ? column.width : null
  const cells = Array.from({ length: column.values.length / (width ?? 1) }, (_, i) => cellAt(column, i))
  const present = cells.filter((cell) => cell !== null)
  const distinct = [...new Set(present.flat().map(String))]
  const numbers = column.storage === 'number' ? (present as number[]) : []
  return {
    name,
    kind,
    storage: column.storage,
    distinct: distinct.length,
    missing: cells.length - present.length,
    samples: distinct.slice(0, 5),
    minimum: numbers.length > 0 ? numbers.reduce((a, b) => Math.min(a, b)) : null,
    maximum: numbers.length > 0 ? numbers.reduce((a, b) => Math.max(a, b)) : null,
    width,
  }
}

/** Counts; the curves (long tail, activity) are left empty. */
function profileOf(data: Interactions, ids: Record<Side, string[]>, events: string[]): Profile {
  const [users, items] = [ids.user.length, ids.item.length]
  const [perUser, perItem, trained] = [new Int32Array(users), new Int32Array(items), new Uint8Array(items)]
  const perEvent = events.map(() => 0)
  const pairs = new Set<number>()
  for (let i = 0; i < data.length; i++) {
    perUser[data.user[i]!]!++
    perItem[data.item[i]!]!++
    if (data.event !== null) perEvent[data.event[i]!]!++
    if (data.part[i] === PART_CODE.train) trained[data.item[i]!] = 1
    pairs.add(data.user[i]! * items + data.item[i]!)
  }
  const tests = [...data.item].filter((_, i) => data.part[i] === PART_CODE.test)
  const none = (counts: Int32Array): number => counts.filter((n) => n === 0).length
  return {
    users,
    items,
    interactions: data.length,
    density: data.length / Math.max(1, users * items),
    timeFrom: data.time === null ? null : data.time.reduce((a, b) => Math.min(a, b)),
    timeTo: data.time === null ? null : data.time.reduce((a, b) => Math.max(a, b)),
    duplicates: data.length - pairs.size,
    usersWithoutInteractions: none(perUser),
    itemsWithoutInteractions: none(perItem),
    itemsWithoutMetadata: 0,
    usersWithoutMetadata: 0,
    coldItems: [...perItem].filter((n, item) => n > 0 && trained[item] === 0).length,
    coldShare: tests.filter((item) => trained[item] === 0).length / Math.max(1, tests.length),
    longTail: [],
    interactionsPerUser: spread(perUser),
    interactionsPerItem: spread(perItem),
    perEvent,
    activity: [],
  }
}

function spread(counts: Int32Array): Profile['interactionsPerUser'] {
  const sorted = counts.slice().sort()
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return {
    minimum: at(0),
    median: at(0.5),
    mean: sorted.reduce((a, b) => a + b, 0) / Math.max(1, sorted.length),
    p90: at(0.9),
    maximum: at(1),
  }
}
