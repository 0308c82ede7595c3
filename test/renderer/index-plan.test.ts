/** What an index will cost: what is asked, what is measured and predicted, and that another run's answer is not shown for this one. */
import { afterEach, expect, test } from 'vitest'
import type { PlanResult } from '@contract/verbs/index-plan.ts'
import PlanPanel from '@/pages/index/PlanPanel.vue'
import { leave, show } from './mounted.ts'

afterEach(leave)
const cost = (items: number) => ({ items, bytes: 400 * items, p50Ms: 0.01, buildSeconds: 2 })
const way = { recall: 0.5, p50Ms: 0.2 }
const plan: PlanResult = {
  run: 'r1',
  k: 20,
  queries: 300,
  dim: 64,
  metric: 'cosine',
  spec: { connectivity: 16, expansionAdd: 128, expansionSearch: 64, scalar: 'f32' },
  measured: [100, 200, 400, 800].map(cost),
  check: { bytes: { predicted: 102, measured: 100 }, p50Ms: { predicted: 0.9, measured: 1 }, buildSeconds: { predicted: 1, measured: 1 } },
  asked: [{ ...cost(5_000_000), exactP50Ms: 50 }],
  exactP50Ms: 0.008,
  filters: [
    { share: 1, items: 800, served: way, scan: way, index: way },
    { share: 0.1, items: 80, served: way, scan: way, index: way },
  ],
}

test('costs are asked for, and told as measured or predicted', async () => {
  const page = await show(PlanPanel, { props: { run: 'r1', items: 800 }, answers: { 'index.plan': () => ({ job: 'j' }) } })
  await page.shown.find('input').setValue('5000000')
  await page.button('Predict').trigger('click')
  expect(page.asked('index.plan')).toEqual([{ run: 'r1', items: [5_000_000, 1600, 8000] }])
  await page.say('job.finished', { job: 'j', run: 'r1', state: 'done', result: plan, error: null })
  const rows = page.shown.findAll('tbody tr').map((row) => row.findAll('td').map((cell) => cell.text()))
  expect(rows.map((row) => [row[0], row[3], row[5]])).toEqual([
    ['100', '–', 'measured'],
    ['200', '–', 'measured'],
    ['400', '–', 'measured'],
    ['800', '0.008', 'measured'],
    ['5,000,000', '50', 'predicted'],
  ])
  expect(page.shown.text()).toContain('memory +2%, latency of a query −10%')
})
