/** Runs of other trackers as text: a table of the metrics that their sources told. */
import { inMetricOrder } from '../../contract/metrics.ts'
import type { TrackedImportResult, TrackedSummary } from '../../contract/verbs/tracked.ts'
import { count, counted, metric, right, shorten, style, table } from '../table.ts'

const COLUMNS = 8

export function showTracked(tracked: readonly TrackedSummary[]): string {
  if (tracked.length === 0) return 'No tracked runs. Bring some in: pylon import-tracked mlflow.db --dataset NAME'
  const all = inMetricOrder(new Set(tracked.flatMap(({ metrics }) => Object.keys(metrics))))
  const shown = all.slice(0, COLUMNS)
  const rows = tracked.map((run) => [
    run.tracked,
    shorten(run.name, 40),
    run.kind,
    run.dataset,
    ...shown.map((name) => metric(run.metrics[name])),
  ])
  return [
    table(['tracked', 'name', 'from', 'dataset', ...shown.map((name) => right(shorten(name, 24)))], rows),
    style(
      'yellow',
      'Not measured by Pylon: the last numbers that their sources told, by protocols that are not known. Nothing ranks them.',
    ),
    ...(all.length > shown.length ? [style('dim', `${count(all.length - shown.length)} more metrics are in --json.`)] : []),
  ].join('\n')
}

export function showTrackedImport({ version, tracked, replaced, notes }: TrackedImportResult): string {
  const said = replaced === 0 ? '' : `, ${count(replaced)} of them in place of what was here before`
  return [
    `${counted(tracked.length, 'runs')} (${version})${said}.`,
    ...notes.map((note) => `note: ${note}`),
    '',
    showTracked(tracked),
  ].join('\n')
}
