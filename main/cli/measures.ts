/** Runs and what they measured, as tables for people. Numbers stand with the protocol they were measured under. */
import { trialsTable } from '../contract/trials.ts'
import { cutsOf, kindsOf, LATER_KINDS, metricAtCut, OVERVIEW, overviewOf } from '../contract/metrics.ts'
import type { Metrics, Protocol } from '../contract/shapes/protocol.ts'
import type { EpochRow, RunSummary, StartedResult, Trial } from '../contract/shapes/run.ts'
import { count, duration, metric, formatTime, right, shorten, signed, style, table } from './table.ts'

/** An epoch as a line: `epoch 3  loss 5.2113  validation ndcg@20 0.0712  95,311 examples/s`. */
export function showEpoch({ epoch, loss, examplesPerSecond, validation }: EpochRow): string {
  const k = validation['ndcg@20'] === undefined ? (cutsOf(Object.keys(validation))[0] ?? 20) : 20
  const names = OVERVIEW.slice(0, 2).map((kind) => metricAtCut(kind, k))
  const metrics = names.filter((name) => validation[name] !== undefined).map((name) => `${name} ${metric(validation[name])}`)
  return [
    `epoch ${epoch}`,
    `loss ${loss.toFixed(4)}`,
    ...(metrics.length > 0 ? [`validation ${metrics.join(' ')}`] : []),
    `${count(examplesPerSecond)} examples/s`,
  ].join('  ')
}

/** One row a metric; for each of the measured things a column a K, under its name. */
export function metricTable(measured: Readonly<Record<string, Metrics>>): string {
  const ks = cutsOf(Object.values(measured).flatMap(Object.keys))
  const kinds = kindsOf(Object.values(measured).flatMap(Object.keys))
  const things = Object.entries(measured)
  // of a run that was evaluated before these were measured
  const notMeasured = kinds.length === 0 ? [] : LATER_KINDS.filter((kind) => !kinds.includes(kind))
  const columns = things.flatMap(([name], i) => ks.map((k, j) => right(i > 0 && j === 0 ? `${name} @${k}` : `@${k}`)))
  return table(
    ['metric', ...columns],
    [
      ...kinds.map((kind) => [kind, ...things.flatMap(([, metrics]) => ks.map((k) => metric(metrics[metricAtCut(kind, k)])))]),
      ...notMeasured.map((kind) => [kind, ...columns.map((_, i) => (i === 0 ? 'not measured' : ''))]),
    ],
  )
}

/** Everything that makes the numbers above comparable, in one line. */
export function protocolLine(p: Protocol): string {
  const split =
    p.split.kind === 'random'
      ? `random ${p.split.fraction} (seed ${p.split.seed})`
      : p.split.kind === 'time'
        ? `time from ${formatTime(p.split.cut)}`
        : p.split.kind
  const facts = [
    `${p.datasetName} ${p.datasetChecksum.slice(0, 8)}`,
    `${p.part} part of ${split}`,
    `fitted on ${p.fittedOn.replace('+', ' + ')}`,
    'all items as candidates',
    `seen items ${p.seen}`,
    `${p.search} search`,
    ...(p.events.length === 0 ? [] : [`events ${p.events.join('+')}`]),
  ]
  return style('dim', `protocol ${p.hash}: ${facts.join(', ')}`)
}

/** An overview of runs in any state. */
export function runTable(runs: readonly RunSummary[]): string {
  const metrics = overviewOf(runs.flatMap((run) => Object.keys(run.metrics)))
  return table(
    ['run', 'name', 'dataset', 'state', right('epochs'), right('time'), ...metrics.map(right), 'fitted on', 'protocol', 'started', 'tags'],
    runs.map((run) => [
      run.run,
      shorten(run.name, 32),
      run.dataset,
      run.state,
      String(run.epochs),
      duration(run.seconds),
      ...metrics.map((name) => metric(run.metrics[name])),
      run.fittedOn ?? '–',
      run.protocolHash ?? '–',
      formatTime(run.createdAt),
      run.tags.join(', '),
    ]),
  )
}

