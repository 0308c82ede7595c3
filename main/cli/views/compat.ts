/** Two trainings mixed with each other, as text: what is to be done first, then each pairing, then how far lists change. */
import type { CompatCell, CompatResult } from '../../contract/verbs/compat.ts'
import { protocolLine } from '../measures.ts'
import { count, counted, metric, pairs, right, signed, style, table } from '../table.ts'

export function showCompat(result: CompatResult): string {
  const { a, b, k, users, items, cells, unmixed, unaligned, churn, protocol } = result
  const names = { a: `A ${a.name} ${a.run}`, b: `B ${b.name} ${b.run}` }
  const of = ({ value, difference, low, high }: CompatCell['recall'], isFirst: boolean): string[] =>
    isFirst ? [metric(value), ''] : [metric(value), `${signed(difference)} [${signed(low)}, ${signed(high)}]`]
  const spread = ({ mean, p10, p50, p90 }: CompatResult['churn']['rbo'], digits: number): string =>
    `mean ${mean.toFixed(digits)}, tenths ${p10.toFixed(digits)} – ${p50.toFixed(digits)} – ${p90.toFixed(digits)}`
  return [
    style('bold', adviceText(result)),
    pairs([
      ['A', names.a],
      ['B', names.b],
      ['items', `${count(items.both)} in both, ${count(items.onlyA)} in A alone, ${count(items.onlyB)} in B alone`],
    ]),
    table(
      ['users', 'items', '', right(`recall@${k}`), 'less A, 95 %', right(`ndcg@${k}`), 'less A, 95 %'],
      cells.map((cell, i) => [
        cell.users.toUpperCase(),
        cell.items.toUpperCase(),
        cell.isAligned ? 'B rotated onto A' : '',
        ...of(cell.recall, i === 0),
        ...of(cell.ndcg, i === 0),
      ]),
    ),
    ...[unmixed, unaligned === null ? null : `No rotation: ${unaligned}`].flatMap((why) => (why === null ? [] : [style('dim', why)])),
    pairs([
      [`new of ${k}`, spread(churn.replaced, 1)],
      ['Jaccard', spread(churn.jaccard, 3)],
      ['RBO', `${spread(churn.rbo, 3)} (rank-biased overlap, p 0.9)`],
      ['changed most', churn.most.map(({ user, replaced }) => `${user} (${replaced} new)`).join(', ')],
    ]),
    protocolLine(protocol),
    style('dim', `${counted(users, 'users')} that both know`),
  ].join('\n')
}

function adviceText({ advice, margin, a, b, unmixed }: CompatResult): string {
  const within = `${(100 * margin).toFixed(0)} % of A's recall and NDCG`
  switch (advice) {
    case 'mix':
      return `May be mixed: either tower on the other's index keeps within ${within}.`
    case 'align':
      return `May be mixed once B is rotated onto A (pylon export --run ${b.run} --align-to ${a.run}): that keeps within ${within}. As they are: swap both together.`
    case 'together':
      if (unmixed !== null) return "Swap both together: a tower cannot be asked on the other's index at all."
      return `Swap both together: a tower on the other's index loses more than ${within}.`
  }
}
