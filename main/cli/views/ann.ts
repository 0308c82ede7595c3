/** ANN indexes and the curve of recall against latency as text. */
import type { AnnCurve, IndexInfo } from '../../contract/shapes/ann.ts'
import { bytes, count, counted, pairs, right, style, table } from '../table.ts'

export function showIndex({ name, metric, dim, spec, count: items, bytes: size, memoryBytes, buildSeconds }: IndexInfo): string {
  return pairs([
    ['index', style('bold', name)],
    ['items', `${count(items)} vectors of ${dim}, ${metric}, ${spec.scalar}`],
    ['graph', `connectivity ${spec.connectivity}, expansion ${spec.expansionAdd} to add, ${spec.expansionSearch} to search`],
    ['size', `${bytes(size)} on disk, about ${bytes(memoryBytes)} in memory`],
    ...(buildSeconds === null ? [] : [['built in', `${buildSeconds.toFixed(1)} s`] as const]),
  ])
}

export function showCurve(curve: AnnCurve): string {
  const { k, queries, items, dim, metric, connectivity, expansionAdd, exactP50Ms, builds, points, target, tuned } = curve
  const percent = (part: number, whole: number): string => ((100 * part) / Math.max(1, whole)).toFixed(2)
  return [
    table(
      [
        'scalar',
        right('expansion'),
        right(`recall@${k} %`),
        right('95 %'),
        right('of items %'),
        right('lost to quantisation %'),
        right('to the graph %'),
        right('p50 ms'),
        right('least … most'),
        right('p99 ms'),
        '',
      ],
      points.map(({ scalar, expansionSearch, recall, recallRange, itemRecall, loss, p50Ms, p50Range, p99Ms }) => [
        scalar,
        count(expansionSearch),
        (100 * recall).toFixed(2),
        span(recallRange, 100, 2),
        itemRecall === null ? '–' : (100 * itemRecall).toFixed(2),
        percent(loss.quantisation, loss.hits),
        percent(loss.graph, loss.hits),
        p50Ms.toFixed(3),
        span(p50Range, 1, 3),
        p99Ms.toFixed(3),
        tuned?.scalar === scalar && tuned.expansionSearch === expansionSearch ? 'fastest at the target' : '',
      ]),
    ),
    ...(target === null
      ? []
      : [
          tuned === null
            ? `No setting reaches a recall of ${target}.`
            : `Fastest with a recall of ${target}: ${tuned.scalar}, expansion ${tuned.expansionSearch}.`,
        ]),
    table(
      ['scalar', right('size'), right('built in s')],
      builds.map(({ scalar, bytes: size, buildSeconds }) => [scalar, bytes(size), buildSeconds.toFixed(1)]),
    ),
    style(
      'dim',
      `${counted(queries, 'queries')} against ${counted(items, 'items')} of ${dim} by ${metric}, connectivity ${connectivity}, expansion ${expansionAdd} to add; exact search takes ${exactP50Ms.toFixed(2)} ms`,
    ),
  ].join('\n\n')
}

const span = (range: readonly [number, number] | null, by: number, digits: number): string =>
  range === null ? '–' : range.map((value) => (by * value).toFixed(digits)).join(' … ')
