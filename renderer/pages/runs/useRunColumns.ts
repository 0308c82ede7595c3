/** The columns of the runs table. A row may be a family of seeds: its numbers are means, with their standard deviation beside them. */
import { computed, type ComputedRef } from 'vue'
import type { DictionaryColumn } from '@contract/shapes/run-table.ts'
import type { DataColumn } from '@/components/table/data-column.ts'
import * as format from '@/composables/format.ts'
import { metricHint } from '@/composables/metric-words.ts'
import { dynamic, t, type TextKey } from '@/composables/texts.ts'
import type { RunPage } from '@/stores/run-columns.ts'
import { SHOWN_METRICS, useRuns } from '@/stores/runs.ts'
import { rowIndices, meanSd, type RunRow } from './run-rows.ts'
import { bestEpochs, DELTA, deltas, specValueText } from './useRunFields.ts'

type Column = DataColumn<RunRow>

/** `families`: numbers stand with their standard deviation, and need room for it. */
export function useRunColumns(best: () => string, families: () => boolean): ComputedRef<readonly Column[]> {
  const runs = useRuns()
  const page = (): RunPage => runs.page!

  /** One text where all members agree, else how many there are. */
  const sameText = (
    coded: (page: RunPage) => DictionaryColumn,
    show: (text: string) => string = (text) => text,
  ): Pick<Column, 'value'> => ({
    value: (row) => {
      const { values, codes } = coded(page())
      const different = new Set(rowIndices(row).map((at) => codes[at]!))
      if (different.size > 1) return t('runs.several', { n: different.size })
      const text = values[codes[row.at]!]
      return text === undefined ? null : show(text)
    },
  })
  const fittedOn = (protocol: string): string => page().protocols.get(protocol)?.fittedOn ?? ''
  const number = (
    column: (page: RunPage) => ArrayLike<number> | undefined,
    show: (value: number) => string,
    spread = show,
  ): Pick<Column, 'value' | 'text' | 'align'> => {
    const of = (row: RunRow): { mean: number; sd: number } => {
      const values = column(page())
      if (values === undefined) return { mean: NaN, sd: NaN }
      return row.members === null ? { mean: values[row.at]!, sd: NaN } : meanSd(values, row.members)
    }
    return {
      align: 'end',
      value: (row) => of(row).mean,
      text: (row) => {
        const { mean, sd } = of(row)
        if (Number.isNaN(mean)) return ''
        return Number.isNaN(sd) ? show(mean) : `${show(mean)} ±${spread(sd)}`
      },
    }
  }
  const column = (id: string, title: TextKey, rest: Omit<Column, 'id' | 'title'>): Column => ({ id, title: t(title), ...rest })
  const metric = (name: string): Column => ({
    id: name,
    title: name,
    hint: metricHint(name),
    width: families() ? 132 : 104,
    hidden: !SHOWN_METRICS.includes(name),
    ...number(({ columns }) => columns.metrics[name], format.metric),
  })

  // reckoned once a page
  const known = computed(() => ({
    page: runs.page,
    bestEpoch: runs.page === null ? new Float64Array(0) : bestEpochs(runs.page.columns),
    deltas: new Map<string, Float64Array>(),
  }))
  const deltaOf = (name: string): Float64Array => {
    const column = known.value.deltas.get(name) ?? deltas(page().columns, name)
    known.value.deltas.set(name, column)
    return column
  }
  const delta = (name: string): Column => ({
    id: DELTA + name,
    title: `Δ ${name}`,
    hint: `${t('runs.deltaHint')} ${metricHint(name)}`,
    width: families() ? 140 : 112,
    hidden: name !== 'ndcg@20',
    // what seeds spread by has no sign
    ...number(() => deltaOf(name), format.delta, format.metric),
  })
  const spec = (path: string): Column => ({
    id: path,
    title: path,
    hidden: true,
    width: 120,
    ...sameText(({ columns }) => columns.spec[path] ?? { values: [], codes: new Int32Array(columns.run.length) }, specValueText),
  })

  return computed((): readonly Column[] => {
    const metrics = runs.fields.metrics.length === 0 ? SHOWN_METRICS : runs.fields.metrics
    const own = [
      column('name', 'runs.column.name', { width: 210, fixed: true, pinned: true, ...sameText(({ columns }) => columns.name) }),
      column('state', 'runs.column.state', {
        width: families() ? 128 : 112,
        value: (row) => {
          const { values, codes } = page().columns.state
          const states = new Set(rowIndices(row).map((at) => codes[at]!))
          return [...states].map((code) => dynamic(`common.state.${values[code]!}`, values[code]!)).join(t('runs.comma'))
        },
      }),
      // what runs are told apart by stands in view at 960 px
      ...metrics.filter((name) => SHOWN_METRICS.includes(name)).map(metric),
      ...metrics.filter((name) => name === 'ndcg@20').map(delta),
      column('dataset', 'runs.column.dataset', { width: 112, ...sameText(({ columns }) => columns.dataset) }),
      column('recipe', 'runs.column.recipe', { width: 112, ...sameText(({ columns }) => columns.recipe) }),
      column('loss', 'runs.column.loss', { width: 124, ...sameText(({ columns }) => columns.loss) }),
      column('seed', 'runs.column.seed', {
        width: 70,
        align: 'end',
        value: (row) => (row.members === null ? page().columns.seed[row.at]! : row.members.length),
        text: (row) => {
          if (row.members !== null) return t('runs.seeds', { n: row.members.length })
          const seed = page().columns.seed[row.at]!
          return Number.isNaN(seed) ? '' : String(seed)
        },
      }),
      column('best', 'runs.column.best', {
        hint: t('runs.bestHint', { metric: best() }),
        unit: best(),
        width: families() ? 150 : 126,
        ...number(({ columns }) => columns.best, format.metric),
      }),
      column('bestEpoch', 'runs.column.bestEpoch', {
        width: 96,
        ...number(
          () => known.value.bestEpoch,
          (value) => format.number(value),
        ),
      }),
      column('epochs', 'runs.column.epochs', {
        width: 70,
        hidden: true,
        ...number(
          ({ columns }) => columns.epochs,
          (value) => format.number(value),
        ),
      }),
      column('tags', 'runs.column.tags', { width: 130, sortable: false, ...sameText(({ columns }) => columns.tags) }),
      column('folder', 'runs.column.folder', { width: 110, ...sameText(({ columns }) => columns.folder) }),
      column('note', 'runs.column.note', { width: 200, ...sameText(({ columns }) => columns.note) }),
      column('created', 'runs.column.created', {
        width: 128,
        align: 'end',
        value: ({ at }) => page().columns.createdAt[at]!,
        text: ({ at }) => format.dateTime(page().columns.createdAt[at]!),
      }),
      column('seconds', 'runs.column.seconds', { unit: 's', width: 76, ...number(({ columns }) => columns.seconds, format.integer) }),
      column('speed', 'runs.column.speed', {
        unit: '/s',
        width: 110,
        hidden: true,
        ...number(({ columns }) => columns.examplesPerSecond, format.integer),
      }),
      column('run', 'runs.column.run', { width: 88, value: ({ at, members }) => (members === null ? page().columns.run[at]! : null) }),
      column('model', 'runs.column.model', { width: 100, hidden: true, ...sameText(({ columns }) => columns.model) }),
      column('protocol', 'runs.column.protocol', { width: 110, hidden: true, ...sameText(({ columns }) => columns.protocol) }),
      column('search', 'runs.column.search', {
        width: 90,
        hidden: true,
        hint: t('runs.searchHint'),
        ...sameText(({ columns }) => columns.search),
      }),
      column('fittedOn', 'runs.column.fittedOn', { width: 150, hidden: true, ...sameText(({ columns }) => columns.protocol, fittedOn) }),
      ...metrics.filter((name) => !SHOWN_METRICS.includes(name)).map(metric),
    ]
    const taken = new Set(own.map(({ id }) => id))
    return [
      ...own,
      ...runs.fields.spec.filter((path) => !taken.has(path)).map(spec),
      ...metrics.filter((name) => name !== 'ndcg@20').map(delta),
    ]
  })
}
