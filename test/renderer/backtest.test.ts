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
const summary = (backtest: string, state: string): object => ({
  backtest,
  dataset: 'd',
  recipes: ['ials'],
  metric: 'ndcg@20',
  folds: 2,
  state,
  createdAt: '2026-11-29T08:00:00.000Z',
  done: state === 'finished' ? 2 : 1,
  total: 2,
  error: null,
})
const kept = [summary('b2', 'interrupted'), summary('b1', 'finished')]
const answers = {
  'recipes.list': () => ({ recipes: [{ name: 'ials' }] }),
  'datasets.backtest': () => ({ job: 'j', backtest: 'b1' }),
  'backtests.list': () => ({ backtests: kept }),
  'backtests.show': ({ backtest }: { backtest: string }) => ({
    ...kept.find((each) => (each as { backtest: string }).backtest === backtest),
    ask: {},
    isCurrent: true,
    result: null,
  }),
  'backtests.resume': () => ({ job: 'k', backtest: 'b2' }),
  'backtests.delete': ({ backtest }: { backtest: string }) => ({ deleted: backtest, forever: false }),
}

const manifest = { name: 'd', hasTime: true } as DatasetManifest

test('the recipes of the address are asked for; what is found is shown, gains that are not chance bold', { timeout: 30_000 }, async () => {
  let isFound = false
  const page = await show(BacktestTab, {
    props: { manifest },
    answers: {
      ...answers,
      'backtests.show': (asked: { backtest: string }) => ({ ...answers['backtests.show'](asked), result: isFound ? result : null }),
    },
    place: '/?recipe=ials&beside=none&backtest=b2',
  })
  await page.button('Start').trigger('click')
  expect(page.asked('datasets.backtest')).toEqual([{ dataset: 'd', recipe: ['ials'], folds: 5, epochs: 5 }])
  isFound = true
  await page.say('job.finished', { job: 'j', run: null, state: 'done', result, error: null })
  expect(page.asked('backtests.show')).toEqual([{ backtest: 'b2' }, { backtest: 'b1' }])
  const rows = page.shown.findAll('table').at(-1)!.findAll('tbody tr')
  expect(rows.map((row) => row.find('.font-semibold').exists())).toEqual([false, true])
  expect(rows[1]!.text()).toMatch(/ials.*anew.*0\.3000.*0\.2900 … 0\.3100.*0\.3100.*\+0\.0600/)
  expect(page.shown.text()).toContain('ials: at this rate half is left after 10 days (measured: 10 days).')
})

test('what was made before is listed, the newest that found something shown; what was stopped goes on, and goes to the trash', async () => {
  const page = await show(BacktestTab, { props: { manifest }, answers })
  expect(page.asked('backtests.show')).toEqual([{ backtest: 'b1' }])
  const list = page.shown.find('table').findAll('tbody tr')
  expect(list.map((row) => row.text())).toEqual([
    expect.stringMatching(/ials.*interrupted.*1 of 2 folds.*Go on/) as string,
    expect.stringMatching(/ials.*finished/) as string,
  ])
  await list[1]!.find('button[aria-label="Move to the trash"]').trigger('click')
  expect(page.asked('backtests.delete')).toEqual([{ backtest: 'b1' }])
  await page.button('Go on').trigger('click')
  expect(page.asked('backtests.resume')).toEqual([{ backtest: 'b2' }])
})

test('a data set without times has no past', async () => {
  const page = await show(BacktestTab, { props: { manifest: { name: 'd', hasTime: false } as DatasetManifest }, answers })
  expect(page.shown.text()).toContain('This dataset has no times')
})
