/** The lists of one query over epochs and runs: a row an item, a column a time, ranks in the cells; or all of it as CSV. */
import { csvCell } from '../../contract/csv.ts'
import type { FlowResult } from '../../contract/verbs/flow.ts'
import { right, shorten, style, table } from '../table.ts'

export function showFlow(flow: FlowResult): string {
  const { query, columns, items, without, k } = flow
  if (flow.csv) return csv(flow)
  const runs = new Set(columns.map(({ run }) => run))
  const headings = columns.map(({ name, epoch, isBest }, i) => {
    const at = epoch === null ? 'served' : `${epoch}${isBest ? '*' : ''}`
    return right(runs.size > 1 && columns[i - 1]?.run !== columns[i]!.run ? `${shorten(name, 16)} ${at}` : at)
  })
  return [
    `Nearest to ${query.side} ${query.id}${query.title === null ? '' : ` (${query.title})`}: ranks after epochs, and as the run is served`,
    table(
      ['item', 'title', ...headings],
      items.map(({ item, title, ranks }) => [item, shorten(title ?? '', 40), ...ranks.map((rank) => cell(rank, k))]),
    ),
    style('dim', 'exact search over all items; * the best epoch on validation; ranks beyond the list are dim'),
    ...without.map(
      ({ name, run, why, known }) =>
        `${style('yellow', 'without epochs:')} ${name} ${run} ${
          why === 'none'
            ? 'keeps no vectors of its epochs (the setting epochVectorsMb, or trained by an earlier version).'
            : `follows other users: ${known.join(', ')}, … Ask one of them, or an item.`
        }`,
    ),
  ].join('\n')
}

function cell(rank: number | null, k: number): string {
  if (rank === null) return '–'
  return rank > k ? style('dim', String(rank)) : String(rank)
}

function csv({ columns, items }: FlowResult): string {
  const lines = items.flatMap(({ item, title, popularity, ranks, scores }) =>
    columns.map(({ run, name, epoch }, i) => [run, name, epoch, item, title, popularity, ranks[i]!, scores[i]!]),
  )
  return [['run', 'name', 'epoch', 'item', 'title', 'popularity', 'rank', 'score'], ...lines]
    .map((line) => line.map(csvCell).join(','))
    .join('\n')
}
