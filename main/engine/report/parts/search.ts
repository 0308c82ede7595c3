/** The part of a report that is of a search: how far it came, what mattered, its best trials, its finals. */
import { bestSoFar, brokenLine, fieldScale, shareOf, valued, valueText } from '../../../contract/search-picture.ts'
import type { SearchDetail, SearchTrial, SearchVerdict } from '../../../contract/shapes/search.ts'
import { barChart, type ChartLine, lineChart, parallelChart } from '../charts.ts'
import { type Column, type Markup, markup, table } from '../markup.ts'
import type { Speech } from '../words.ts'

/** Trials in the table. */
const BEST = 10

export function searchPart(search: SearchDetail, speech: Speech): Markup {
  const { words, integer } = speech
  const { name, dataset, sampler, stop, seconds, verdict, importance, list, spec, metric } = search
  const of = search.ofTrials === null ? integer(search.trials) : `${integer(search.trials)} / ${integer(search.ofTrials)}`
  const facts = words.searchFacts(dataset, of, sampler, stop === 'none' ? '' : words.stopped(stop), speech.duration(seconds))
  const trials = valued(list).toSorted((a, b) => b.value - a.value || a.number - b.number)
  const shares = Object.entries(importance).sort(([, a], [, b]) => b - a)
  const best = trials.slice(0, BEST)
  const columns: Column<SearchTrial>[] = [
    { title: words.trial, cell: ({ number }) => number },
    { title: metric, num: true, cell: ({ value }) => (value === null ? '–' : speech.metric(value)) },
    { title: words.epochs, num: true, cell: ({ epochs }) => epochs },
    { title: words.state, cell: ({ state }) => words.states[state] },
    ...Object.keys(spec.space).map((path): Column<SearchTrial> => ({
      title: path.split('.').slice(-2).join('.'),
      num: true,
      cell: ({ params }) => (path in params ? valueText(params[path], speech.number) : ''),
    })),
  ]
  return markup`<h3>${name}</h3><p>${facts}</p>${progress(search, speech)}${
    shares.length > 0 &&
    markup`<h4>${words.importance}</h4>${barChart(
      words.importance,
      shares.map(([path, share]) => ({ name: path, share, text: speech.percent(share) })),
    )}`
  }${parallel(search, speech)}${
    best.length > 0 &&
    markup`<h4>${words.bestTrials(best.length, trials.length)}</h4>${table(words.bestTrials(best.length, trials.length), columns, best)}`
  }${verdict !== null && finals(verdict, search, speech)}`
}

function progress({ list, metric }: SearchDetail, { words, integer, number }: Speech): Markup | null {
  const points = bestSoFar(list, 'trials')
  const scattered = (name: string, isComplete: boolean): ChartLine => {
    const shown = points.filter(({ trial }) => trial.value !== null && (trial.state === 'complete') === isComplete)
    return { name, scattered: true, dashed: !isComplete, x: shown.map(({ x }) => x), y: shown.map(({ trial }) => trial.value!) }
  }
  const reached = points.filter(({ best }) => best !== null)
  return lineChart(
    [
      scattered(words.complete, true),
      scattered(words.cut, false),
      { name: words.soFar, steps: true, x: reached.map(({ x }) => x), y: reached.map(({ best }) => best!) },
    ],
    { label: words.progress, xTitle: words.trials, yTitle: metric, xText: integer, yText: (value) => number(value, 4), wholeX: true },
  )
}

function parallel({ list, spec, metric }: SearchDetail, speech: Speech): Markup | null {
  const trials = valued(list)
  if (trials.length < 2) return null
  const share = shareOf(trials)
  const scales = Object.entries(spec.space).map(([path, dimension]) => fieldScale(path, dimension, speech.number))
  const values = trials.map(({ value }) => value)
  const ends = [
    { at: 0, text: speech.metric(Math.min(...values)) },
    { at: 1, text: speech.metric(Math.max(...values)) },
  ]
  const sorted = trials.toSorted((a, b) => a.value - b.value)
  return markup`<h4>${speech.words.parallel}</h4>${parallelChart(
    speech.words.parallel,
    [...scales, { title: metric, ticks: ends }],
    (x, y) =>
      sorted.map((trial) => ({
        d: brokenLine([...scales.map((scale) => scale.place(trial)), share(trial.value)], x, y),
        share: share(trial.value),
        isCut: trial.state === 'paused',
      })),
  )}`
}

function finals({ finals: all, pairs, winner }: SearchVerdict, { metric }: SearchDetail, speech: Speech): Markup {
  const { words, delta } = speech
  type Final = SearchVerdict['finals'][number]
  const pairOf = (trial: number) => pairs.find((pair) => pair.trial === trial)
  const columns: Column<Final>[] = [
    { title: words.trial, cell: ({ trial }) => (trial === winner ? markup`<strong>${trial}</strong>` : trial) },
    {
      title: `${metric}, ${words.mean}`,
      num: true,
      cell: ({ mean, sd }) => speech.metric(mean) + (sd === null ? '' : ` ± ${speech.metric(sd)}`),
    },
    {
      title: words.lessThanWinner,
      num: true,
      cell: ({ trial }) => {
        const pair = pairOf(trial)
        if (pair === undefined) return ''
        return markup`${delta(pair.difference)}<span class="sub">${delta(pair.interval.low)} … ${delta(pair.interval.high)}</span>`
      },
    },
    {
      title: words.p,
      num: true,
      cell: ({ trial }) => {
        const p = pairOf(trial)?.adjusted
        return p === undefined ? '' : speech.number(p, 2)
      },
    },
  ]
  return markup`<h4>${words.finals}</h4>${table(words.finals, columns, all)}`
}
