/** The parts of a report that are of runs: their metrics, tests against the first, users, learning curves, slices, columns, configs. */
import { type LabelledRun, type MetricRow, metricRows } from '../../../contract/metric-rows.ts'
import { cutsOf, inMetricOrder, metricAtCut, parseMetric } from '../../../contract/metrics.ts'
import { shortText } from '../../../contract/short-text.ts'
import type { Protocol } from '../../../contract/shapes/protocol.ts'
import type { CompareResult, DifferenceResult, VerdictResult } from '../../../contract/verbs.ts'
import type { Drop, LedgerResult } from '../../../contract/verbs/ledger.ts'
import type { FoundSlice, SlicesResult } from '../../../contract/verbs/slices.ts'
import { intervalAxis, intervalBar, lineChart } from '../charts.ts'
import { type Column, type Markup, markup, table } from '../markup.ts'
import { protocolText, type Speech } from '../words.ts'

/** Runs whose numbers may be ranked together, and the row of each metric that a test tells from all others. */
export interface ReportTable {
  readonly protocol: Protocol
  readonly runs: readonly LabelledRun[]
  /** by metric; rows are those of {@link metricRows}, by family */
  readonly best: Readonly<Record<string, number>>
}

/** The usual columns of a table, where they were measured. */
const USUAL = ['recall', 'ndcg', 'hit', 'mrr', 'coverage', 'novelty', 'cold.recall', 'head.recall', 'tail.recall']

/** @param asked the columns; none: the usual ones, at the cut-off of the report's metric */
export function columnsOf(runs: readonly LabelledRun[], asked: readonly string[], metric: string): string[] {
  const names = inMetricOrder(runs.flatMap((run) => Object.keys(run.metrics)))
  if (asked.length > 0) return asked.filter((name) => names.includes(name))
  const [cuts, own] = [cutsOf(names), parseMetric(metric)?.k ?? 20]
  const k = cuts.includes(own) ? own : (cuts[0] ?? own)
  return USUAL.map((kind) => metricAtCut(kind, k)).filter((name) => names.includes(name))
}

const protocolLine = (protocol: Protocol, speech: Speech): Markup =>
  markup`<p class="quiet">${speech.words.protocol} <code>${protocol.hash}</code>: ${protocolText(protocol, speech)}</p>`

const named = ({ label, runs }: MetricRow, { words }: Speech): Markup =>
  runs.length === 1 ? markup`${label}` : markup`${label} <span class="sub">${words.seeds(runs.length)}</span>`

export function metricsPart(
  tables: readonly ReportTable[],
  unmeasured: readonly LabelledRun[],
  { metrics: asked, metric }: { readonly metrics: readonly string[]; readonly metric: string },
  speech: Speech,
): Markup | null {
  if (tables.length === 0) return null
  const { words } = speech
  const told = tables.map(({ protocol, runs, best }) => {
    const names = columnsOf(runs, asked, metric)
    const rows = metricRows(runs, names, true)
    const cell = (row: MetricRow, name: string, i: number): Markup | string => {
      const value = row.values.get(name)
      if (value === undefined) return '–'
      const text = speech.metric(value.mean) + (value.sd === null ? '' : ` ± ${speech.metric(value.sd)}`)
      return best[name] === i ? markup`<span class="best">${text}</span>` : text
    }
    const columns: Column<MetricRow>[] = [
      { title: words.run, cell: (row) => named(row, speech) },
      ...names.map((name): Column<MetricRow> => ({ title: name, num: true, cell: (row, i) => cell(row, name, i) })),
    ]
    const hasBest = names.some((name) => name in best)
    return markup`${table(words.part.metrics, columns, rows)}${hasBest && markup`<p class="quiet">${words.best}</p>`}${protocolLine(protocol, speech)}`
  })
  return markup`${tables.length > 1 && markup`<p>${words.protocols(tables.length)}</p>`}${told}${
    unmeasured.length > 0 && markup`<p class="quiet">${words.unmeasured(unmeasured.map(({ label }) => label).join(', '))}</p>`
  }`
}

/** A row of a table against its first. */
export interface TestedRow {
  readonly name: string
  readonly verdict: Omit<VerdictResult, 'a' | 'b'>
  /** of the verdicts of a table together (Holm) */
  readonly adjusted: number
}

