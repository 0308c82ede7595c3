/** A rolling backtest as text: each policy over the periods, what it cost and brought, and the decay of a model left alone. */
import type { VerbOutput } from '../../contract/verbs.ts'
import type { BacktestResult } from '../../contract/verbs/backtest.ts'
import { count, duration, formatTime, metric, right, signed, style, table } from '../table.ts'

export function showBacktest({ dataset, metric: name, folds, recipes }: BacktestResult): string {
  const day = (seconds: number): string => new Date(1000 * seconds).toISOString().slice(0, 10)
  const parts = [
    `${style('bold', dataset)}: ${name} in ${folds.length} periods, each model trained on what lies before`,
    table(
      ['period', 'to', right('trained on'), right('held out'), 'protocol'],
      folds.map(({ cut, end, trained, held, protocol }) => [day(cut), day(end), count(trained), count(held), protocol]),
    ),
  ]
  for (const { recipe, policies, decay, halfLifeDays } of recipes) {
    parts.push(
      style('bold', recipe),
      table(
        ['retrained', ...folds.map(({ cut }) => right(day(cut))), right('mean'), right('gain, 95 %'), right('training')],
        policies.map(({ policy, values, mean, gain, seconds }) => [
          policy,
          ...values.map(({ value }) => metric(value)),
          metric(mean),
          policy === 'never' ? '' : `${signed(gain.mean)} [${signed(gain.low)}, ${signed(gain.high)}]`,
          duration(seconds),
        ]),
      ),
      table(
        [right('age, days'), right('of the fresh model'), right('models')],
        decay.map(({ days, share, pairs }) => [days.toFixed(1), `${(100 * share).toFixed(1)} %`, String(pairs)]),
      ),
      halfLifeDays === null
        ? 'Nothing is lost with age.'
        : `At this rate half is left after ${halfLifeDays.toFixed(1)} days (measured: ${(decay.at(-1)?.days ?? 0).toFixed(1)} days).`,
    )
  }
  return parts.join('\n\n')
}

export function showBacktests({ backtests }: VerbOutput<'backtests.list'>): string {
  if (backtests.length === 0) return 'No backtests yet. Start one: pylon backtest DATASET --recipe two-tower,most-popular'
  return table(
    ['backtest', 'dataset', 'recipes', 'metric', right('periods'), 'state', right('done'), 'started'],
    backtests.map((each) => [
      each.backtest,
      each.dataset,
      each.recipes.join(', '),
      each.metric,
      String(each.folds),
      each.state,
      `${each.done}/${each.total}`,
      formatTime(each.createdAt),
    ]),
  )
}

export function showKeptBacktest({ result, isCurrent, ...each }: VerbOutput<'backtests.show'>): string {
  const old = isCurrent ? [] : [`${style('yellow', 'warning:')} dataset ${each.dataset} is no longer the one that this was made of.`]
  if (result !== null) return [...old, showBacktest(result)].join('\n\n')
  const remedy = each.state === 'running' ? '' : `\nGo on with it: pylon backtests resume ${each.backtest}`
  const why = each.error === null ? '' : `: ${each.error}`
  return [...old, `Backtest ${each.backtest} is ${each.state}${why}; ${each.done} of ${each.total} folds are done.${remedy}`].join('\n\n')
}
