/** The page of a run: which of its tabs there are, and what a blend is made of. */
import { afterEach, expect, test } from 'vitest'
import RunPage from '@/pages/run/RunPage.vue'
import { leave, show } from './mounted.ts'

afterEach(leave)

const run = (epochs: number): object => ({
  run: 'r1',
  name: 'r1',
  dataset: 'small',
  model: 'two-tower',
  recipe: null,
  seed: 1,
  state: 'finished',
  epochs,
  bestEpoch: epochs,
  seconds: 1,
  createdAt: '2026-11-30T00:00:00Z',
  trial: null,
  protocolHash: 'p',
  metrics: {},
  trials: [],
  artefacts: [],
  tags: [],
  error: null,
  spec: { model: 'two-tower', loss: { kind: 'bsl' }, training: { epochs } },
})
const tabsOf = async (epochs: number): Promise<string[]> => {
  const answers = { 'runs.show': () => run(epochs), 'runs.log': () => ({ lines: [], more: false }), 'jobs.list': () => ({ jobs: [] }) }
  const page = await show(RunPage, { answers, place: '/runs/r1?tab=log' })
  return page.shown.findAll('[role=tab]').map((tab) => tab.text())
}

test('what a batch taught a run is told of one that was trained, not of one that is solved in closed form', async () => {
  expect(await tabsOf(3)).toContain('Negatives')
  const solved = await tabsOf(0)
  expect(solved).toContain('Results')
  expect(solved).not.toContain('Negatives')
})

test('a blend names the runs it is made of, with links to those that are there', async () => {
  const blend = { ...run(0), model: 'blend', spec: { model: 'blend', runs: ['a1', 'b2'] } }
  const answers = {
    'runs.show': () => blend,
    'runs.list': () => ({ runs: [{ run: 'a1', name: 'closed form' }] }),
    'runs.log': () => ({ lines: [], more: false }),
    'jobs.list': () => ({ jobs: [] }),
  }
  const page = await show(RunPage, { answers, place: '/runs/r1?tab=log' })
  expect(page.shown.text()).toMatch(/Made of\s*closed form\s*b2/)
  expect(page.shown.findAll('a').some((link) => link.text() === 'closed form' && link.attributes('href')?.endsWith('/runs/a1'))).toBe(true)
})
