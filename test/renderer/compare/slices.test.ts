/** Slices of a pair, and the ledger of a run: what is asked, what the table says, and that a mark stands only where the correction allows it. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import type { RunDetail } from '@contract/shapes/run.ts'
import type { Drop, LedgerResult } from '@contract/verbs/ledger.ts'
import type { SlicesResult } from '@contract/verbs/slices.ts'
import SlicesTab from '@/pages/compare/SlicesTab.vue'
import type { ComparedGroup } from '@/pages/compare/useCompared.ts'
import { asked } from '@/composables/confirm.ts'
import LedgerPanel from '@/pages/run/LedgerPanel.vue'
import { leave, show } from '../mounted.ts'
import { protocol } from './protocol.ts'

afterEach(leave)

const slice = { side: 'item', users: 30, meanA: 0.2, meanB: 0.1, difference: -0.1, rest: 0, excess: -0.1, low: -0.15, high: -0.05 } as const
const result: SlicesResult = {
  a: { run: 'a', name: 'a' },
  b: { run: 'b', name: 'b' },
  protocol,
  metric: 'ndcg@20',
  fdr: 0.1,
  users: 900,
  difference: -0.01,
  looked: 40,
  found: [
    { ...slice, column: 'genre', test: { kind: 'value', value: 'horror' }, share: 0.9, t: -6, p: 1e-6, adjusted: 1e-5 },
    { ...slice, column: 'popularity', test: { kind: 'range', from: 4, to: 9 }, share: null, t: -3, p: 0.001, adjusted: 0.05 },
  ],
}

test('both runs are asked about, slices are named, and swapping asks again', async () => {
  const runs = ['a', 'b'].map((run) => ({ run, label: run, state: 'finished' }))
  const page = await show(SlicesTab, {
    props: { groups: [{ runs }] as unknown as ComparedGroup[] },
    answers: { 'runs.slices': () => ({ job: 'j' }) },
  })
  expect(page.asked('runs.slices')).toEqual([{ runs: ['a', 'b'], metric: 'ndcg@20' }])
  await page.say('job.finished', { job: 'j', run: null, state: 'done', result, error: null })
  const rows = page.shown.findAll('tbody tr').map((row) => row.text())
  expect(rows[0]).toMatch(/horror.*item\.genre.*30.*90/)
  expect(rows[1]).toMatch(/4 … 9.*popularity of the held-out item/)
  expect(page.shown.text()).toMatch(/2 slices of 40 differ, at a false discovery rate of 10\s?%/)
  await page.button('Swap A and B').trigger('click')
  await flushPromises()
  await page.say('job.finished', { job: 'j', run: null, state: 'done', result: { ...result, found: [] }, error: null })
  expect(page.asked('runs.slices').at(-1)).toEqual({ runs: ['b', 'a'], metric: 'ndcg@20' })
  expect(page.shown.text()).toMatch(/No slice of 40 differs/)
})

test('a ledger marks what is not chance, and shows trainings where there were some', async () => {
  const drop = (value: number, adjusted: number): Drop => ({
    slice: 'all',
    users: 90,
    drop: value,
    low: value - 0.01,
    high: value + 0.01,
    p: adjusted,
    adjusted,
  })
  const row = (column: string, value: number, adjusted: number): LedgerResult['rows'][number] => ({
    side: 'item',
    column,
    features: [{ name: column, kind: 'number' }],
    bytes: 2048,
    milliseconds: 3,
    permuted: [drop(value, adjusted)],
    without: column === 'price' ? { seeds: [1, 2, 3], drops: [drop(0.01, 0.4)], secondsLess: 0.5, error: null } : null,
    shuffled: null,
  })
  const ledger: LedgerResult = {
    run: 'a',
    metric: 'ndcg@20',
    protocol,
    users: 90,
    repeats: 5,
    value: 0.2,
    rows: [row('price', 0.1, 0.001), row('age', 0.02, 0.2)],
    ablation: { search: 's', state: 'finished', trials: 6, ofTrials: 6 },
  }
  const page = await show(LedgerPanel, {
    props: { run: { run: 'a' } as RunDetail },
    answers: { 'runs.ledgered': () => ledger, 'runs.ablate': () => ({ job: 'j', search: 's' }) },
    place: '/?ledger=permuted',
  })
  const marks = (): boolean[] => page.shown.findAll('tbody tr').map((line) => line.find('.font-semibold').exists())
  expect(marks()).toEqual([true, false])
  expect(page.shown.findAll('svg.found')).toHaveLength(1)
  await page.router.push('/?ledger=without')
  expect(marks()).toEqual([false])
  expect(page.shown.text()).toContain('0.5')
  await page.button('Train without each column…').trigger('click')
  // many trainings: it is asked first
  expect(page.asked('runs.ablate')).toEqual([])
  asked.value!.answer(true)
  await flushPromises()
  expect(page.asked('runs.ablate')).toEqual([{ run: 'a' }])
})
