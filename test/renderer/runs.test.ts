/** Runs as columns in the page: patched by changes, grouped by protocol, gathered by seed, written as CSV. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Protocol } from '@contract/shapes/protocol.ts'
import type { DictionaryColumn, RunColumns } from '@contract/shapes/run-table.ts'
import { tableCsv } from '@/pages/runs/table-csv.ts'
import { protocolDifferences, familyRows, groupsOf, singleRow, meanSd } from '@/pages/runs/run-rows.ts'
import { splitTags } from '@/pages/runs/useRunEdits.ts'
import { deltas } from '@/pages/runs/useRunFields.ts'
import { withFreshRows, runPage, textAt, type RunPage } from '@/stores/run-columns.ts'

interface Run {
  readonly run: string
  readonly name: string
  readonly dataset?: string
  readonly state?: 'finished' | 'running' | 'failed'
  readonly protocol?: string | null
  readonly value?: number
  readonly family?: string
  readonly created?: number
  readonly pinned?: boolean
}

function coded(texts: readonly (string | null | undefined)[]): DictionaryColumn {
  const values = [...new Set(texts.filter((text) => text != null))]
  return { values, codes: Int32Array.from(texts, (text) => (text == null ? -1 : values.indexOf(text))) }
}

const protocol = (hash: string, more: Partial<Protocol> = {}): Protocol => ({
  version: 2,
  datasetName: 'd',
  datasetChecksum: 'c',
  split: { kind: 'leave-last' },
  part: 'test',
  fittedOn: 'train',
  candidates: 'all-items',
  seen: 'masked',
  events: [],
  ties: 'item-order',
  search: 'exact',
  hash,
  ...more,
})

function pageOf(runs: readonly Run[], protocols: readonly Protocol[] = [protocol('p')]): RunPage {
  const of = (read: (run: Run) => string | null | undefined): DictionaryColumn => coded(runs.map(read))
  const numbers = (read: (run: Run) => number): Float64Array => Float64Array.from(runs, read)
  const none = of(() => null)
  const columns: RunColumns = {
    run: runs.map(({ run }) => run),
    name: of(({ name }) => name),
    dataset: of(({ dataset = 'd' }) => dataset),
    model: of(() => 'two-tower'),
    recipe: none,
    loss: none,
    state: of(({ state = 'finished' }) => state) as RunColumns['state'],
    folder: none,
    note: none,
    tags: none,
    protocol: of(({ protocol: hash = 'p' }) => hash),
    search: none,
    createdAt: numbers(({ created = 0 }) => created),
    seed: numbers(() => 1),
    epochs: new Int32Array(runs.length),
    bestEpoch: new Int32Array(runs.length).fill(-1),
    best: numbers(() => NaN),
    seconds: numbers(() => 0),
    examplesPerSecond: numbers(() => NaN),
    pinned: Uint8Array.from(runs, ({ pinned = false }) => Number(pinned)),
    family: of(({ family = 'f' }) => family),
    metrics: { m: numbers(({ value = NaN }) => value) },
    spec: { path: of(({ name }) => JSON.stringify(name)) },
  }
  return runPage(columns, protocols)
}
const told = (page: RunPage): unknown[] =>
  page.columns.run.map((run, i) => [
    run,
    textAt(page.columns.name, i),
    textAt(page.columns.spec['path']!, i),
    page.columns.metrics['m']![i],
    page.place.get(run) === i,
  ])

describe('patching', () => {
  const names = fc.constantFrom('a', 'b', 'c', 'd')
  const lists = fc.uniqueArray(fc.record({ run: fc.constantFrom('r0', 'r1', 'r2', 'r3', 'r4', 'r5'), name: names, value: fc.integer() }), {
    selector: ({ run }) => run,
  })
  test('gives what asking for everything would give, in the old order with new runs at the end', () => {
    fc.assert(
      fc.property(lists, lists, fc.uniqueArray(fc.constantFrom('r0', 'r1', 'r2', 'r3', 'r4', 'r5')), (before, now, changed) => {
        const asked = new Set(changed)
        const fresh = now.filter(({ run }) => asked.has(run))
        const freshBy = new Map(fresh.map((run) => [run.run, run]))
        const result = withFreshRows(pageOf(before), asked, pageOf(fresh))
        const expected = [
          ...before.flatMap((run) => (asked.has(run.run) ? (freshBy.get(run.run) ?? []) : run)),
          ...fresh.filter(({ run }) => !before.some((old) => old.run === run)),
        ]
        expect(told(result)).toEqual(told(pageOf(expected)))
      }),
    )
  })
})

describe('groups', () => {
  test('one a protocol, with the reason; live runs first, stopped ones last', () => {
    const page = pageOf(
      [
        { run: 'old', name: 'a', created: 1 },
        { run: 'stopped', name: 'b', protocol: null, state: 'failed', created: 9, dataset: 'e' },
        { run: 'other', name: 'c', protocol: 'q', created: 5 },
        { run: 'live', name: 'd', protocol: null, state: 'running', created: 3 },
      ],
      [protocol('p'), protocol('q', { seen: 'included', datasetName: 'f', datasetChecksum: 'x' })],
    )
    const groups = groupsOf(page, [0, 1, 2, 3], (places) => places.map((at) => singleRow(page, at)))
    expect(groups.map(({ key, rows, differs }) => [key, rows.map((row) => row.key), differs])).toEqual([
      ['~d', ['live'], []],
      ['q', ['other'], []],
      ['p', ['old'], ['datasetName', 'seen']],
      ['~e', ['stopped'], []],
    ])
  })

  test('another content of the same dataset is told', () => {
    expect(protocolDifferences(protocol('a'), protocol('b', { datasetChecksum: 'x' }))).toEqual(['datasetChecksum'])
  })
})

describe('seeds', () => {
  test('families of two and more are one row, whose members follow where it is open', () => {
    const page = pageOf([
      { run: 'a1', name: 'a', family: 'f' },
      { run: 'b1', name: 'b', family: 'g' },
      { run: 'a2', name: 'a', family: 'f' },
    ])
    const rows = familyRows(page, [0, 1, 2], new Set(['family f p']), (list) => list)
    expect(rows.map(({ key, nested, members }) => [key, nested, members])).toEqual([
      ['family f p', false, [0, 2]],
      ['a1', true, null],
      ['a2', true, null],
      ['b1', false, null],
    ])
  })

  test('mean and sample standard deviation of what is known', () => {
    const { mean, sd, n } = meanSd([1, NaN, 2, 4], [0, 1, 2, 3])
    expect([mean, n]).toEqual([7 / 3, 3])
    expect(sd).toBeCloseTo(Math.sqrt(7 / 3), 12)
    expect(meanSd([5], [0])).toEqual({ mean: 5, sd: NaN, n: 1 })
    expect(meanSd([NaN], [0]).mean).toBeNaN()
  })
})

test('a delta is to the baseline of the same protocol only, and the baseline has none', () => {
  const page = pageOf(
    [
      { run: 'a', name: 'a', value: 0.5, pinned: true },
      { run: 'b', name: 'b', value: 0.75 },
      { run: 'c', name: 'c', value: 0.9, protocol: 'q' },
      { run: 'd', name: 'd', value: 0.1, protocol: null },
    ],
    [protocol('p'), protocol('q')],
  )
  expect([...deltas(page.columns, 'm')]).toEqual([NaN, 0.25, NaN, NaN])
  expect([...deltas(page.columns, 'unknown')]).toEqual([NaN, NaN, NaN, NaN])
})

test('CSV quotes what needs it, keeps numbers whole and formulas harmless', () => {
  const columns = [
    { id: 'a', title: '', value: (row: { a: string | null; b: number }) => row.a },
    { id: 'b, c', title: '', value: (row: { a: string | null; b: number }) => row.b },
  ]
  expect(
    tableCsv(
      [
        { a: 'say "hi", you', b: 0.1 + 0.2 },
        { a: '=1+1', b: NaN },
        { a: null, b: -3 },
        { a: '两\n行', b: 0 },
      ],
      columns,
    ),
  ).toBe(`a,"b, c"\r\n"say ""hi"", you",0.30000000000000004\r\n'=1+1,\r\n,-3\r\n"两\n行",0\r\n`)
})

test('tags are split at commas of either script, each once', () => {
  expect(splitTags(' cold, paper，cold ,, ')).toEqual(['cold', 'paper'])
})