export function testsPart(
  tables: readonly { readonly first: string; readonly protocol: Protocol; readonly rows: readonly TestedRow[] }[],
  speech: Speech,
): Markup | null {
  if (tables.length === 0) return null
  const { words, delta } = speech
  return markup`${tables.map(({ first, protocol, rows }) => {
    const axis = intervalAxis(rows.map(({ verdict }) => verdict.interval))
    const { metric, within, users } = rows[0]!.verdict
    const range = ({ verdict: { interval } }: TestedRow): string => `${delta(interval.low)} … ${delta(interval.high)}`
    return markup`${table<TestedRow>(
      words.part.tests,
      [
        { title: `${words.run} − ${first}`, cell: ({ name }) => name },
        {
          title: words.interval,
          cell: ({ verdict, adjusted }) =>
            intervalBar({ mean: verdict.difference, ...verdict.interval, isFound: adjusted <= 1 - verdict.interval.level }, axis),
        },
        {
          title: `${metric}: ${words.difference}`,
          num: true,
          cell: (row) => markup`${delta(row.verdict.difference)}<span class="sub">${range(row)}</span>`,
        },
        { title: words.p, num: true, cell: ({ adjusted }) => pText(adjusted, speech) },
        { title: words.verdict, cell: ({ verdict }) => words.verdicts[verdict.verdict] },
      ],
      rows,
    )}<p class="quiet">${words.testHow(metric, speech.number(within, 2), speech.integer(users))}</p>${protocolLine(protocol, speech)}`
  })}`
}

const pText = (p: number, { number }: Speech): string => (p < 1e-4 ? `< ${number(0.0001)}` : number(p, 2))

export function usersPart({ a, b, gained, lost, metric }: DifferenceResult, speech: Speech): Markup | null {
  if (gained.length + lost.length === 0) return null
  const { words, integer } = speech
  type User = DifferenceResult['gained'][number]
  const columns: Column<User>[] = [
    { title: words.user, cell: ({ user }) => user },
    { title: words.history, num: true, cell: ({ history }) => integer(history) },
    { title: words.item, cell: ({ item }) => (item.title === null ? item.id : markup`${item.title} <span class="sub">${item.id}</span>`) },
    {
      title: words.ranks,
      num: true,
      cell: ({ rankA, rankB }) => [rankA, rankB].map((rank) => (rank === null ? '–' : integer(rank))).join(' → '),
    },
    { title: metric, num: true, cell: ({ valueA, valueB }) => `${speech.metric(valueA)} → ${speech.metric(valueB)}` },
  ]
  const list = (title: string, users: readonly User[]): Markup | null =>
    users.length === 0 ? null : markup`<h3>${title}</h3>${table(title, columns, users)}`
  return markup`${list(words.gained(b.name, a.name), gained)}${list(words.lost(b.name, a.name), lost)}`
}

export interface ReportCurve {
  readonly label: string
  readonly epoch: ArrayLike<number>
  readonly loss: ArrayLike<number>
  /** by metric */
  readonly validation: Readonly<Record<string, ArrayLike<number>>>
}

export function curvesPart(curves: readonly ReportCurve[], metric: string, speech: Speech): Markup | null {
  const { words, number, integer } = speech
  const axes = { xTitle: words.epoch, xText: integer, yText: (value: number) => number(value, 4), wholeX: true }
  /** epochs without an evaluation have no point */
  const known = (epoch: ArrayLike<number>, values: ArrayLike<number>) => {
    const at = Array.from(values, (value, i) => (Number.isFinite(value) ? i : -1)).filter((i) => i >= 0)
    return { x: at.map((i) => epoch[i]!), y: at.map((i) => values[i]!) }
  }
  const validation = curves.flatMap(({ label, epoch, validation: of }) =>
    of[metric] === undefined ? [] : [{ name: label, ...known(epoch, of[metric]) }],
  )
  const loss = curves.map(({ label, epoch, loss: y }) => ({ name: label, ...known(epoch, y) }))
  const charts = [
    lineChart(validation, { ...axes, label: `${metric}, ${words.part_.validation}`, yTitle: `${metric}, ${words.part_.validation}` }),
    lineChart(loss, { ...axes, label: words.loss, yTitle: words.loss }),
  ]
  return charts.every((chart) => chart === null) ? null : markup`${charts}`
}

