/** Metrics by name: `cold.recall@20` is recall at 20 of the slice cold. Their kinds, their order, and which way is better. */

/** In the order in which they are told; `null` where neither way is better and a reader has to judge. */
export const METRIC_KINDS = {
  recall: 'higher',
  ndcg: 'higher',
  hit: 'higher',
  mrr: 'higher',
  map: 'higher',
  precision: 'higher',
  ips: 'higher',
  coverage: 'higher',
  gini: 'lower',
  novelty: null,
  popularity: null,
  similarity: null,
} as const satisfies Readonly<Record<string, 'higher' | 'lower' | null>>
export type MetricKind = keyof typeof METRIC_KINDS

/** Those that each query has by itself; the others are of all lists together. */
export const QUERY_KINDS = ['recall', 'ndcg', 'hit', 'mrr', 'map', 'precision'] as const satisfies readonly MetricKind[]
export type QueryKind = (typeof QUERY_KINDS)[number]

/** Measured of finished runs since version 0.3, the first since 0.9; a run without them was evaluated before. */
export const LATER_KINDS = ['ips', 'gini', 'novelty', 'popularity', 'similarity'] as const satisfies readonly MetricKind[]

export interface MetricName {
  /** '' for all queries */
  readonly slice: string
  readonly kind: string
  /** cut-off */
  readonly k: number
}

/** @returns null for what is no metric's name */
export function parseMetric(name: string): MetricName | null {
  const [, slice = '', kind, k] = /^(?:(.*)\.)?([^.@]+)@(\d+)$/.exec(name) ?? []
  return kind === undefined || k === undefined ? null : { slice, kind, k: Number(k) }
}

/** The inverse of `parseMetric`. */
export const formatMetric = ({ slice, kind, k }: MetricName): string => metricAtCut(slice === '' ? kind : `${slice}.${kind}`, k)

/** A metric that each query has, of all queries: `ndcg@20`. @returns null for any other text */
export function parseQueryMetric(text: string): { readonly kind: QueryKind; readonly k: number } | null {
  const { slice, kind: named, k } = parseMetric(text) ?? { slice: '', kind: '', k: 0 }
  const kind = QUERY_KINDS.find((each) => each === named)
  return slice !== '' || kind === undefined || k < 1 || k > MAX_CUT ? null : { kind, k }
}

/** Slices of an evaluation, each a prefix: `cold.recall@20`. */
export const SLICE_NAMES = ['cold', 'head', 'tail', 'short'] as const
export type SliceName = (typeof SLICE_NAMES)[number]

/** A metric of queries that training may be judged by: `ndcg@20`, `cold.ndcg@20`. @returns null for any other text */
export function parseValidationMetric(text: string): { readonly slice: SliceName | null; readonly metric: string } | null {
  const slice = SLICE_NAMES.find((name) => text.startsWith(`${name}.`)) ?? null
  const metric = slice === null ? text : text.slice(slice.length + 1)
  return parseQueryMetric(metric) === null ? null : { slice, metric }
}

/** The largest cut-off that is asked for. */
const MAX_CUT = 999_999

/** The name of a kind, which may stand behind its slice, at a cut-off. */
export const metricAtCut = (kind: string, k: number | string): string => `${kind}@${k}`

/** Which way a metric is better; one of an unknown kind is taken for better where it is higher. */
export function betterWay(name: string): 'higher' | 'lower' | null {
  const kind = parseMetric(name)?.kind ?? ''
  return kind in METRIC_KINDS ? METRIC_KINDS[kind as MetricKind] : 'higher'
}

/** The cut-offs that occur, ascending. */
export function cutsOf(names: Iterable<string>): number[] {
  const cuts = Array.from(names, (name) => parseMetric(name)?.k ?? 0)
  return [...new Set(cuts.filter((k) => k > 0))].sort((a, b) => a - b)
}

/** The names without their cut-off, in the order they come: `recall`, `ndcg`, `cold.recall`. */
export function kindsOf(names: Iterable<string>): string[] {
  const kinds = Array.from(names, (name) => (parseMetric(name) === null ? '' : name.slice(0, name.lastIndexOf('@'))))
  return [...new Set(kinds.filter((kind) => kind !== ''))]
}

/** ndcg@20 where there is one, else what comes first. */
export function headlineOf(names: readonly string[]): string {
  return names.includes('ndcg@20') ? 'ndcg@20' : (names.find((name) => name.startsWith('ndcg@')) ?? names[0] ?? '')
}

/** The metrics of an overview, where there is no room for all. */
export const OVERVIEW: readonly string[] = ['recall', 'ndcg', 'coverage', 'cold.recall']

/** Those of {@link OVERVIEW} that are there, at K = 20 where that was measured. */
export function overviewOf(names: readonly string[]): string[] {
  const k = names.includes('recall@20') ? 20 : (cutsOf(names)[0] ?? 20)
  return OVERVIEW.map((kind) => metricAtCut(kind, k)).filter((name) => names.includes(name))
}

/** Names, each once: those of all queries before those of slices, by kind, K ascending; unknown kinds come last. */
export function inMetricOrder(names: Iterable<string>): string[] {
  const kinds = Object.keys(METRIC_KINDS)
  const place = (name: string): MetricName & { readonly at: number } => {
    const read = parseMetric(name) ?? { slice: '', kind: name, k: 0 }
    return { ...read, at: kinds.includes(read.kind) ? kinds.indexOf(read.kind) : kinds.length }
  }
  return [...new Set(names)]
    .map((name) => ({ name, ...place(name) }))
    .sort((a, b) => a.slice.localeCompare(b.slice, 'en', { numeric: true }) || a.at - b.at || a.k - b.k)
    .map(({ name }) => name)
}
