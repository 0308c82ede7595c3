/** A verdict as text: what can be said, from how much, and what it would take to say more. Computed in `evaluation/verdict.ts`. */
import type { VerdictResult } from '../../contract/verbs.ts'
import { protocolLine, slicesTable } from '../measures.ts'
import { counted, metric, pairs, signed, style } from '../table.ts'

export function showVerdict(v: VerdictResult): string {
  const { low, high, level } = v.interval
  const side = ({ name, runs, seeds, mean, sd }: VerdictResult['a']): string => {
    const of = seeds.length > 1 ? `${seeds.length} seeds` : runs[0]!
    return `${metric(mean)}${sd === null ? '' : ` ± ${metric(sd)}`}  ${name} (${of})`
  }
  return [
    style('bold', sentence(v)),
    pairs([
      ['A', side(v.a)],
      ['B', side(v.b)],
      [`${v.metric}, B less A`, `${signed(v.difference)}, ${(100 * level).toFixed(0)} % interval ${signed(low)} to ${signed(high)}`],
      ['p', `${v.p.toPrecision(2)} of no difference, ${v.pWithin.toPrecision(2)} of one of ${metric(v.within)} and more`],
      ['from', `${counted(v.users, 'users')}; other seeds make ${(100 * v.seedShare).toFixed(0)} % of the uncertainty`],
      ['to tell', needs(v)],
    ]),
    protocolLine(v.protocol),
    slicesTable(v.slices, { a: 'A', level, correction: 'Holm' }),
  ].join('\n\n')
}

function sentence({ verdict, a, b, within, difference, of, metric: name }: VerdictResult): string {
  const scope = of === 'recipes' ? '' : ' (these runs; of other seeds nothing is known)'
  switch (verdict) {
    case 'different':
      return `Different: ${difference > 0 ? `B (${b.name}) is better` : `A (${a.name}) is better`} by ${name}${scope}.`
    case 'same':
      return `The same within ± ${metric(within)} ${name}${scope}.`
    case 'unknown':
      return `Cannot say yet whether they differ by ${name}${scope}.`
  }
}

/** The users and seeds that would tell a difference as great as the margin. */
function needs({ needed: { power, users, seeds }, within, users: there }: VerdictResult): string {
  const ways = [
    ...(users === null ? [] : [users <= there ? 'the users there are' : counted(users, 'users')]),
    ...(seeds === null ? [] : [`${counted(seeds, 'seeds')} each`]),
  ]
  const enough = ways.length === 0 ? 'neither more users nor more seeds alone would do' : ways.join(' or ')
  return `a difference of ${metric(within)} in ${(100 * power).toFixed(0)} of 100 cases: ${enough}`
}