export function slicesPart({ a, b, metric, users, difference, looked, found, fdr, protocol }: SlicesResult, speech: Speech): Markup {
  const { words, delta, integer, percent } = speech
  const axis = intervalAxis(found)
  const columns: Column<FoundSlice>[] = [
    { title: words.slice, cell: (slice) => sliceText(slice, speech) },
    { title: words.users, num: true, cell: (slice) => integer(slice.users) },
    { title: `${metric} B − A`, num: true, cell: (slice) => delta(slice.difference) },
    { title: words.rest, num: true, cell: (slice) => delta(slice.rest) },
    { title: words.interval, cell: ({ excess, low, high }) => intervalBar({ mean: excess, low, high, isFound: true }, axis) },
    {
      title: words.excess,
      num: true,
      cell: ({ excess, low, high }) => markup`${delta(excess)}<span class="sub">${delta(low)} … ${delta(high)}</span>`,
    },
    { title: words.share, num: true, cell: ({ share }) => (share === null ? '–' : percent(share, 0)) },
  ]
  return markup`<p>A: ${a.name} · B: ${b.name}. ${words.whole(metric, delta(difference), integer(users))} ${words.found(found.length, integer(looked), percent(fdr, 0))}</p>${
    found.length > 0 && table(words.part.slices, columns, found)
  }${protocolLine(protocol, speech)}`
}

function sliceText({ side, column, test }: FoundSlice, { words, number, date }: Speech): Markup {
  const what = column === 'history' ? words.historyOf : column === 'popularity' ? words.popularityOf : `${side}.${column}`
  const range = (text: (value: number) => string, from: number, to: number): string =>
    from === to ? text(from) : `${text(from)} … ${text(to)}`
  const told =
    test.kind === 'missing'
      ? words.missing
      : test.kind === 'value'
        ? test.value
        : range(test.kind === 'time' ? date : (value) => number(value, 6), test.from, test.to)
  return markup`${told}<span class="sub">${what}</span>`
}

/** Beyond chance at this false discovery rate. */
const FDR = 0.05

export function ledgerPart(ledgers: readonly { readonly label: string; readonly ledger: LedgerResult }[], speech: Speech): Markup | null {
  if (ledgers.length === 0) return null
  const { words, delta } = speech
  return markup`${ledgers.map(({ label, ledger }) => {
    type Row = LedgerResult['rows'][number]
    const slices = [...new Set(ledger.rows.flatMap(({ permuted }) => permuted.map(({ slice }) => slice)))]
    const dropOf = (row: Row, slice: Drop['slice']): Drop | undefined => row.permuted.find((each) => each.slice === slice)
    const axis = intervalAxis(ledger.rows.flatMap((row) => dropOf(row, 'all') ?? []))
    const cell = (drop: Drop | undefined): Markup | string => {
      if (drop === undefined) return '–'
      const text = delta(drop.drop)
      const range = markup`<span class="sub">${delta(drop.low)} … ${delta(drop.high)}</span>`
      return markup`${drop.adjusted <= FDR ? markup`<strong>${text}</strong>` : text}${range}`
    }
    const columns: Column<Row>[] = [
      { title: words.column, cell: ({ side, column }) => `${side}.${column}` },
      {
        title: words.lost_(ledger.metric),
        cell: (row) => {
          const drop = dropOf(row, 'all')
          return drop === undefined ? '–' : intervalBar({ ...drop, mean: drop.drop, isFound: drop.adjusted <= FDR }, axis)
        },
      },
      ...slices.map((slice): Column<Row> => ({ title: words.slices[slice], num: true, cell: (row) => cell(dropOf(row, slice)) })),
      { title: words.memory, num: true, cell: ({ bytes }) => speech.bytes(bytes) },
    ]
    return markup`<h3>${label}</h3><p>${words.ledgerHow(ledger.metric, speech.metric(ledger.value), ledger.repeats)}</p>${table(
      `${words.part.ledger}: ${label}`,
      columns,
      ledger.rows,
    )}${protocolLine(ledger.protocol, speech)}`
  })}`
}

/** What differs and all runs have; what only some of the models have is counted. */
export function configPart(labels: readonly string[], differences: CompareResult['differences'], { words }: Speech): Markup | null {
  if (labels.length < 2) return null
  if (differences.length === 0) return markup`<p>${words.same}</p>`
  type Row = CompareResult['differences'][number]
  const shared = differences.filter(({ values }) => values.every((value) => value !== undefined))
  const columns: Column<Row>[] = [
    { title: words.path, cell: ({ path }) => markup`<code>${path}</code>` },
    ...labels.map((label, i): Column<Row> => ({ title: label, cell: ({ values }) => shortText(values[i]) })),
  ]
  const left = differences.length - shared.length
  return markup`${shared.length > 0 && table(words.part.config, columns, shared)}${left > 0 && markup`<p class="quiet">${words.ofSome(left)}</p>`}`
}
