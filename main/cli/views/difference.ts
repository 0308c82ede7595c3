/**
 * The difference of two runs user by user, as text: mean difference with its bootstrap interval and randomisation test, by slices, for
 * whom ranks rose or fell, and the users of the largest differences. "B less A" is B's value minus A's. Computed in `evaluation/difference.ts`.
 */
import type { DifferenceResult, DifferenceUser } from '../../contract/verbs.ts'
import { protocolLine, slicesTable } from '../measures.ts'
import { count, metric, pairs, right, shorten, signed, style, table } from '../table.ts'

/** Width of the longest bar of the histogram. */
const BAR = 40

export function showDifference(d: DifferenceResult): string {
  const sameName = d.a.name === d.b.name
  const name = (run: DifferenceResult['a']): string => (sameName ? `${run.name} ${run.run}` : run.name)
  const share = (users: number): string => `${count(users)} (${((100 * users) / Math.max(1, d.users)).toFixed(1)} %)`
  const { low, high, level, samples } = d.interval
  const parts = [
    pairs([
      ['A', `${style('bold', d.a.run)}  ${d.a.name}`],
      ['B', `${style('bold', d.b.run)}  ${d.b.name}`],
      [d.metric, `A ${metric(d.meanA)}, B ${metric(d.meanB)}, B less A ${signed(d.difference)}`],
      [`${(100 * level).toFixed(0)} % interval`, `${signed(low)} to ${signed(high)} (paired bootstrap, ${count(samples)} samples)`],
      ['p', `${d.randomisation.p.toPrecision(2)} (paired randomisation, ${count(d.randomisation.samples)} sign patterns)`],
      ['users', `${count(d.users)}: B better for ${share(d.wins)}, worse for ${share(d.losses)}, equal for ${share(d.ties)}`],
      [
        'ranks',
        `better ${count(d.ranks.better)}, worse ${count(d.ranks.worse)}, same ${count(d.ranks.same)}, no rank ${count(d.ranks.unranked)}; median A ${d.ranks.medianA ?? '–'}, B ${d.ranks.medianB ?? '–'}`,
      ],
    ]),
    protocolLine(d.protocol),
    slicesTable(
      d.slices,
      { a: `${d.metric} A`, level: 0.95, correction: 'BH' },
      { heads: ['better', 'worse', 'equal'], cells: d.slices.map(({ wins, losses, ties }) => [wins, losses, ties].map(count)) },
    ),
    histogram(d.histogram),
  ]
  if (d.gained.length > 0) parts.push(`${style('bold', `B ranks higher: ${name(d.b)}`)}\n${usersTable(d.gained, d.metric)}`)
  if (d.lost.length > 0) parts.push(`${style('bold', `A ranks higher: ${name(d.a)}`)}\n${usersTable(d.lost, d.metric)}`)
  return parts.join('\n\n')
}

function usersTable(users: readonly DifferenceUser[], name: string): string {
  return table(
    [
      'user',
      right('history'),
      right('held out'),
      'held-out item',
      right('rank A'),
      right('rank B'),
      right('change'),
      right(`${name} A`),
      right('B'),
    ],
    users.map((u) => [
      u.user,
      count(u.history),
      count(u.held),
      shorten(u.item.title ?? u.item.id, 40),
      u.rankA === null ? '–' : count(u.rankA),
      u.rankB === null ? '–' : count(u.rankB),
      u.change === null ? '–' : `${u.change > 0 ? '+' : ''}${count(u.change)}`,
      metric(u.valueA),
      metric(u.valueB),
    ]),
  )
}

function histogram(bars: DifferenceResult['histogram']): string {
  const largest = Math.max(1, ...bars.map(({ users }) => users))
  const range = (from: number, to: number): string => (from === to ? count(from) : `${count(from)} to ${count(to)}`)
  return table(
    [right('change of rank'), right('users'), ''],
    bars.map(({ from, to, users }) => [range(from, to), count(users), '█'.repeat(Math.round((BAR * users) / largest))]),
  )
}
