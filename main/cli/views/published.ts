/** Published results beside a run, and the evaluator's proof by them, as text. */
import type { VerbOutput } from '../../contract/verbs.ts'
import type { ProofResult } from '../../contract/verbs/published.ts'
import { protocolLine } from '../measures.ts'
import { duration, metric, right, signed, style, table } from '../table.ts'

export function showPublished({ run, metrics, split }: VerbOutput<'runs.published'>): string {
  if (split === null)
    return `No published results: the data of ${run} is no published split that Pylon knows, or was measured by another protocol than theirs.`
  const names = [...new Set(split.results.flatMap((each) => Object.keys(each.metrics)))]
  const shown = (value: number | undefined): string => (value === undefined ? '–' : metric(value))
  const less = (own: number | undefined, value: number | undefined): string =>
    value === undefined || own === undefined ? '–' : signed(own - value)
  return [
    `${style('bold', split.name)}  ${split.source}`,
    table(
      ['model', ...names.flatMap((name) => [right(name), right('run less it')]), 'source'],
      [
        [style('bold', run), ...names.flatMap((name) => [shown(metrics[name]), '']), 'this run'],
        ...split.results.map(({ model, metrics: of, source }) => [
          model,
          ...names.flatMap((name) => [shown(of[name]), less(metrics[name], of[name])]),
          source,
        ]),
      ],
    ),
    'Published figures are of one run or of several, mostly with the epoch chosen on the test part; all items ranked, items of train masked.',
  ].join('\n\n')
}

export function showProof({ split, protocol, checks, isProved }: ProofResult): string {
  return [
    `${style('bold', split)}: each model fitted here by its published settings, and measured as every run is`,
    table(
      ['model', 'settings', 'metric', right('published'), right('found'), 'to four digits', right('time'), 'source'],
      checks.flatMap(({ model, settings, source, seconds, figures }) =>
        figures.map(({ metric: name, published, found, isEqual }, i) => [
          ...(i === 0 ? [model, settings] : ['', '']),
          name,
          metric(published),
          metric(found),
          isEqual ? 'equal' : style('red', 'DIFFERENT'),
          ...(i === 0 ? [duration(seconds), source] : []),
        ]),
      ),
    ),
    protocolLine(protocol),
    isProved
      ? 'The evaluator finds what was published.'
      : style('red', 'The evaluator does not find what was published: trust no number of this machine before the cause is known.'),
  ].join('\n\n')
}
