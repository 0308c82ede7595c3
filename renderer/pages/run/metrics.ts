/** Metric names taken apart: `cold.recall@20` is recall at 20 of the slice cold. */

export interface MetricName {
  /** '' for all queries */
  readonly slice: string
  readonly kind: string
  readonly k: number
}

export function readMetric(name: string): MetricName | null {
  const [, slice = '', kind, k] = /^(?:(.*)\.)?([^.@]+)@(\d+)$/.exec(name) ?? []
  return kind === undefined || k === undefined ? null : { slice, kind, k: Number(k) }
}

/** The cut-offs that occur, ascending. */
export function cutsOf(names: Iterable<string>): number[] {
  const cuts = new Set<number>()
  for (const name of names) {
    const read = readMetric(name)
    if (read !== null) cuts.add(read.k)
  }
  return [...cuts].sort((a, b) => a - b)
}

/** The names without their cut-off, in the order they come: `recall`, `ndcg`, `cold.recall`. */
export function kindsOf(names: Iterable<string>): string[] {
  const kinds = new Set<string>()
  for (const name of names) if (readMetric(name) !== null) kinds.add(name.slice(0, name.lastIndexOf('@')))
  return [...kinds]
}

/** ndcg@20 where there is one, else what comes first. */
export function headlineOf(names: readonly string[]): string {
  return names.includes('ndcg@20') ? 'ndcg@20' : (names.find((name) => name.startsWith('ndcg@')) ?? names[0] ?? '')
}

/** The points of a curve that are known; epochs without an evaluation have none. */
export function knownPoints(x: ArrayLike<number>, y: ArrayLike<number>): { x: number[]; y: number[] } {
  const at = Array.from(y, (value, i) => (Number.isFinite(value) ? i : -1)).filter((i) => i >= 0)
  return { x: at.map((i) => x[i]!), y: at.map((i) => y[i]!) }
}
