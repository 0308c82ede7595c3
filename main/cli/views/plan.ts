/** What an index will cost at other numbers of items, how well that was predicted, and searches under filters, as tables. */
import type { PlanResult } from '../../contract/verbs/index-plan.ts'
import { bytes, count, counted, right, style, table } from '../table.ts'

export function showPlan({ k, queries, spec, metric, dim, measured, check, asked, exactP50Ms, filters }: PlanResult): string {
  const off = ({ predicted, measured: found }: { predicted: number; measured: number }): string => {
    const share = (100 * (predicted - found)) / found
    return `${share > 0 ? '+' : ''}${share.toFixed(1)} %`
  }
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
  return [
    table(
      [right('items'), right('memory'), right('p50 ms'), right('built in s'), ''],
      measured.map((at) => [count(at.items), bytes(at.bytes), at.p50Ms.toFixed(3), at.buildSeconds.toFixed(1), 'measured']),
    ),
    `Predicted of all items from its parts: memory ${off(check.bytes)}, p50 ${off(check.p50Ms)}, build ${off(check.buildSeconds)}`,
    table(
      [right('items'), right('memory'), right('p50 ms'), right('exact p50 ms'), right('built in s')],
      asked.map((at) => [count(at.items), bytes(at.bytes), at.p50Ms.toFixed(3), at.exactP50Ms.toFixed(2), count(at.buildSeconds)]),
    ),
    table(
      [
        right('filter lets through'),
        right('items'),
        right('served ms'),
        right(`recall@${k}`),
        right('all that fit ms'),
        right('index alone ms'),
        right('recall'),
      ],
      filters.map(({ share, items, served, scan, index }) => [
        percent(share),
        count(items),
        served.p50Ms.toFixed(3),
        percent(served.recall),
        scan.p50Ms.toFixed(3),
        index.p50Ms.toFixed(3),
        percent(index.recall),
      ]),
    ),
    style(
      'dim',
      `${counted(queries, 'queries')}, vectors of ${dim} by ${metric}, ${spec.scalar}, connectivity ${spec.connectivity}, expansion ${spec.expansionSearch}; exact search of all ${exactP50Ms.toFixed(3)} ms; items of a filter drawn at random`,
    ),
  ].join('\n\n')
}
