/** Runs side by side as text: a table a protocol, a row for the seeds of one spec, the best of a column where a test tells it from all others. */
import { labelOf, metricRows, type MetricRow } from '../../contract/metric-rows.ts'
import type { RunSummary } from '../../contract/shapes/run.ts'
import type { CompareResult } from '../../contract/verbs.ts'
import { protocolLine } from '../measures.ts'
import { showTracked } from './tracked.ts'
import { duration, metric, right, shorten, style, table } from '../table.ts'

export function showCompared({ groups, differences, marks, shown, each, tracked = [] }: CompareResult): string {
  const all = groups.flatMap((group) => group.runs)
  const parts = groups.map(({ protocol, runs }) => {
    const rows = metricRows(
      runs.map((run) => ({ ...run, label: labelOf(run, all) })),
      shown,
      !each,
    )
    const told = marks?.groups.find(({ protocol: hash }) => hash === protocol.hash)
    const best = new Map(
      Object.entries(told?.best ?? {}).map(([name, at]) => [name, rows.find(({ key }) => told!.rows[at]!.includes(key))?.key]),
    )
    return `${compareTable(rows, shown, best)}\n${protocolLine(protocol)}`
  })
  if (groups.length > 1) parts.push(style('yellow', `${groups.length} protocols: numbers of different tables must not be compared.`))
  parts.push(...aboutMarks({ groups, marks, shown, each }))
  if (tracked.length > 0) parts.push(showTracked(tracked))
  return [...parts, ...aboutConfigs(all, differences)].join('\n\n')
}

/** Rows of one protocol. @param best by metric, the key of the row that is marked */
function compareTable(rows: readonly MetricRow[], names: readonly string[], best: ReadonlyMap<string, string | undefined>): string {
  const columns = names.map((name) => {
    const hasSd = rows.some(({ values }) => (values.get(name)?.sd ?? null) !== null)
    return (row: MetricRow): string => {
      const value = row.values.get(name)
      const isBest = best.get(name) === row.key
      const mean = metric(value?.mean)
      // deviations and marks have places of their own, so that the means of all rows stand beneath each other
      const sd = hasSd ? (value?.sd == null ? '         ' : ` ± ${metric(value.sd)}`) : ''
      return `${isBest ? style('bold', mean) : mean}${sd}${best.has(name) ? (isBest ? ' best' : '     ') : ''}`
    }
  })
  return table(
    ['run', 'name', ...names.map(right), right('time')],
    rows.map((row) => {
      const { runs, label } = row
      const seconds = runs.reduce((sum, run) => sum + run.seconds, 0) / runs.length
      const [id, name] = runs.length === 1 ? [runs[0]!.run, label] : [runs[0]!.family, `${label} (${runs.length} seeds)`]
      return [id, shorten(name, 40), ...columns.map((cell) => cell(row)), duration(seconds)]
    }),
  )
}

/** What "best" says, and why there is none where there is none. */
function aboutMarks({ groups, marks, each }: Pick<CompareResult, 'groups' | 'marks' | 'shown' | 'each'>): string[] {
  const rowsOf = (runs: readonly RunSummary[]): number => new Set(runs.map(({ run, family }) => (each ? run : family))).size
  if (marks === null || groups.every(({ runs }) => rowsOf(runs) < 2)) return []
  const notes: string[] = []
  if (marks.groups.some(({ best }) => Object.keys(best).length > 0))
    notes.push('best: told from each other row, over users and seeds, corrected over the table (Benjamini & Hochberg, 5 %)')
  else if (marks.groups.length > 0) {
    notes.push('No figure is told from all others beyond chance, so none is marked.')
    if (marks.groups.some(({ rows }) => rows.some((seeds) => seeds.length === 2)))
      notes.push('Two seeds say next to nothing of how much seeds differ: train a third, or see each run by itself (--each).')
  }
  if (marks.unranked.length > 0)
    notes.push(
      `${style('yellow', 'No marks')} where ${marks.unranked.join(', ')} ${marks.unranked.length === 1 ? 'stands' : 'stand'}: the test goes by where held-out items rank, which is not kept of ${marks.unranked.length === 1 ? 'it' : 'them'} yet. Seconds each: pylon rank ${marks.unranked.join(' ')}`,
    )
  if (marks.failed !== null) notes.push(`${style('yellow', 'No marks:')} ${marks.failed}`)
  return notes
}

function aboutConfigs(all: readonly RunSummary[], differences: CompareResult['differences']): string[] {
  const oneModel = new Set(all.map((run) => run.model)).size === 1
  const told = differences.filter(
    ({ values }) => oneModel || new Set(values.filter((value) => value !== undefined).map((value) => JSON.stringify(value))).size > 1,
  )
  const parts: string[] = []
  if (told.length > 0) {
    const rows = told.map(({ path, values }) => [path, ...values.map(cell)])
    parts.push(table(['config', ...all.map((run) => labelOf(run, all))], rows))
  }
  if (told.length < differences.length)
    parts.push(style('dim', `${differences.length - told.length} values that only one of the models has are in --json.`))
  return parts
}

function cell(value: unknown): string {
  return value === undefined ? '–' : shorten(typeof value === 'string' ? value : JSON.stringify(value), 40)
}
