/** The backtest of a data set: what is asked, and what its table and its sentences say. */
import { afterEach, expect, test } from 'vitest'
import type { DatasetManifest } from '@contract/shapes/dataset.ts'
import type { BacktestResult } from '@contract/verbs/backtest.ts'
import BacktestTab from '@/pages/data/dataset/BacktestTab.vue'
import { leave, show } from './mounted.ts'

afterEach(leave)

const DAY = 86_400
const values = [0.3, 0.2].map((value) => ({ users: 50, value, low: value - 0.01, high: value + 0.01 }))
const result: BacktestResult = {
  dataset: 'd',
  metric: 'ndcg@20',
  folds: [0, 10].map((day) => ({ cut: day * DAY, end: (day + 10) * DAY, trained: 500 + day, held: 50, protocol: 'p' })),
  recipes: [
    {
      recipe: 'ials',
      policies: [
        { policy: 'never', values, mean: 0.25, seconds: 2, gain: { mean: 0, low: 0, high: 0 } },
        { policy: 'full', values, mean: 0.31, seconds: 4, gain: { mean: 0.06, low: 0.02, high: 0.1 } },
      ],
      decay: [
        { age: 0, days: 0, share: 1, pairs: 2 },
        { age: 1, days: 10, share: 0.5, pairs: 1 },
      ],
      halfLifeDays: 10,
    },
  ],
}
const answers = { 'recipes.list': () => ({ recipes: [{ name: 'ials' }] }), 'datasets.backtest': () => ({ job: 'j' }) }

test('the recipes of the address are asked for; gains that are not chance are bold', { timeout: 30_000 }, async () => {
  const manifest = { name: 'd', hasTime: true } as DatasetManifest
  const page = await show(BacktestTab, { props: { manifest }, answers, place: '/?recipe=ials&beside=none' })
  await page.button('Start').trigger('click')
  expect(page.asked('datasets.backtest')).toEqual([{ dataset: 'd', recipe: ['ials'], folds: 5, epochs: 5 }])
  await page.say('job.finished', { job: 'j', run: null, state: 'done', result, error: null })
  const rows = page.shown.findAll('tbody tr')
  expect(rows.map((row) => row.find('.font-semibold').exists())).toEqual([false, true])
  expect(rows[1]!.text()).toMatch(/ials.*anew.*0\.3000.*0\.2900 … 0\.3100.*0\.3100.*\+0\.0600/)
  expect(page.shown.text()).toContain('ials: at this rate half is left after 10 days (measured: 10 days).')
})

test('a data set without times has no past', async () => {
  const page = await show(BacktestTab, { props: { manifest: { name: 'd', hasTime: false } as DatasetManifest }, answers })
  expect(page.shown.text()).toContain('This dataset has no times')
})
