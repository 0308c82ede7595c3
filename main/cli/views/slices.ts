/** Slices that explain the difference of two runs, as text. */
import type { FoundSlice, SlicesResult } from '../../contract/verbs/slices.ts'
import { protocolLine } from '../measures.ts'
import { count, counted, metric, pairs, right, signed, style, table } from '../table.ts'

export function showSlices({ a, b, metric: name, users, difference, looked, found, fdr, protocol }: SlicesResult): string {
  const head = pairs([
    ['A', `${style('bold', a.run)}  ${a.name}`],
    ['B', `${style('bold', b.run)}  ${b.name}`],
    [name, `B less A ${signed(difference)} over ${counted(users, 'users')}`],
  ])
  const rate = `${100 * fdr} %`
  if (found.length === 0)
    return [
      head,
      `None of ${count(looked)} slices differs from the others at a false discovery rate of ${rate}.`,
      protocolLine(protocol),
    ].join('\n\n')
  return [
    head,
    table(
      [
        'slice',
        right('users'),
        right(`${name} A`),
        right('B'),
        right('B less A'),
        right('others'),
        right('excess, 95 %'),
        right('of the change'),
        right('q'),
      ],
      found.map((slice) => [
        sliceName(slice),
        count(slice.users),
        metric(slice.meanA),
        metric(slice.meanB),
        signed(slice.difference),
        signed(slice.rest),
        `${signed(slice.excess)} [${signed(slice.low)}, ${signed(slice.high)}]`,
        slice.share === null ? '–' : `${(100 * slice.share).toFixed(0)} %`,
        slice.adjusted.toPrecision(2),
      ]),
    ),
    `${count(found.length)} of ${count(looked)} slices, at a false discovery rate of ${rate}; the surest first`,
    protocolLine(protocol),
  ].join('\n\n')
}

function sliceName({ side, column, test }: FoundSlice): string {
  const what = `${side}.${column}`
  if (test.kind === 'missing') return `${what} missing`
  if (test.kind === 'value') return `${what} = ${test.value}`
  if (test.kind === 'time') return `${what} ${day(test.from)} to ${day(test.to)}`
  return test.from === test.to ? `${what} = ${number(test.from)}` : `${what} ${number(test.from)} to ${number(test.to)}`
}

const day = (seconds: number): string => new Date(1000 * seconds).toISOString().slice(0, 10)
const number = (value: number): string => String(Number(value.toPrecision(6)))
