/** Skew as text: what was found and what it costs first, then what is as it was. */
import type { SkewResult, SkewRow } from '../../contract/verbs/skew.ts'
import { protocolLine } from '../measures.ts'
import { count, metric, right, style, table } from '../table.ts'

export function showSkew(result: SkewResult): string {
  const { rows, requests, refused, lost, unread, from, to, ageDays, absentItems, value, users, protocol, metric: name } = result
  const span = from === null || to === null ? '' : ` from ${from.slice(0, 16)} to ${to.slice(0, 16)}`
  const rest = [
    `${count(refused)} refused`,
    ...(lost > 0 ? [`${count(lost)} not kept`] : []),
    ...(unread > 0 ? [`${count(unread)} lines unread`] : []),
  ]
  const parts = [`${count(requests)} requests${span}, ${rest.join(', ')}`]
  if (ageDays !== null) parts.push(`the last of them ${ageDays.toFixed(1)} days after what the model has learned from`)
  const found = rows.filter(({ skew }) => skew !== 'none')
  parts.push(
    rows.length === 0
      ? 'Nothing to compare: fewer than 20 requests say anything.'
      : table(
          ['', 'what', right('before'), right('now'), right('PSI'), right('q'), right(`${name} lost, 95 %`)],
          rows.map((row) => [`${row.side}.${row.name}`, ...difference(row), row.psi.toFixed(3), row.adjusted.toFixed(3), costText(row)]),
        ),
    found.length === 0
      ? 'No skew was found.'
      : `${found.length} of ${rows.length} differ at a false discovery rate of 5 %: a PSI of 0.1 or more, or 1 % more unknown`,
  )
  if (absentItems.length > 0)
    parts.push(`Not in the index: ${absentItems.map(({ item, times }) => `${item} (${count(times)}×)`).join(', ')}`)
  parts.push(protocolLine(protocol), style('dim', `${name} ${metric(value)} of ${count(users)} held-out users as they are`))
  return parts.join('\n')
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function difference({ skew, unknown, missing, median, isTime, size }: SkewRow): [string, string, string] {
  const pair = (what: string, of: { before: number; now: number } | null, text: (value: number) => string): [string, string, string] => [
    what,
    of === null ? '' : text(of.before),
    of === null ? '' : text(of.now),
  ]
  const told = (value: number, digits: number): string =>
    isTime ? new Date(1000 * value).toISOString().slice(0, 16) : value.toPrecision(digits)
  switch (skew) {
    case 'unknown':
      return pair('unknown', unknown, percent)
    case 'stale':
      return pair('not in the index', unknown, percent)
    case 'missing':
      return pair('missing', missing, percent)
    case 'scaled':
      return pair(`times ${size!.toPrecision(3)}`, median, (value) => value.toPrecision(4))
    case 'shifted':
      return pair(`shifted by ${isTime ? `${(size! / 86_400).toFixed(1)} days` : size!.toPrecision(4)}`, median, (value) => told(value, 6))
    case 'distribution':
      return pair('distributed otherwise', median, (value) => told(value, 4))
    case 'none':
      return ['', '', '']
  }
}

const costText = ({ cost }: SkewRow): string => (cost === null ? '' : `${metric(cost.drop)} [${metric(cost.low)}, ${metric(cost.high)}]`)