/** The runs of several seeds, and their mean and standard deviation. */
export function seedsTable({ family, runs, mean, sd }: NonNullable<StartedResult['seeds']>): string {
  const names = OVERVIEW.map((kind) => metricAtCut(kind, 20)).filter((name) => name in mean)
  const row = (first: string, second: string, values: Metrics): string[] => [first, second, ...names.map((name) => metric(values[name]))]
  return table(
    [`family ${family}`, right('seed'), ...names.map(right)],
    [...runs.map(({ run, seed, metrics }) => row(run, String(seed), metrics)), row('mean', '', mean), row('sd', '', sd)],
  )
}

/** The settings that were tried on the validation part, and which were taken. */
export function trialTable(trials: readonly Trial[]): string {
  const { settings: named, taken } = trialsTable(trials)
  return table(
    [...named.map(({ name }) => right(name)), right(`validation ${trials[0]?.metric ?? ''}`), right('time'), ''],
    trials.map(({ settings, value, seconds }, i) => [
      ...named.map(({ path }) => String(settings[path] ?? '')),
      metric(value),
      duration(seconds),
      i === taken ? 'taken' : '',
    ]),
  )
}

/** The curve of a run, a row an epoch. */
export function epochTable(rows: readonly EpochRow[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row.validation)))].filter((name) => !name.startsWith('geometry.'))
  return table(
    [right('epoch'), right('loss'), right('examples/s'), right('learning rate'), ...names.map(right)],
    rows.map((row) => [
      String(row.epoch),
      row.loss.toFixed(4),
      count(row.examplesPerSecond),
      row.learningRate.toPrecision(3),
      ...names.map((name) => metric(row.validation[name])),
    ]),
  )
}

/** What each number of the geometry says, in a few words. */
const GEOMETRY: Readonly<Record<string, string>> = {
  alignment: 'mean squared distance of a user and an item they like: 0 is at one place, 2 unrelated',
  'uniformity.users': 'about -4 where directions are spread evenly, 0 where all are one',
  'uniformity.items': 'the same of the items',
  effectiveRank: 'dimensions that the item vectors use',
  sameTop10: 'share of the users who get the most common ten items',
  normPopularity: 'rank correlation of the length of an item vector with its popularity',
  clusterBalance: 'of the clusters of an inverted-file index: 1 even, 0 all in one',
  largestCluster: 'share of the items in the largest of these clusters',
}

/** The shape of the vectors at the best epoch; null where it was not watched. */
export function geometryTable(rows: readonly EpochRow[], best: number | null): string | null {
  const at = rows.find(({ epoch }) => epoch === best) ?? rows.at(-1)
  const lines = Object.entries(GEOMETRY).flatMap(([name, meaning]) => {
    const value = at?.validation[`geometry.${name}`]
    return value === undefined ? [] : [[name, value.toFixed(3), meaning]]
  })
  return lines.length === 0 ? null : table([`geometry, epoch ${at!.epoch}`, right('value'), 'meaning'], lines)
}

/** The first cells of a slice of two runs compared: {@link slicesTable}. */
interface ComparedSlice {
  readonly slice: string
  readonly users: number
  readonly meanA: number
  readonly meanB: number
  /** B less A */
  readonly difference: number
  readonly interval: { readonly low: number; readonly high: number }
  readonly adjusted: number
}

/** Slices of two runs compared, a row each. `a`: the head of A's column; `more`: further columns, with their cells by row */
export function slicesTable(
  slices: readonly ComparedSlice[],
  { a, level, correction }: { readonly a: string; readonly level: number; readonly correction: string },
  more: { readonly heads: readonly string[]; readonly cells: readonly (readonly string[])[] } = { heads: [], cells: [] },
): string {
  const heads = ['users', a, 'B', 'B less A', `${(100 * level).toFixed(0)} %`, `p, ${correction}`, ...more.heads]
  return table(
    ['held-out items', ...heads.map(right)],
    slices.map((s, i) => [
      s.slice,
      count(s.users),
      metric(s.meanA),
      metric(s.meanB),
      signed(s.difference),
      `${signed(s.interval.low)} to ${signed(s.interval.high)}`,
      s.adjusted.toPrecision(2),
      ...(more.cells[i] ?? []),
    ]),
  )
}
