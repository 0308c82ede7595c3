/** The feature ledger of a run as text: a table for the permutations and for each retraining, what a column costs beside it. */
import type { Drop, LedgerResult, LedgerRow, Retrained } from '../../contract/verbs/ledger.ts'
import { protocolLine } from '../measures.ts'
import { bytes, counted, metric, right, style, table, type TableColumn } from '../table.ts'

export function showLedger({ metric: name, value, rows, users, repeats, protocol, ablation, run }: LedgerResult): string {
  const slices = rows[0]?.permuted.map(({ slice }) => slice) ?? []
  const titles: TableColumn[] = ['column', 'read as', ...slices.map((slice) => right(`${slice}, 95 %`))]
  const named = ({ side, column, features }: LedgerRow): string[] => [`${side}.${column}`, features.map(({ kind }) => kind).join(', ')]
  const parts = [
    `${name} ${metric(value)} as it is; below, what it loses where a column's values stand at other entities (${repeats} permutations)`,
    table(
      [...titles, right('bytes'), right('ms')],
      rows.map((row) => [
        ...named(row),
        ...row.permuted.map(dropText),
        bytes(row.bytes),
        row.milliseconds === null ? '–' : row.milliseconds.toFixed(0),
      ]),
    ),
    protocolLine(protocol),
    `${counted(users, 'users')}; * differs from 0 at a false discovery rate of 5 % over the table`,
  ]
  for (const [how, told] of [
    ['without', 'trained anew without the column'],
    ['shuffled', 'trained anew with its values at other entities'],
  ] as const) {
    const tried = rows.flatMap((row) => (row[how] === null ? [] : [{ row, retrained: row[how] }]))
    if (tried.length === 0) continue
    parts.push(
      `What it loses ${told}, on the validation part:`,
      table(
        [...titles, right('seeds'), right('s/epoch less'), ''],
        tried.map(({ row, retrained }) => [...named(row), ...slices.map((slice) => ofSlice(retrained, slice)), ...rest(retrained)]),
      ),
    )
  }
  if (ablation === null) parts.push(style('dim', `Trainings without each column: pylon ablate ${run}`))
  else parts.push(style('dim', `Trainings: search ${ablation.search}, ${ablation.state}, ${counted(ablation.trials, 'trials')}`))
  return parts.join('\n\n')
}

function ofSlice({ drops }: Retrained, slice: Drop['slice']): string {
  const drop = drops.find((each) => each.slice === slice)
  return drop === undefined ? '–' : dropText(drop)
}

function rest({ seeds, secondsLess, error }: Retrained): string[] {
  return [String(seeds.length), secondsLess === null ? '–' : secondsLess.toFixed(2), error ?? '']
}

function dropText({ drop, low, high, adjusted }: Drop): string {
  return `${metric(drop)} [${metric(low)}, ${metric(high)}]${adjusted <= 0.05 ? ' *' : '  '}`
}
