/** Runs as rows of a metric table: a run each, or the mean and standard deviation over the seeds of one config. */
import type { RunSummary } from './shapes/run.ts'

/** A run with a label that no other of the table has. */
export type LabelledRun = RunSummary & { readonly label: string }

export interface MetricRow<R extends LabelledRun = LabelledRun> {
  readonly key: string
  readonly label: string
  readonly runs: readonly R[]
  /** by metric; sd (over n - 1) is null for a single run */
  readonly values: ReadonlyMap<string, { readonly mean: number; readonly sd: number | null }>
}

/** @param grouped one row a config, else one a run */
export function metricRows<R extends LabelledRun>(runs: readonly R[], metrics: readonly string[], grouped: boolean): MetricRow<R>[] {
  const families = [...Map.groupBy(runs, (run) => (grouped ? run.family : run.run)).values()]
  return families.map((members) => ({
    key: members[0]!.run,
    label: members.length === 1 ? members[0]!.label : members[0]!.name,
    runs: members,
    values: new Map(
      metrics.flatMap((metric) => {
        const values = members.flatMap((run) => run.metrics[metric] ?? [])
        return values.length < members.length ? [] : [[metric, spread(values)] as const]
      }),
    ),
  }))
}

function spread(values: readonly number[]): { mean: number; sd: number | null } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  if (values.length < 2) return { mean, sd: null }
  return { mean, sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)) }
}

/** A run's name, with the seed or the id where another of the table has the same. */
export function labelOf(run: RunSummary, among: readonly RunSummary[]): string {
  const same = among.filter(({ name }) => name === run.name)
  if (same.length === 1) return run.name
  if (run.seed !== null && same.filter(({ seed }) => seed === run.seed).length === 1) return `${run.name} #${run.seed}`
  return `${run.name} ${run.run}`
}
