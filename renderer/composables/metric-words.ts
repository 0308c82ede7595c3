/** What a metric is, in a sentence: for headers that have room for its name alone. */
import { parseMetric } from '@contract/metrics.ts'
import { dynamic, t } from './texts.ts'

/** What the users or items of a slice are; '' for all of them. */
export function sliceTitle(slice: string): string {
  const width = /^dim(\d+)$/.exec(slice)?.[1]
  return width === undefined ? dynamic(`run.slice.${slice}`, slice) : t('run.widths.metrics', { n: width })
}

/** Of `cold.recall@20`: its name, cut-off, what it measures, and of whom; '' for what is no metric's name. */
export function metricHint(name: string): string {
  const read = parseMetric(name)
  if (read === null) return ''
  const { kind, k, slice } = read
  const hint = t('run.metricAt', { name: dynamic(`run.metric.${kind}`, kind), k, hint: dynamic(`run.metricHint.${kind}`, '') })
  return slice === '' ? hint : t('run.metricOf', { slice: sliceTitle(slice), hint })
}
