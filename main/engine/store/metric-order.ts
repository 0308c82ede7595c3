/** The order in which metrics are told: those of all queries before those of slices, recall first, K ascending. */

const KINDS = ['recall', 'ndcg', 'hit', 'mrr', 'map', 'precision', 'coverage']

/** Names such as `recall@20` and `cold.recall@20`, each once, in that order; unknown kinds come last. */
export function inMetricOrder(names: Iterable<string>): string[] {
  return [...new Set(names)]
    .map((name) => ({ name, key: keyOf(name) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ name }) => name)
}

function keyOf(name: string): [string, number, number] {
  const [, slice = '', kind = '', cut = '0'] = /^(?:(.*)\.)?([^.@]*)@?(\d*)$/.exec(name) ?? []
  return [slice, KINDS.includes(kind) ? KINDS.indexOf(kind) : KINDS.length, Number(cut)]
}

function compare(a: readonly [string, number, number], b: readonly [string, number, number]): number {
  return (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0) || a[1] - b[1] || a[2] - b[2]
}
