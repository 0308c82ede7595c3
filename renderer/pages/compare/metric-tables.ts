/** Tables of metrics: their marks, and the same as CSV and LaTeX. */
import { spreadsheetLine } from '@contract/csv.ts'
import type { MetricRow } from '@contract/metric-rows.ts'
import type { VerbOutput } from '@contract/verbs.ts'

type Marks = VerbOutput<'runs.marks'>['groups'][number]

/** The row of each metric that a test tells from all others, by its key; `best` names rows by their runs. */
export function markedRows(rows: readonly MetricRow[], group: Marks | undefined): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(group?.best ?? {}).flatMap(([metric, at]) => {
      const row = rows.find(({ key }) => group!.rows[at]?.includes(key))
      return row === undefined ? [] : [[metric, row.key] as const]
    }),
  )
}

/** A group of rows with what their numbers are comparable by. */
export interface MetricTable {
  readonly protocol: string
  readonly rows: readonly MetricRow[]
  /** by metric, the key of the row that is the best beyond chance */
  readonly best: ReadonlyMap<string, string>
}

/** RFC 4180: a line a row; the protocol is a column, so that rows of different ones are not taken for one table. */
export function metricsCsv(tables: readonly MetricTable[], metrics: readonly string[]): string {
  const withSd = tables.some(({ rows }) => rows.some(({ runs }) => runs.length > 1))
  const head = ['run', 'name', 'seeds', 'protocol', ...metrics.flatMap((metric) => (withSd ? [metric, `${metric} sd`] : [metric]))]
  const lines = tables.flatMap(({ protocol, rows }) =>
    rows.map(({ label, runs, values }) => [
      runs.map(({ run }) => run).join(' '),
      label,
      runs.map(({ seed }) => seed ?? '').join(' '),
      protocol,
      ...metrics.flatMap((metric) => {
        const value = values.get(metric)
        return withSd ? [value?.mean ?? null, value?.sd ?? null] : [value?.mean ?? null]
      }),
    ]),
  )
  return [head, ...lines].map(spreadsheetLine).join('\r\n')
}

/** One booktabs table a protocol, the best of each column bold. */
export function metricsLatex(tables: readonly MetricTable[], metrics: readonly string[]): string {
  return tables
    .map(({ protocol, rows, best }) => {
      const lines = rows.map(({ key, label, values }) =>
        [escaped(label), ...metrics.map((metric) => latexCell(values.get(metric), best.get(metric) === key))].join(' & '),
      )
      return [
        `% protocol ${protocol}`,
        `\\begin{tabular}{l${'r'.repeat(metrics.length)}}`,
        '\\toprule',
        `${['model', ...metrics].map(escaped).join(' & ')} \\\\`,
        '\\midrule',
        ...lines.map((line) => `${line} \\\\`),
        '\\bottomrule',
        '\\end{tabular}',
      ].join('\n')
    })
    .join('\n\n')
}

function latexCell(value: { mean: number; sd: number | null } | undefined, isBest: boolean): string {
  if (value === undefined) return '--'
  const mean = isBest ? `\\mathbf{${value.mean.toFixed(4)}}` : value.mean.toFixed(4)
  return `$${mean}${value.sd === null ? '' : ` \\pm ${value.sd.toFixed(4)}`}$`
}

const LATEX: Readonly<Record<string, string>> = { '\\': '\\textbackslash{}', '~': '\\textasciitilde{}', '^': '\\textasciicircum{}' }
const escaped = (text: string): string => text.replace(/[\\~^&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`)
