/** The popularity dial as a table: a row a λ, those that are beaten in nothing marked, and how to keep one. */
import type { DialResult } from '../../contract/verbs/dial.ts'
import { protocolLine } from '../measures.ts'
import { counted, metric, right, style, table } from '../table.ts'

const SHOWN = ['ndcg@20', 'recall@20', 'ips@20', 'head.recall@20', 'tail.recall@20', 'cold.recall@20', 'coverage@20', 'gini@20'] as const

export function showDial({ run, points, users, protocol }: DialResult): string {
  const names = SHOWN.filter((name) => points.some(({ metrics }) => metrics[name] !== undefined))
  return [
    table(
      [right('λ'), ...names.map((name) => right(name)), ''],
      points.map(({ lambda, metrics, isPareto }) => [
        String(lambda),
        ...names.map((name) => metric(metrics[name])),
        [lambda === 0 ? 'as it is' : '', isPareto ? 'no other is better in both ndcg and coverage' : '']
          .filter((text) => text !== '')
          .join(', '),
      ]),
    ),
    protocolLine(protocol),
    `${counted(users, 'users')} of the validation part, by vectors of train alone`,
    style('dim', `Keep one: pylon blend ${run} --popularity λ`),
  ].join('\n')
}
