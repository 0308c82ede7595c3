/** Searches as text: the list, one with its trials, and a space. */
import { valueText } from '../../contract/search-picture.ts'
import type { Dimension, SearchDetail, SearchOver, SearchSummary, SearchTrial, Space } from '../../contract/shapes/search.ts'
import { count, counted, duration, formatTime, metric, pairs, right, shorten, style, table } from '../table.ts'

export function showSearches({ searches }: { readonly searches: readonly SearchSummary[] }): string {
  if (searches.length === 0) return 'No searches yet. Start one: pylon search start --dataset NAME --recipe two-tower --trials 20'
  return table(
    ['search', 'name', 'dataset', 'state', right('trials'), right('best'), 'by', right('time'), 'started'],
    searches.map((s) => [
      s.search,
      shorten(s.name, 30),
      s.dataset,
      s.state,
      s.ofTrials === null ? count(s.trials) : `${count(s.trials)} of ${count(s.ofTrials)}`,
      s.best === null ? '–' : metric(s.best.value),
      s.stop === 'none' ? s.sampler : `${s.sampler}, ${s.stop}`,
      duration(s.seconds),
      formatTime(s.createdAt),
    ]),
  )
}

const OVER: Readonly<Record<SearchOver, string>> = {
  trials: 'as many trials as it may begin',
  minutes: 'its minutes of training are used up',
  disk: 'its runs fill as much of the disk as they may',
  gain: 'as many trials in a row without gain as it may',
  space: 'every combination was tried',
  stopped: 'somebody stopped it',
  died: 'its process ended in the middle',
  failed: 'it failed',
}

/** Trials told one by one; the others are in --json. */
const TOLD = 15

export function showSearch(search: SearchDetail): string {
  const explored = search.list.filter(({ finalOf }) => finalOf === null)
  const best = explored.toSorted((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity)).slice(0, TOLD)
  const paths = Object.keys(search.spec.space)
  const number = (state: SearchTrial['state']): number => explored.filter((trial) => trial.state === state).length
  const states = (['complete', 'paused', 'failed', 'running', 'interrupted'] as const).flatMap((state) =>
    number(state) === 0 ? [] : [`${number(state)} ${state}`],
  )
  const parts = [
    pairs([
      ['search', style('bold', `${search.search}  ${search.name}`)],
      ['dataset', search.dataset],
      ['state', search.over === null ? search.state : `${search.state}: ${search.error ?? OVER[search.over]}`],
      ['trials', `${count(explored.length)}: ${states.join(', ')}`],
      ['drawn by', `${search.sampler}, seed ${search.spec.seed}${search.stop === 'none' ? '' : `, stopped by ${search.stop}`}`],
      ['time', `${duration(search.seconds)} of training`],
      ['test part', search.promoted.length === 0 ? 'not looked at' : `looked at by ${search.promoted.join(', ')}`],
    ]),
    table(
      [
        right('trial'),
        right(search.metric),
        right('epochs'),
        'state',
        'drawn',
        ...paths.map((path) => path.split('.').slice(-2).join('.')),
      ],
      best.map((trial) => [
        String(trial.number),
        trial.value === null ? '–' : metric(trial.value),
        String(trial.epochs),
        trial.state,
        trial.drawn.by,
        ...paths.map((path) => (path in trial.params ? cell(trial.params[path]) : '')),
      ]),
    ),
  ]
  if (explored.length > best.length) parts.push(style('dim', `The best ${best.length} of ${explored.length} trials; --json has all.`))
  const failed = explored.filter(({ state }) => state === 'failed')
  if (failed.length > 0) parts.push(failed.map(({ number: n, error }) => `trial ${n} failed: ${shorten(error ?? '', 100)}`).join('\n'))
  const shares = Object.entries(search.importance).sort(([, a], [, b]) => b - a)
  if (shares.length > 0)
    parts.push(
      table(
        ['what mattered for the best tenth', right('share')],
        shares.map(([path, share]) => [path, `${(100 * share).toFixed(1)} %`]),
      ),
    )
  if (search.verdict !== null) parts.push(showVerdict(search, search.verdict))
  return parts.join('\n\n')
}

function showVerdict(
  { metric: name, search, promoted }: SearchDetail,
  { winner, finals, pairs: against, users }: NonNullable<SearchDetail['verdict']>,
): string {
  const versus = new Map(against.map((pair) => [pair.trial, pair]))
  const rows = finals
    .toSorted((a, b) => b.mean - a.mean)
    .map(({ trial, mean, sd, runs }) => {
      const pair = versus.get(trial)
      const difference =
        pair === undefined ? '' : `${metric(-pair.difference)} (${metric(-pair.interval.high)} to ${metric(-pair.interval.low)})`
      return [
        String(trial),
        `${metric(mean)}${sd === null ? '' : ` ± ${metric(sd)}`}`,
        String(runs.length),
        difference,
        pair === undefined ? '' : pair.adjusted.toPrecision(2),
      ]
    })
  const isClear = against.every(({ adjusted }) => adjusted < 0.05)
  return [
    table([right('finals: trial'), right(name), right('seeds'), 'against the winner (95 %)', right('p, Holm')], rows),
    isClear
      ? `Trial ${winner} is better than the others of the finals (${counted(users, 'users')} of the validation part).`
      : `Trial ${winner} has the highest mean; not all of the others can be told from it (${counted(users, 'users')} of the validation part).`,
    promoted.length === 0
      ? `Train it on train + validation and look at the test part: pylon search promote ${search}`
      : `The test part was looked at by ${promoted.join(', ')}: whoever is promoted next is chosen by it as well.`,
  ].join('\n')
}

export function showSpace({ space }: { readonly space: Space }): string {
  return table(
    ['field', 'values', 'with it', 'only where'],
    Object.entries(space).map(([path, dimension]) => [
      path,
      valuesOf(dimension),
      dimension.tied.join(', '),
      dimension.when === null ? '' : `${dimension.when.path} is ${dimension.when.in.map(cell).join(' or ')}`,
    ]),
  )
}

function valuesOf(dimension: Dimension): string {
  if (dimension.kind === 'choice') return shorten(dimension.values.map(cell).join(' | '), 80)
  const kind = [dimension.log ? 'by orders of magnitude' : '', dimension.integer ? 'whole' : ''].filter((each) => each !== '')
  return `${Number(dimension.low.toPrecision(4))} to ${Number(dimension.high.toPrecision(4))}${kind.length === 0 ? '' : `, ${kind.join(', ')}`}`
}

function cell(value: unknown): string {
  return shorten(
    valueText(value, (number) => String(Number(number.toPrecision(4)))),
    32,
  )
}
