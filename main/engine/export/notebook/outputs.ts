/** What the cells of a notebook show before anybody runs it, by their names in `assets/notebook/run.py`. */
import { metricAtCut } from '../../../contract/metrics.ts'
import type { Metrics } from '../../../contract/shapes/protocol.ts'
import { curvesPanel, figureSvg, type Panel } from '../figures.ts'
import type { Frame, Output } from './cells.ts'
import { cellOf, kindsShown, type NotebookFacts } from './facts.ts'
import type { Numbers } from './numbers.ts'

/** Rows of training that are listed. */
const EPOCHS = 10
/** Items that are drawn of all. */
const DRAWN = 2000
/** Of the history, the newest. */
const MET = 5

/** @param metric what ranks; @param before how many interactions came before the held-out part */
export function outputsOf(
  facts: NotebookFacts,
  numbers: Numbers,
  { metric, before }: { readonly metric: string; readonly before: number },
): Record<string, readonly Output[] | null> {
  const { run, items, held, cuts } = facts
  const { metrics, curve, item, similar, places, explained } = numbers
  const count = (n: number): string => n.toLocaleString('en')
  const percent = (share: number): string => `${(100 * share).toFixed(1)}%`
  const apart = kindsShown(metrics)
    .flatMap((kind) => cuts.map((k) => metricAtCut(kind, k)))
    .reduce((most, name) => Math.max(most, name in run.metrics ? Math.abs(metrics[name]! - run.metrics[name]!) : 0), 0)
  return {
    load: [
      {
        text: `${count(facts.dataset.manifest.users)} users and ${count(items.ids.length)} items, vectors of ${items.dim}, ranked by ${metric}\n${count(held.items.length)} to be found, by ${count(held.users.length)} users; ${count(before)} interactions before\n`,
      },
    ],
    metrics: [{ frame: byCuts(metrics, kindsShown(metrics), cuts) }],
    baseline: [{ frame: byCuts(run.baseline, kindsShown(metrics), cuts) }],
    check: [{ text: `The numbers above differ from those of the run by at most ${apart.toFixed(4)}\n` }],
    curve: [
      {
        frame: {
          columns: ['recall', 'ndcg'],
          indexName: 'k',
          rows: curve.map(({ k, recall, ndcg }) => ({ index: String(k), cells: [recall, ndcg] })),
        },
      },
    ],
    curve_chart: [figure('Recall and NDCG by the length of the list', [curvePanel(facts, numbers)], [640, 320])],
    ...(run.epochsLog.length === 0
      ? { epochs: null, epochs_chart: null }
      : { epochs: [{ frame: epochsFrame(facts) }], epochs_chart: [figure('Training', epochPanels(facts), [430, 290])] }),
    similar: [{ frame: itemsFrame(facts, [item]) }, { frame: itemsFrame(facts, similar.keys, ['cosine', (_, i) => similar.scores[i]!]) }],
    plane: [
      {
        text: `The plane shows ${percent(explained[0] + explained[1])} of the spread of the items\n`,
      },
    ],
    plane_chart: [figure('Items in the plane', [planePanel(items.ids[item]!, item, similar.keys, places)], [640, 460])],
    history: [{ frame: itemsFrame(facts, [...new Set(numbers.met.toReversed())].slice(0, MET)) }],
    recommended: [
      {
        frame: itemsFrame(
          facts,
          numbers.recommended.keys,
          ['score', (_, i) => numbers.recommended.scores[i]!],
          ['held_out', (k) => (numbers.wanted.has(k) ? 'yes' : '')],
        ),
      },
    ],
  }
}

const figure = (label: string, panels: readonly Panel[], size: readonly [number, number]): Output => ({
  svg: figureSvg(label, panels, size),
  label,
})

function byCuts(metrics: Metrics, kinds: readonly string[], cuts: readonly number[]): Frame {
  return {
    columns: cuts.map((k) => `@${k}`),
    rows: kinds.map((kind) => ({ index: kind, cells: cuts.map((k) => metrics[metricAtCut(kind, k)] ?? null) })),
  }
}

type Added = readonly [name: string, cell: (item: number, i: number) => string | number]

function itemsFrame({ items, shown }: NotebookFacts, rows: Int32Array | readonly number[], ...added: readonly Added[]): Frame {
  return {
    columns: [...shown.map(({ name }) => name), ...added.map(([name]) => name)],
    indexName: 'item',
    rows: Array.from(rows, (k, i) => ({ index: k, i }))
      .filter(({ index }) => index >= 0)
      .map(({ index, i }) => ({
        index: items.ids[index]!,
        cells: [...shown.map((column) => cellOf(column, index)), ...added.map(([, cell]) => cell(index, i))],
      })),
  }
}

function curvePanel({ run, cuts }: NotebookFacts, { curve }: Numbers): Panel {
  return {
    xLabel: 'length of the list',
    logX: true,
    fromZero: true,
    xTicks: curve.map(({ k }) => k),
    series: [
      { name: 'recall', line: 'solid', points: curve.map(({ k, recall }) => [k, recall]) },
      { name: 'ndcg', line: 'solid', points: curve.map(({ k, ndcg }) => [k, ndcg]) },
      { name: 'recall, most popular', line: 'dashed', points: cuts.map((k) => [k, run.baseline[metricAtCut('recall', k)] ?? null]) },
    ],
  }
}

const valueAt = ({ run }: NotebookFacts, epoch: number, name: string): number | null =>
  run.epochsLog[epoch]!.validation[name.replace('validation.', '')] ?? null

function epochsFrame(facts: NotebookFacts): Frame {
  const { run, curves } = facts
  return {
    columns: ['loss', ...curves],
    indexName: 'epoch',
    rows: run.epochsLog
      .map(({ epoch, loss }, at) => ({ index: String(epoch), cells: [loss, ...curves.map((name) => valueAt(facts, at, name))] }))
      .slice(-EPOCHS),
  }
}

function epochPanels(facts: NotebookFacts): Panel[] {
  const { run, curves } = facts
  return [
    curvesPanel('', [{ name: 'loss', values: run.epochsLog.map(({ loss }) => (Number.isFinite(loss) ? loss : null)) }]),
    curvesPanel(
      '',
      curves.map((name) => ({ name: name.replace('validation.', ''), values: run.epochsLog.map((_, at) => valueAt(facts, at, name)) })),
    ),
  ]
}

function planePanel(name: string, item: number, near: Int32Array, places: Float32Array): Panel {
  const total = places.length / 2
  const place = (k: number): [number, number] => [places[2 * k]!, places[2 * k + 1]!]
  const every = Math.max(1, Math.floor(total / DRAWN))
  return {
    series: [
      { name: 'items', colour: '#cbd5e1', radius: 2, points: Array.from({ length: Math.ceil(total / every) }, (_, i) => place(i * every)) },
      {
        name: 'neighbours',
        colour: '#d97706',
        radius: 4,
        points: Array.from(
          near.filter((k) => k >= 0),
          place,
        ),
      },
      { name, colour: '#2563eb', radius: 6, points: [place(item)] },
    ],
  }
}
