/** Tables of compared runs: means over seeds, the best of a protocol, and what is copied. */
import { expect, test } from 'vitest'
import { metricRows } from '@contract/metric-rows.ts'
import { markedRows, metricsCsv, metricsLatex } from '@/pages/compare/metric-tables.ts'
import type { ComparedRun } from '@/pages/compare/useCompared.ts'

const run = (id: string, name: string, seed: number, family: string, metrics: Record<string, number>): ComparedRun => ({
  run: id,
  name,
  dataset: 'd',
  model: 'two-tower',
  recipe: null,
  state: 'finished',
  createdAt: '2026-01-01T00:00:00Z',
  seed,
  epochs: 1,
  bestEpoch: 1,
  seconds: 1,
  metrics,
  protocolHash: 'p',
  fittedOn: 'train',
  trial: null,
  tags: [],
  label: `${name} #${seed}`,
  colour: 'red',
  family,
})
const runs = [
  run('a', 'tower', 1, 'f', { 'recall@20': 0.2, 'ndcg@20': 0.1 }),
  run('b', 'tower', 2, 'f', { 'recall@20': 0.4, 'ndcg@20': 0.1 }),
  run('c', 'a, "b"_1', 1, 'g', { 'recall@20': 0.35 }),
]
const metrics = ['recall@20', 'ndcg@20']

test('runs of one config are a row of means with the deviation over n - 1; a metric that one of them lacks has no mean', () => {
  const rows = metricRows(runs, metrics, true)
  expect(rows.map(({ label, runs: members }) => [label, members.length])).toEqual([
    ['tower', 2],
    ['a, "b"_1 #1', 1],
  ])
  expect(rows[0]!.values.get('recall@20')!.mean).toBeCloseTo(0.3, 12)
  expect(rows[0]!.values.get('recall@20')!.sd).toBeCloseTo(Math.SQRT2 / 10, 12)
  expect(rows[1]!.values.get('recall@20')).toEqual({ mean: 0.35, sd: null })
  expect(rows[1]!.values.has('ndcg@20')).toBe(false)
  // a mark stands where the engine's test put it, on the row of those runs
  const told = { protocol: 'p', rows: [['c'], ['a', 'b']], best: { 'recall@20': 1 } }
  expect([...markedRows(rows, told)]).toEqual([['recall@20', 'a']])
  expect([...markedRows(rows, undefined)]).toEqual([])
  expect(metricRows(runs, metrics, false).map(({ key }) => key)).toEqual(['a', 'b', 'c'])
})

test('CSV quotes what it must, and has columns of deviations only where there are any', () => {
  const single = [{ protocol: 'p', rows: metricRows(runs, metrics, false), best: new Map<string, string>() }]
  expect(metricsCsv(single, metrics).split('\r\n')).toEqual([
    'run,name,seeds,protocol,recall@20,ndcg@20',
    'a,tower #1,1,p,0.2,0.1',
    'b,tower #2,2,p,0.4,0.1',
    'c,"a, ""b""_1 #1",1,p,0.35,',
  ])
  const grouped = [{ protocol: 'p', rows: metricRows(runs, ['recall@20'], true), best: new Map<string, string>() }]
  const [head, first] = metricsCsv(grouped, ['recall@20']).split('\r\n')
  expect(head).toBe('run,name,seeds,protocol,recall@20,recall@20 sd')
  expect(first).toMatch(/^a b,tower,1 2,p,0\.30\d*,0\.1414\d*$/)
})

test('LaTeX escapes names, sets bold what is told to be the best, and makes a table of each protocol', () => {
  const tables = [
    { protocol: 'p', rows: metricRows(runs, ['recall@20'], true), best: new Map([['recall@20', 'c']]) },
    { protocol: 'q', rows: metricRows([runs[0]!], ['recall@20'], false), best: new Map<string, string>() },
  ]
  expect(metricsLatex(tables, ['recall@20'])).toMatchInlineSnapshot(`
    "% protocol p
    \\begin{tabular}{lr}
    \\toprule
    model & recall@20 \\\\
    \\midrule
    tower & $0.3000 \\pm 0.1414$ \\\\
    a, "b"\\_1 \\#1 & $\\mathbf{0.3500}$ \\\\
    \\bottomrule
    \\end{tabular}

    % protocol q
    \\begin{tabular}{lr}
    \\toprule
    model & recall@20 \\\\
    \\midrule
    tower \\#1 & $0.2000$ \\\\
    \\bottomrule
    \\end{tabular}"
  `)
})
