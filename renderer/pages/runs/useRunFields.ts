/** The fields that queries and columns can name, over the page of runs. */
import { computed } from 'vue'
import type { RunColumns } from '@contract/shapes/run-table.ts'
import { fieldMap, type QueryColumns } from '@/query/evaluate-query.ts'
import type { Field, FieldKind } from '@/query/query.ts'
import { textAt, type RunPage } from '@/stores/run-columns.ts'
import { useRuns } from '@/stores/runs.ts'

export const DELTA = 'delta:'

/** Fields with a column of their own in the page: the name in the query, and the column. */
const TEXTS = {
  name: 'name',
  dataset: 'dataset',
  model: 'model',
  recipe: 'recipe',
  loss: 'loss',
  state: 'state',
  note: 'note',
  protocol: 'protocol',
  search: 'search',
} as const satisfies Record<string, keyof RunColumns>
const NUMBERS = {
  seed: 'seed',
  epochs: 'epochs',
  bestEpoch: 'bestEpoch',
  best: 'best',
  seconds: 'seconds',
  speed: 'examplesPerSecond',
} as const satisfies Record<string, keyof RunColumns>

const isText = (name: string): name is keyof typeof TEXTS => Object.hasOwn(TEXTS, name)
const isNumber = (name: string): name is keyof typeof NUMBERS => Object.hasOwn(NUMBERS, name)

export type RunFields = ReturnType<typeof useRunFields>

export function useRunFields() {
  const runs = useRuns()
  const metrics = computed(() => new Set(runs.fields.metrics))
  const spec = computed(() => new Set(runs.fields.spec))

  const fields = computed<readonly Field[]>(() => {
    const page = runs.page?.columns
    const text = (name: keyof typeof TEXTS): Field => ({ name, kind: 'text', values: page?.[TEXTS[name]].values ?? [] })
    const kind = (path: string): FieldKind => (numeric(page?.spec[path]?.values) ? 'number' : 'text')
    const taken: ReadonlySet<string> = new Set([...Object.keys(TEXTS), ...Object.keys(NUMBERS)])
    return [
      ...(['name', 'dataset', 'recipe', 'loss', 'state'] as const).map(text),
      ...runs.fields.metrics.filter((name) => !name.includes('.')).map((name): Field => ({ name, kind: 'number' })),
      ...Object.keys(NUMBERS).map((name): Field => ({ name, kind: 'number' })),
      { name: 'tags', kind: 'tags', values: runs.fields.tags },
      { name: 'folder', kind: 'folder', values: runs.fields.folders },
      { name: 'pinned', kind: 'flag' },
      { name: 'created', kind: 'time' },
      ...(['model', 'note', 'protocol', 'search'] as const).map(text),
      { name: 'run', kind: 'text', values: [] },
      ...runs.fields.metrics.map((name): Field => ({ name: DELTA + name, kind: 'number' })),
      ...runs.fields.spec
        .filter((path) => !taken.has(path))
        .map((path): Field => ({ name: path, kind: kind(path), values: (page?.spec[path]?.values ?? []).map(specValueText) })),
      ...runs.fields.metrics.filter((name) => name.includes('.')).map((name): Field => ({ name, kind: 'number' })),
    ]
  })
  const byName = computed(() => fieldMap(fields.value))

  /** The columns behind them; asks for those that are not there yet, which are empty until then. */
  function source(page: RunPage): QueryColumns {
    const { columns } = page
    const missing = new Float64Array(columns.run.length).fill(NaN)
    let haystack: string[] | null = null
    return {
      numbers: (name) => {
        if (isNumber(name)) return name === 'bestEpoch' ? bestEpochs(columns) : columns[NUMBERS[name]]
        if (name === 'created') return columns.createdAt
        if (name === 'pinned') return columns.pinned
        if (name.startsWith(DELTA)) {
          runs.want({ metrics: [name.slice(DELTA.length)] })
          return deltas(columns, name.slice(DELTA.length))
        }
        if (metrics.value.has(name)) {
          runs.want({ metrics: [name] })
          return columns.metrics[name] ?? missing
        }
        runs.want({ spec: [name] })
        const coded = columns.spec[name]
        if (coded === undefined) return missing
        const values = coded.values.map((value) => Number(JSON.parse(value)))
        return Float64Array.from(coded.codes, (code) => values[code] ?? NaN)
      },
      codes: (name) => {
        if (isText(name)) return columns[TEXTS[name]]
        if (name === 'tags' || name === 'folder') return columns[name]
        if (name === 'run') return { values: columns.run, codes: columns.run.map((_, i) => i) }
        runs.want({ spec: [name] })
        const coded = columns.spec[name]
        return coded === undefined ? { values: [], codes: [] } : { values: coded.values.map(specValueText), codes: coded.codes }
      },
      tagsOf: (value) => JSON.parse(value) as string[],
      haystack: (i) => {
        haystack ??= columns.run.map((run, at) =>
          [
            run,
            textAt(columns.name, at),
            textAt(columns.tags, at),
            textAt(columns.note, at),
            textAt(columns.folder, at),
            textAt(columns.dataset, at),
          ]
            .join(' ')
            .toLowerCase(),
        )
        return haystack[i]!
      },
    }
  }
  return {
    fields,
    byName,
    source,
    isMetric: (name: string) => metrics.value.has(name),
    /** whether it is read from specs; what has a column of its own is there already */
    isSpec: (name: string) => spec.value.has(name) && !isText(name) && !isNumber(name),
  }
}

/** NaN where there is none. */
export const bestEpochs = ({ bestEpoch }: RunColumns): Float64Array => Float64Array.from(bestEpoch, (epoch) => (epoch < 0 ? NaN : epoch))

/** How far a metric is from that of the baseline pinned for the same protocol; NaN where there is none, and for the baseline itself. */
export function deltas(columns: RunColumns, metric: string): Float64Array {
  const values = columns.metrics[metric]
  const { codes } = columns.protocol
  const baselines = new Map<number, number>()
  for (const [i, pinned] of columns.pinned.entries()) if (pinned === 1) baselines.set(codes[i]!, i)
  return Float64Array.from(columns.run, (_, i) => {
    const baseline = baselines.get(codes[i]!)
    return values === undefined || baseline === undefined || baseline === i ? NaN : values[i]! - values[baseline]!
  })
}

/** A value of a spec, from JSON, as one would type it. */
export function specValueText(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json
}

/** Unknown values count as numbers: a comparison is then allowed until they are there. */
const numeric = (values: readonly string[] | undefined): boolean =>
  values === undefined || values.every((value) => value === 'null' || /^-?[\d.]+(e[+-]?\d+)?$/i.test(value))
