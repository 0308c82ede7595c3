/** One button from nothing to a comparison: what it asks for follows from what is there, and at the end the comparison opens. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import FirstComparison from '@/features/first-comparison/FirstComparison.vue'
import { leave, show, type Answers, type Mounted } from './mounted.ts'

const RECIPES = ['most-popular', 'item-knn', 'ease', 'two-tower']
let datasets: string[]
let runs: object[]
const NDCG: Readonly<Record<string, number>> = { 'most-popular': 0.1, 'item-knn': 0.3, ease: 0.2, 'two-tower': 0.25 }
const made = (recipe: string, state: string, dataset = 'sample-market'): object => ({
  run: `${recipe}-${state}`,
  recipe,
  model: recipe,
  state,
  dataset,
  trial: null,
  metrics: state === 'finished' ? { 'ndcg@20': NDCG[recipe]! } : {},
})
const answers: Answers = {
  'datasets.list': () => ({ datasets: datasets.map((name) => ({ name })) }),
  'datasets.import': () => ({ job: 'j' }),
  'runs.list': () => ({ runs }),
  'jobs.list': () => ({ jobs: [] }),
  'runs.start': ({ recipe, resume }: { recipe?: string; resume?: string }) => {
    runs = [...runs, made(recipe ?? resume!.split('-').slice(0, 2).join('-'), 'queued')]
    return { job: 't', run: 'r' }
  },
}
const card = (offered = true, dataset?: string): Promise<Mounted> => show(FirstComparison, { props: { offered, dataset }, answers })

beforeEach(() => {
  localStorage.clear()
  ;[datasets, runs] = [[], [made('two-tower', 'finished', 'of my own')]]
})
afterEach(leave)

test('makes the sample, then starts what is missing, and shows it', async () => {
  const page = await card()
  await page.button('Try it with sample data').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import')).toEqual([{ name: 'sample-market', sample: true }])
  expect(page.asked('runs.start')).toEqual([])
  await page.say('job.finished', { job: 'j', run: null, state: 'done', result: { dataset: 'sample-market' }, error: null })
  await flushPromises()
  expect(page.asked('runs.start')).toEqual(RECIPES.map((recipe) => ({ dataset: 'sample-market', recipe })))
  expect(page.shown.findAll('li').map((line) => line.text())).toEqual(RECIPES.map((recipe) => expect.stringContaining(recipe) as string))
})

test('goes on by itself where it was stopped, and opens the comparison when all is done', async () => {
  datasets = ['sample-market']
  runs = [...runs, made('most-popular', 'finished'), made('item-knn', 'interrupted'), made('two-tower', 'interrupted')]
  localStorage.setItem('pylon.first-comparison', '"sample-market"')
  const page = await card(false)
  await flushPromises()
  expect(page.asked('datasets.import')).toEqual([])
  const started = [
    { dataset: 'sample-market', recipe: 'item-knn' },
    { dataset: 'sample-market', recipe: 'ease' },
    { resume: 'two-tower-interrupted' },
  ]
  expect(page.asked('runs.start')).toEqual(started)
  runs = RECIPES.map((recipe) => made(recipe, 'finished'))
  await page.say('runs.changed', { run: 'r' })
  await flushPromises()
  expect(page.router.currentRoute.value).toMatchObject({
    name: 'compare',
    query: {
      runs: 'most-popular-finished,item-knn-finished,ease-finished,two-tower-finished',
      a: 'item-knn-finished',
      b: 'two-tower-finished',
    },
  })
  expect(page.shown.find('section').exists()).toBe(false)
})

test('a dataset of one’s own is compared on as it is; a model that it is too large for is left out', async () => {
  datasets = ['mine', 'sample-market']
  runs = []
  const page = await card(true, 'mine')
  await page.button('Compare baselines and a two-tower').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import')).toEqual([])
  expect(page.asked('runs.start')).toEqual(RECIPES.map((recipe) => ({ dataset: 'mine', recipe })))
  runs = RECIPES.map((recipe) => made(recipe, recipe === 'ease' ? 'failed' : 'finished', 'mine'))
  await page.say('runs.changed', { run: 'r' })
  await flushPromises()
  expect(page.router.currentRoute.value.query).toMatchObject({ runs: 'most-popular-finished,item-knn-finished,two-tower-finished' })
})

test('it can be left, and is then not offered where there are runs', async () => {
  datasets = ['sample-market']
  localStorage.setItem('pylon.first-comparison', '"sample-market"')
  const page = await card(false)
  await flushPromises()
  await page.button('Leave it').trigger('click')
  expect(page.shown.find('section').exists()).toBe(false)
  expect(localStorage.getItem('pylon.first-comparison')).toBe('""')
})
