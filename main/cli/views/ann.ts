/** ANN indexes and the curve of recall against latency as text. */
import type { AnnCurve, IndexInfo } from '../../contract/shapes/ann.ts'
import { bytes, count, pairs, right, style, table } from '../table.ts'

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
  const { k, queries, items, dim, metric, connectivity, expansionAdd, exactP50Ms, builds, points } = curve
  const percent = (part: number, whole: number): string => ((100 * part) / Math.max(1, whole)).toFixed(2)
  return [
    table(
      [
        'scalar',
        right('expansion'),
        right(`recall@${k} %`),
        right('lost to quantisation %'),
        right('to the graph %'),
        right('p50 ms'),
        right('p99 ms'),
      ],
      points.map(({ scalar, expansionSearch, recall, loss, p50Ms, p99Ms }) => [
        scalar,
        count(expansionSearch),
        (100 * recall).toFixed(2),
        percent(loss.quantisation, loss.hits),
        percent(loss.graph, loss.hits),
        p50Ms.toFixed(3),
        p99Ms.toFixed(3),
      ]),
    ),
    table(
      ['scalar', right('size'), right('built in s')],
      builds.map(({ scalar, bytes: size, buildSeconds }) => [scalar, bytes(size), buildSeconds.toFixed(1)]),
    ),
    style(
      'dim',
      `${count(queries)} queries against ${count(items)} items of ${dim} by ${metric}, connectivity ${connectivity}, expansion ${expansionAdd} to add; exact search takes ${exactP50Ms.toFixed(2)} ms`,
    ),
  ].join('\n\n')
}
