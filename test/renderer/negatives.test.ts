/** The negative laboratory of a run: what it asks by its sliders, and what it tells of a batch and of a trial. */
import { afterEach, expect, test } from 'vitest'
import type { RunDetail } from '@contract/shapes/run.ts'
import type { NegativesResult } from '@contract/verbs/negatives.ts'
import NegativesPanel from '@/pages/run/negatives/NegativesPanel.vue'
import { leave, show, type Mounted } from './mounted.ts'

afterEach(leave)
const bucket = (from: number, to: number | null, share: number) => ({ from, to, pairs: 10, share })
const result: NegativesResult = {
  run: 'r1',
  mix: { loss: 'mixed-softmax', sampler: 'popularity', alpha: 0.5, drawn: 1024, hard: null, temperature: 0.2 },
  rows: 4,
  batch: 4,
  candidates: 6,
  loss: 1.25,
  masked: { accidental: 3, known: 7 },
  negatives: 20,
  pull: { positives: 1, negatives: 1 },
  byRank: [bucket(1, 1, 0.75), bucket(2, null, 0.25)],
  byPopularity: [bucket(0, 0, 0.5), bucket(1, null, 0.5)].map((each) => ({ ...each, correction: 6 })),
  falseNegatives: { known: 1, knownShare: 0.05, gradientShare: 0.1, users: 40, held: 41, estimate: { share: 0.125, low: 0.1, high: 0.15 } },
  heat: {
    rows: [{ user: 'u1', item: 'lamp' }],
    columns: [
      { item: 'lamp', popularity: 3, source: 'batch' },
      { item: 'chair', popularity: 4, source: 'drawn' },
    ],
    scores: Float32Array.of(3, 1),
    gradients: Float32Array.of(0.5, 0.25),
    kinds: Uint8Array.of(1, 3),
  },
  trial: {
    steps: 200,
    metric: 'recall@20',
    users: 2000,
    points: [
      { step: 0, run: 0.1, mix: 0.1 },
      { step: 200, run: 0.1, mix: 0.2 },
    ],
  },
}

const panel = (): Promise<Mounted> =>
  show(NegativesPanel, { props: { run: { run: 'r1' } as RunDetail }, answers: { 'runs.negatives': () => ({ job: 'j' }) } })

test('sliders that were moved are asked for, and go back to the run', async () => {
  const page = await panel()
  const [alpha, hard, temperature] = page.shown.findAll('input[type=range]')
  await alpha!.setValue('0.5')
  await hard!.setValue('0.25')
  await temperature!.setValue('-1')
  expect(page.shown.findAll('output').map((each) => each.text())).toEqual(['0.5', '25%', '0.1'])
  await page.button('Look at a batch').trigger('click')
  expect(page.asked('runs.negatives')).toEqual([{ run: 'r1', batch: 1, alpha: 0.5, hard: 0.25, temperature: 0.1 }])
  await page.say('job.finished', { job: 'j', run: 'r1', state: 'done', result: { ...result, trial: null }, error: null })
  expect(page.shown.find('dl').text()).toContain('12.5% (10% – 15%)')
  expect(page.shown.find('dl').text()).toContain('5% · 10%')
  expect(page.shown.text()).not.toContain('steps from here')
})

test('a trial goes on from the run by the mix that is left', async () => {
  const page = await panel()
  const [alpha, hard] = page.shown.findAll('input[type=range]')
  await alpha!.setValue('0.5')
  await hard!.setValue('0.25')
  await page.shown.find('button[aria-label="Hard share as the run"]').trigger('click')
  await page.button('Try 200 steps').trigger('click')
  expect(page.asked('runs.negatives')).toEqual([{ run: 'r1', batch: 1, alpha: 0.5, trial: 200 }])
  await page.say('job.finished', { job: 'j', run: 'r1', state: 'done', result, error: null })
  expect(page.shown.text()).toContain('200 steps from here')
  expect(page.shown.text()).toContain('Lists of 2,000 users')
})
