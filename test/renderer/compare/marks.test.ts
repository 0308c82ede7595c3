/** The table of metrics: marks stand where the engine's test put them, and where it could not be made the page says why and mends it. */
import { afterEach, expect, test } from 'vitest'
import type { ComparedGroup } from '@/pages/compare/useCompared.ts'
import MetricsTab from '@/pages/compare/MetricsTab.vue'
import { leave, show } from '../mounted.ts'
import { protocol } from './protocol.ts'

afterEach(leave)

const run = (id: string, family: string, value: number) => ({
  run: id,
  name: id,
  label: id,
  family,
  colour: 'red',
  metrics: { 'ndcg@20': value },
})
const groups = [{ protocol, runs: [run('a', 'f', 0.2), run('b', 'f', 0.3), run('c', 'g', 0.1)] }] as unknown as ComparedGroup[]
const props = { groups, unmeasured: [], metrics: ['ndcg@20'] }

test('no ranks, no marks: the page says whose, ranks them, and marks what the test tells', async () => {
  let ranked = false
  const page = await show(MetricsTab, {
    props,
    answers: {
      'runs.marks': () =>
        ranked
          ? { groups: [{ protocol: protocol.hash, rows: [['a', 'b'], ['c']], best: { 'ndcg@20': 0 } }], unranked: [] }
          : { groups: [], unranked: ['b', 'c'] },
      'runs.rank': () => ({ job: 'j' }),
    },
  })
  expect(page.shown.find('[role=status]').text()).toContain('not kept of b, c yet')
  expect(page.shown.findAll('td.best')).toHaveLength(0)
  await page.button('Rank them').trigger('click')
  expect(page.asked('runs.rank')).toEqual([{ runs: ['b', 'c'] }])
  ranked = true
  await page.say('job.finished', { job: 'j', run: null, state: 'done', result: { runs: ['b', 'c'] }, error: null })
  const cells = page.shown.findAll('td.num')
  expect(cells.map((cell) => [cell.classes('best'), cell.text()])).toEqual([
    [true, '0.2500 ± 0.0707, best'],
    // the place of a deviation stays free, and is read to nobody
    [false, '0.1000 ± 0.0000'],
  ])
  expect(cells[1]!.find('[aria-hidden=true]').classes()).toContain('invisible')
  expect(page.shown.text()).toContain('told from every other row')
})

test('where the test tells nothing, the page says so', async () => {
  const answers = { 'runs.marks': () => ({ groups: [{ protocol: protocol.hash, rows: [['a', 'b'], ['c']], best: {} }], unranked: [] }) }
  const page = await show(MetricsTab, { props, answers })
  expect(page.shown.text()).toContain('No figure is told from all others beyond chance')
  expect(page.shown.text()).toContain('train a third')
})
