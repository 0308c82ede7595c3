/** Answers about segments as text. */
import type { VerbOutput } from '../../contract/verbs.ts'
import type { MeasuredSegment, SegmentSummary } from '../../contract/verbs/segments.ts'
import { protocolLine } from '../measures.ts'
import { count, counted, formatTime, metric, right, shorten, style, table } from '../table.ts'

const TITLE_WIDTH = 60

export const segmentViews = {
  'segments.list': ({ segments }: VerbOutput<'segments.list'>): string =>
    segments.length === 0
      ? 'No segments yet. Keep items under a name: pylon segments save NAME --dataset NAME --ids ID,ID, or draw around them on the map.'
      : segmentTable(segments),

  'segments.save': (segment: SegmentSummary): string =>
    [segmentTable([segment]), style('dim', `How a run does on it: pylon segments measure ${segment.segment} --runs RUN`)].join('\n\n'),

  'segments.edit': (segment: SegmentSummary): string => segmentTable([segment]),

  'segments.show': ({ entities, missing, ...segment }: VerbOutput<'segments.show'>): string =>
    [
      segmentTable([segment]),
      ...(missing === 0 ? [] : [`${style('yellow', 'warning:')} dataset ${segment.dataset} no longer has ${count(missing)} of them.`]),
      table(
        ['item', 'title', right('popularity')],
        entities.map(({ id, title, popularity }) => [id, title === null ? '' : shorten(title, TITLE_WIDTH), count(popularity)]),
      ),
      ...(entities.length + missing < segment.items
        ? [style('dim', `The ${entities.length} most popular; all of them: pylon segments export`)]
        : []),
    ].join('\n\n'),

  'segments.measure': ({ name, items, protocol, runs }: MeasuredSegment): string => {
    const metrics = [...new Set(runs.flatMap(({ inside, outside }) => [...Object.keys(inside.metrics), ...Object.keys(outside.metrics)]))]
    const rows = runs.flatMap((run) =>
      (['inside', 'outside'] as const).map((side, i) => [
        i === 0 ? run.name : '',
        side === 'inside' ? (name ?? 'these') : 'all others',
        count(run[side].users),
        count(run[side].held),
        ...metrics.map((each) => metric(run[side].metrics[each])),
      ]),
    )
    return [
      `${name === null ? '' : `${style('bold', name)}: `}${counted(items, 'items')}. The same lists, of each user only the held-out items of that kind.`,
      table(['run', 'items', right('users'), right('held out'), ...metrics.map(right)], rows),
      protocolLine(protocol),
    ].join('\n\n')
  },

  'segments.export': ({ path, items }: VerbOutput<'segments.export'>): string => `Wrote ${counted(items, 'items')} to ${path}.`,

  'segments.delete': ({ deleted, forever }: VerbOutput<'segments.delete'>): string =>
    `Deleted segment ${deleted}${forever ? ' for good' : `. Take it back with: pylon trash restore ${deleted}`}.`,
}

function segmentTable(segments: readonly SegmentSummary[]): string {
  return table(
    ['segment', 'name', 'dataset', right('items'), 'tags', 'made'],
    segments.map(({ segment, name, dataset, items, tags, createdAt }) => [
      segment,
      name,
      dataset,
      count(items),
      tags.join(', '),
      formatTime(createdAt),
    ]),
  )
}
