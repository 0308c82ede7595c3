/** The verdict of a pair: what is asked, what the sentence and the picture say, and that colours wait for a test. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import type { VerdictResult } from '@contract/verbs/verdict.ts'
import type { ComparedGroup } from '@/pages/compare/useCompared.ts'
import VerdictTab from '@/pages/compare/VerdictTab.vue'
import { leave, show } from '../mounted.ts'
import { protocol } from './protocol.ts'

afterEach(leave)

const side = (name: string, mean: number): VerdictResult['a'] => ({
  family: name,
  name,
  runs: ['r1', 'r2'],
  seeds: [1, 2],
  mean,
  sd: 0.001,
})
const result: VerdictResult = {
  a: side('small', 0.2),
  b: side('large', 0.21),
  protocol,
  metric: 'ndcg@20',
  users: 900,
  verdict: 'unknown',
  of: 'recipes',
  difference: 0.01,
  interval: { level: 0.95, low: -0.005, high: 0.025 },
  inner: { level: 0.9, low: -0.002, high: 0.022 },
  standardError: 0.007,
  df: 30,
  p: 0.17,
  within: 0.004,
  pWithin: 0.8,
  seedShare: 0.6,
  needed: { power: 0.8, users: null, seeds: 7 },
  slices: [
    {
      slice: 'all',
      users: 900,
      meanA: 0.2,
      meanB: 0.21,
      difference: 0.01,
      interval: { level: 0.95, low: -0.005, high: 0.025 },
      adjusted: 0.3,
    },
    { slice: 'tail', users: 90, meanA: 0.2, meanB: 0.3, difference: 0.1, interval: { level: 0.95, low: 0.05, high: 0.15 }, adjusted: 0.01 },
  ],
}
const run = (id: string, family: string): object => ({ run: id, label: id, state: 'finished', family, metrics: { 'ndcg@20': 0.2 } })
const groups = [{ runs: [run('a', 'small'), run('b', 'large'), run('b2', 'large')] }] as unknown as ComparedGroup[]
const opened = (place = '/') => show(VerdictTab, { props: { groups }, answers: { 'runs.verdict': () => ({ job: 'j' }) }, place })
const finish = (page: Awaited<ReturnType<typeof opened>>, found: VerdictResult): Promise<void> =>
  page.say('job.finished', { job: 'j', run: null, state: 'done', result: found, error: null })

test('two recipes that nobody can tell: the sentence, the seeds that would, and colours only by the test', async () => {
  const page = await opened()
  expect(page.asked('runs.verdict')).toEqual([{ runs: ['a', 'b'], metric: 'ndcg@20', within: '2%', alone: false }])
  await finish(page, result)
  expect(page.shown.get('[role=status]').text()).toBe('Cannot say yet whether they differ by ndcg@20.')
  expect(page.shown.text()).toMatch(/in 80\s?% of cases, it takes 7 seeds each/)
  expect(page.shown.get('svg[role=img]').attributes('aria-label')).toMatch(/−0\.0050 to \+0\.0250, 90% interval −0\.0020/)
  expect(page.shown.findAll('tbody .up')).toHaveLength(1)
  expect(page.shown.findAll('svg.found')).toHaveLength(1)
})

test('another margin and single runs ask again; a margin that is none asks nothing', async () => {
  const page = await opened()
  await finish(page, result)
  const margin = page.shown.get('input.input')
  await margin.setValue('0.02')
  await margin.trigger('change')
  await flushPromises()
  await finish(page, { ...result, verdict: 'same', within: 0.02 })
  expect(page.asked('runs.verdict').at(-1)).toMatchObject({ within: '0.02' })
  expect(page.shown.get('[role=status]').text()).toBe('The same within ± 0.02 ndcg@20.')
  await page.shown.get('input[type=checkbox]').setValue(false)
  await flushPromises()
  await finish(page, { ...result, verdict: 'different', of: 'runs' })
  expect(page.asked('runs.verdict').at(-1)).toMatchObject({ alone: true })
  expect(page.shown.get('[role=status]').text()).toBe('Different: B (large) is better by ndcg@20.')
  expect(page.shown.text()).toContain('nothing is known of other seeds')
  const before = page.asked('runs.verdict').length
  await margin.setValue('0')
  await margin.trigger('change')
  await flushPromises()
  expect(page.asked('runs.verdict')).toHaveLength(before)
  expect(page.shown.text()).toContain('A number above 0')
})

test('runs that differ only in their seed stand against each other alone', async () => {
  const page = await opened('/?a=b&b=b2')
  expect(page.asked('runs.verdict')).toEqual([{ runs: ['b', 'b2'], metric: 'ndcg@20', within: '2%', alone: true }])
  expect(page.shown.text()).toContain('They differ only in their seed')
})

test('it opens with two models where there are two, and not with two seeds of one', async () => {
  const [small, large, other] = [run('a', 'small'), run('b', 'large'), run('b2', 'large')]
  const seedsFirst = [{ runs: [large, other, small] }] as unknown as ComparedGroup[]
  const page = await show(VerdictTab, { props: { groups: seedsFirst }, answers: { 'runs.verdict': () => ({ job: 'j' }) } })
  expect(page.asked('runs.verdict')).toMatchObject([{ runs: ['b', 'a'] }])
})
