/** The part of a report that is of runs of other trackers: a table of its own, as told, with nothing marked in it. */
import { inMetricOrder } from '../../../contract/metrics.ts'
import type { TrackedSummary } from '../../../contract/verbs/tracked.ts'
import { type Column, type Markup, markup, table } from '../markup.ts'
import type { Speech } from '../words.ts'

/** Metrics that a page has room for. */
const COLUMNS = 6

export function trackedPart(tracked: readonly TrackedSummary[], speech: Speech): Markup | null {
  if (tracked.length === 0) return null
  const { words } = speech
  const names = inMetricOrder(new Set(tracked.flatMap(({ metrics }) => Object.keys(metrics)))).slice(0, COLUMNS)
  const columns: Column<TrackedSummary>[] = [
    { title: words.run, cell: ({ name }) => name },
    { title: words.trackedBy, cell: ({ version }) => version },
    ...names.map((metric): Column<TrackedSummary> => ({
      title: metric,
      num: true,
      cell: ({ metrics }) => (metrics[metric] === undefined ? '–' : speech.metric(metrics[metric])),
    })),
  ]
  return markup`${table(words.part.tracked, columns, tracked)}<p class="quiet">${words.notMeasured}</p>`
}
