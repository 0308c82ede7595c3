/** Rows of the runs table: runs, or families of runs that differ only in their seed, grouped by the protocol of their numbers. */
import type { Protocol } from '@contract/shapes/protocol.ts'
import type { RowGroup } from '@/components/table/data-column.ts'
import { textAt, type RunPage } from '@/stores/run-columns.ts'

export interface RunRow {
  readonly key: string
  /** place in the columns; of a family, its first member's */
  readonly at: number
  /** places of all members; null for a single run */
  readonly members: readonly number[] | null
  /** a member shown beneath its family */
  readonly nested: boolean
}

/** Places of the runs a row stands for. */
export const rowIndices = ({ at, members }: RunRow): readonly number[] => members ?? [at]

export interface ProtocolGroup extends RowGroup<RunRow> {
  /** null: runs without test metrics */
  readonly protocol: Protocol | null
  readonly dataset: string
  /** what its runs share of the field that they are grouped by; null where they are not grouped by one */
  readonly value: string | null
  /** fields of the protocol that are not as in the first group */
  readonly differs: readonly (keyof Protocol)[]
}

/** The group a run belongs to: its protocol, or its dataset where nothing was measured. */
const groupOf = ({ columns }: RunPage, i: number): string =>
  textAt(columns.protocol, i) ?? `~${columns.dataset.values[columns.dataset.codes[i]!]!}`

const byText = new Intl.Collator('en', { numeric: true })
const LIVE: ReadonlySet<string> = new Set(['queued', 'running'])

/**
 * Groups with something under way first, then those with test metrics, the one with the newest run first; at last what was stopped. `by`:
 * a value of each run, by which those of a protocol are parted once more; protocols never mix, as their numbers may not be ranked together.
 */
export function groupsOf(
  page: RunPage,
  places: readonly number[],
  asRows: (places: readonly number[]) => readonly RunRow[],
  by: ((place: number) => string) | null = null,
): ProtocolGroup[] {
  const { state, createdAt } = page.columns
  const byGroup = [...Map.groupBy(places, (i) => groupOf(page, i))].map(([key, members]) => ({
    key,
    members,
    rank: page.protocols.has(key) ? 1 : members.some((i) => LIVE.has(textAt(state, i)!)) ? 0 : 2,
    newest: members.reduce((newest, i) => Math.max(newest, createdAt[i]!), -Infinity),
  }))
  byGroup.sort((a, b) => a.rank - b.rank || b.newest - a.newest)
  const first = byGroup.map(({ key }) => page.protocols.get(key)).find((protocol) => protocol !== undefined)
  return byGroup.flatMap(({ key, members }) => {
    const protocol = page.protocols.get(key) ?? null
    const parts: (readonly [string | null, readonly number[]])[] = by === null ? [[null, members]] : [...Map.groupBy(members, by)]
    return parts
      .toSorted(([a], [b]) => byText.compare(a ?? '', b ?? ''))
      .map(([value, places]) => ({
        key: value === null ? key : `${key} ${value}`,
        rows: asRows(places),
        protocol,
        value,
        dataset: protocol?.datasetName ?? key.slice(1),
        differs: protocol === null || first === undefined || protocol === first ? [] : protocolDifferences(protocol, first),
      }))
  })
}

/** Fields in which two protocols differ, the hash aside; a dataset of another name counts once. */
export function protocolDifferences(a: Protocol, b: Protocol): (keyof Protocol)[] {
  const fields = (Object.keys(a) as (keyof Protocol)[]).filter(
    (field) => field !== 'hash' && JSON.stringify(a[field]) !== JSON.stringify(b[field]),
  )
  return fields.includes('datasetName') ? fields.filter((field) => field !== 'datasetChecksum') : fields
}

export const singleRow = ({ columns }: RunPage, at: number, nested = false): RunRow => ({
  key: columns.run[at]!,
  at,
  members: null,
  nested,
})

/** One row a family of at least two, with the rows of its members beneath it where it is open. `order` sorts what it is given. */
export function familyRows(
  page: RunPage,
  places: readonly number[],
  open: ReadonlySet<string>,
  order: (rows: readonly RunRow[]) => readonly RunRow[],
): readonly RunRow[] {
  const { family } = page.columns
  const families = Map.groupBy(places, (at) => textAt(family, at))
  const rows = [...families].map(([name, members]): RunRow =>
    members.length === 1
      ? singleRow(page, members[0]!)
      : { key: `family ${name} ${groupOf(page, members[0]!)}`, at: members[0]!, members, nested: false },
  )
  return order(rows).flatMap((row) =>
    row.members !== null && open.has(row.key) ? [row, ...order(row.members.map((at) => singleRow(page, at, true)))] : [row],
  )
}

export interface MeanSd {
  readonly mean: number
  /** sample standard deviation; NaN for fewer than two */
  readonly sd: number
  readonly n: number
}

/** Mean and sample standard deviation of what is known at these places. */
export function meanSd(values: ArrayLike<number>, places: readonly number[]): MeanSd {
  const defined = places.map((at) => values[at]!).filter((value) => !Number.isNaN(value))
  const mean = defined.reduce((sum, value) => sum + value, 0) / defined.length
  const squares = defined.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    mean: defined.length === 0 ? NaN : mean,
    sd: defined.length < 2 ? NaN : Math.sqrt(squares / (defined.length - 1)),
    n: defined.length,
  }
}
