/** The popularity dial of a run: what its table says, that λ 0 is kept as no run, and what is asked for another. */
import { afterEach, expect, test } from 'vitest'
import type { RunDetail } from '@contract/shapes/run.ts'
import type { DialResult } from '@contract/verbs/dial.ts'
import DialPanel from '@/pages/run/DialPanel.vue'
import { protocol } from './compare/protocol.ts'
import { leave, show } from './mounted.ts'

afterEach(leave)

const result: DialResult = {
  run: 'r1',
  protocol,
  users: 1200,
  points: [
    { lambda: -0.3, isPareto: true, metrics: { 'ndcg@20': 0.1, 'coverage@20': 0.9, 'tail.recall@20': 0.05 } },
    { lambda: 0, isPareto: true, metrics: { 'ndcg@20': 0.2, 'coverage@20': 0.5, 'tail.recall@20': 0.04 } },
    { lambda: 0.3, isPareto: false, metrics: { 'ndcg@20': 0.15, 'coverage@20': 0.4, 'tail.recall@20': 0.03 } },
  ],
}

test('a λ is chosen and kept as a run', async () => {
  const answers = { 'runs.dial': () => ({ job: 'j' }), 'runs.blend': () => ({ job: 'k', run: 'r2' }) }
  const page = await show(DialPanel, { props: { run: { run: 'r1' } as RunDetail }, answers })
  await page.button('Measure').trigger('click')
  expect(page.asked('runs.dial')).toEqual([{ run: 'r1' }])
  await page.say('job.finished', { job: 'j', run: 'r1', state: 'done', result, error: null })
  const rows = page.shown.findAll('tbody tr')
  expect(
    rows.map((row) =>
      row
        .findAll('td')
        .map((cell) => cell.text().replace('−', '-'))
        .join(' ')
        .trim(),
    ),
  ).toEqual(['-0.3 0.1000 0.0500 0.9000 unbeaten', '0, as it is 0.2000 0.0400 0.5000 unbeaten', '0.3 0.1500 0.0300 0.4000'])
  await rows[1]!.find('button').trigger('click')
  expect(page.button('Choose a λ to keep').attributes('disabled')).toBeDefined()
  await rows[0]!.find('button').trigger('click')
  const make = page.shown.findAll('button').find((each) => each.text().startsWith('Make a run of λ'))
  await make!.trigger('click')
  expect(page.asked('runs.blend')).toEqual([{ runs: ['r1'], popularity: -0.3 }])
})
