/** The searches page: pictures that invent nothing, a mark only where the test supports it, and what the form asks for. */
import { flushPromises, mount } from '@vue/test-utils'
import { describe, expect, test } from 'vitest'
import { type Dimension, type SearchDetail, searchDetailSchema, type SearchTrial, type SearchVerdict } from '@contract/shapes/search.ts'
import FinalsPanel from '@/pages/searches/FinalsPanel.vue'
import { fieldScale } from '@contract/search-picture.ts'
import ParallelPanel from '@/pages/searches/ParallelPanel.vue'
import SearchForm from '@/pages/searches/SearchForm.vue'
import { choiceValues, draftOf, isSound, spaceOf } from '@/pages/searches/space-draft.ts'
import { show } from './mounted.ts'

const range: Dimension & { kind: 'range' } = { kind: 'range', low: 1e-4, high: 1, log: true, integer: false, tied: [], when: null }
const widths: Dimension = { kind: 'choice', values: [[], [128]], tied: ['item.hidden'], when: null }
const dropout: Dimension = { kind: 'choice', values: [0, 0.2], tied: [], when: { path: 'user.hidden', in: [[128]] } }
const space: Record<'a.rate' | 'user.hidden' | 'user.dropout' | 'b.share', Dimension> = {
  'a.rate': range,
  'user.hidden': widths,
  'user.dropout': dropout,
  'b.share': { ...range, log: false, low: 0 },
}

const trial = (number: number, params: Record<string, unknown>, value: number | null): SearchTrial => ({
  number,
  run: `r${number}`,
  params,
  finalOf: null,
  seed: null,
  state: value === null ? 'failed' : 'complete',
  value,
  epochs: 3,
  bestEpoch: 3,
  seconds: 1,
  curve: [],
  drawn: { by: 'random', known: 0, acquisition: null, note: null },
  error: null,
})
const search = (list: SearchTrial[]): SearchDetail =>
  searchDetailSchema.parse({
    search: 's1',
    name: 's',
    dataset: 'd',
    recipe: null,
    state: 'finished',
    over: 'trials',
    error: null,
    createdAt: '2026-01-01T00:00:00Z',
    metric: 'ndcg@20',
    sampler: 'tpe',
    stop: 'none',
    trials: list.length,
    ofTrials: 40,
    seconds: 1,
    best: null,
    spec: { name: 's', dataset: 'd', spec: {}, space },
    list,
    importance: {},
    verdict: null,
    promoted: [],
  })

describe('parallel coordinates', () => {
  test('a line breaks where its trial has no such field, and a failed trial has none', async () => {
    const full = trial(1, { 'a.rate': 0.01, 'user.hidden': [128], 'user.dropout': 0.2, 'b.share': 0.5 }, 0.4)
    const without = trial(2, { 'a.rate': 1, 'user.hidden': [], 'b.share': 1 }, 0.2)
    const { shown } = await show(ParallelPanel, { props: { search: search([full, without, trial(3, { 'a.rate': 1 }, null)]) } })
    // the worst is drawn first: two stretches, either side of the field that it lacks
    const strokes = shown.findAll('path.line').map((line) => line.attributes('d')!.split('M').length - 1)
    expect(strokes).toEqual([2, 1])
  })
  test('a value lies where its scale says, one that is not of the space nowhere', () => {
    const place = (params: Record<string, unknown>, path: keyof typeof space): number | null =>
      fieldScale(path, space[path], String).place({ params })
    expect(place({ 'a.rate': 0.01 }, 'a.rate')).toBeCloseTo(0.5)
    expect(place({ 'user.hidden': [128] }, 'user.hidden')).toBe(1)
    expect([place({ 'a.rate': 5 }, 'a.rate'), place({ 'user.hidden': [7] }, 'user.hidden'), place({}, 'user.dropout')]).toEqual([
      null,
      null,
      null,
    ])
  })
})

test('the winner is marked only where the test tells it from all others', () => {
  const verdict = (adjusted: number): SearchVerdict => ({
    winner: 1,
    users: 10,
    finals: [
      { trial: 1, runs: ['a'], mean: 0.3, sd: 0.01 },
      { trial: 2, runs: ['b'], mean: 0.2, sd: 0.01 },
    ],
    pairs: [{ trial: 2, difference: 0.1, interval: { level: 0.95, low: 0, high: 0.2 }, p: adjusted, adjusted }],
  })
  const marks = (adjusted: number): number =>
    mount(FinalsPanel, { props: { search: search([]), verdict: verdict(adjusted) } }).findAll('.badge').length
  expect([marks(0.01), marks(0.2)]).toEqual([1, 0])
})

describe('the form', () => {
  test('says the space as it was edited, and leaves out what hangs on a field that is not there', () => {
    const rows = draftOf(space)
    expect(spaceOf(rows)).toEqual(space)
    expect(Object.keys(spaceOf(rows.map((row) => ({ ...row, on: row.path !== 'user.hidden' }))))).toEqual(['a.rate', 'b.share'])
    expect(choiceValues('16, 32')).toEqual([16, 32])
    expect(choiceValues('[[],[64]]')).toEqual([[], [64]])
    expect(choiceValues('bpr, ccl')).toEqual(['bpr', 'ccl'])
    expect(isSound({ ...rows[0]!, low: 0 })).toBe(false)
  })

  test('asks for a search around the recipe, with the fields that are ticked', async () => {
    const started: unknown[] = []
    const { shown, button, asked } = await show(SearchForm, {
      answers: {
        'datasets.list': () => ({ datasets: [{ name: 'd' }] }),
        'recipes.list': () => ({ recipes: [{ name: 'two-tower', title: 'T', spec: {} }] }),
        'search.space': () => ({ space, spec: { model: 'two-tower' } }),
        'search.start': () => ({ job: 'j', search: 's1' }),
      },
    })
    expect(asked('search.space')).toEqual([{ dataset: 'd', recipe: 'two-tower' }])
    await shown.find('input[type=checkbox][aria-label="b.share"]').setValue(false)
    await button('Start the search').trigger('click')
    await flushPromises()
    started.push(...asked('search.start'))
    expect(started).toMatchObject([
      { dataset: 'd', search: { spec: { model: 'two-tower' }, sampler: { kind: 'tpe' }, stop: { kind: 'none' }, budget: { trials: 40 } } },
    ])
    expect(Object.keys((started[0] as { search: { space: object } }).search.space)).toEqual(['a.rate', 'user.hidden', 'user.dropout'])
    expect(shown.emitted('started')).toEqual([['s1']])
  })
})
