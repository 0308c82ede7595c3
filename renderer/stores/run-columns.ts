/** Arithmetic on a page of runs as columns: reading, and putting changed rows in place. */
import type { Protocol } from '@contract/shapes/protocol.ts'
import type { DictionaryColumn, RunColumns } from '@contract/shapes/run-table.ts'

export interface RunPage {
  readonly columns: RunColumns
  readonly protocols: ReadonlyMap<string, Protocol>
  /** place of each run */
  readonly place: ReadonlyMap<string, number>
}

export const runPage = (columns: RunColumns, protocols: readonly Protocol[]): RunPage => ({
  columns,
  protocols: new Map(protocols.map((protocol) => [protocol.hash, protocol])),
  place: new Map(columns.run.map((run, i) => [run, i])),
})

/** The text of a row, or null. */
export const textAt = ({ values, codes }: DictionaryColumn, i: number): string | null => values[codes[i]!] ?? null

/**
 * The page with the rows of `asked` as they are in `fresh`: changed in place, new ones at the end, those that are not in it gone. Both
 * have the same metrics and spec paths.
 */
export function withFreshRows(page: RunPage, asked: ReadonlySet<string>, fresh: RunPage): RunPage {
  const [old, now] = [page.columns, fresh.columns]
  // a row of the result: ≥ 0 an old row, else -1 - (a fresh row)
  const kept = old.run.flatMap((run, i) => {
    const at = fresh.place.get(run)
    return at !== undefined ? [-1 - at] : asked.has(run) ? [] : [i]
  })
  const added = now.run.flatMap((run, i) => (page.place.has(run) ? [] : [-1 - i]))
  const rows = Int32Array.from([...kept, ...added])
  const numbers = <A extends Float64Array | Int32Array | Uint8Array>(a: A, b: A): A => {
    const out = new (a.constructor as new (length: number) => A)(rows.length)
    for (const [i, row] of rows.entries()) out[i] = row >= 0 ? a[row]! : b[-1 - row]!
    return out
  }
  const texts = <C extends DictionaryColumn>(a: C, b: C): C => {
    const values = [...a.values]
    const code = new Map(values.map((value, i) => [value, i]))
    const codes = Int32Array.from(rows, (row) => {
      if (row >= 0) return a.codes[row]!
      const value = b.values[b.codes[-1 - row]!]
      if (value === undefined) return -1
      const known = code.get(value)
      if (known !== undefined) return known
      code.set(value, values.length)
      return values.push(value) - 1
    })
    return { ...a, values, codes }
  }
  const merged = Object.fromEntries(
    Object.entries(old).map(([name, a]) => {
      const b = now[name as keyof RunColumns]
      if (name === 'run') return [name, Array.from(rows, (row) => (row >= 0 ? old.run[row]! : now.run[-1 - row]!))]
      if (name === 'metrics') return [name, mapValues(old.metrics, (column, key) => numbers(column, now.metrics[key]!))]
      if (name === 'spec') return [name, mapValues(old.spec, (column, key) => texts(column, now.spec[key]!))]
      return [
        name,
        ArrayBuffer.isView(a) ? numbers(a as Float64Array, b as Float64Array) : texts(a as DictionaryColumn, b as DictionaryColumn),
      ]
    }),
  ) as unknown as RunColumns
  return runPage(merged, [...new Map([...page.protocols, ...fresh.protocols]).values()])
}

const mapValues = <A, B>(record: Readonly<Record<string, A>>, map: (value: A, key: string) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]))
