/** The proof of the evaluator on a dataset's page: there where the dataset is a published split, and what it says of what came out. */
import { afterEach, expect, test } from 'vitest'
import type { ProofResult } from '@contract/verbs/published.ts'
import ProofCard from '@/pages/data/dataset/ProofCard.vue'
import { protocol } from './compare/protocol.ts'
import { leave, show } from './mounted.ts'

afterEach(leave)

const result = (found: number): ProofResult => ({
  dataset: 'g',
  split: 'Gowalla',
  protocol,
  checks: [
    {
      model: 'ease',
      settings: 'λ 80',
      source: 'BARS',
      seconds: 61,
      figures: [{ metric: 'recall@20', published: 0.1765, found, isEqual: found === 0.1765 }],
    },
  ],
  isProved: found === 0.1765,
})
const split = { name: 'Gowalla', source: 'NGCF', results: [] }

test('it is started from here, and says whether every figure is the published one', async () => {
  const answers = { 'datasets.published': () => ({ split }), 'datasets.prove': () => ({ job: 'j' }) }
  const page = await show(ProofCard, { props: { dataset: 'g' }, answers })
  for (const [button, found, told, digits] of [
    ['Prove it', 0.1765, 'every figure is the published one', 'equal'],
    ['Prove it again', 0.1764, 'trust no number', 'different'],
  ] as const) {
    await page.button(button).trigger('click')
    const progress = { stage: 'invert', done: 3, total: 117, unit: 'blocks', note: 'ease' }
    await page.say('job.progress', { job: 'j', run: null, progress, perSecond: 1, etaSeconds: 114 })
    expect(page.shown.text()).toContain('ease · inverting')
    await page.say('job.finished', { job: 'j', run: null, state: 'done', result: result(found), error: null })
    expect(page.shown.find('[role=status]').text()).toContain(told)
    expect(page.shown.find('tbody tr').text()).toMatch(new RegExp(`ease.*recall@20.*0\\.1765.*${String(found)}.*${digits}`))
  }
  expect(page.asked('datasets.prove')).toEqual([{ dataset: 'g' }, { dataset: 'g' }])
})

test('a dataset that is no published split shows nothing of it', async () => {
  const page = await show(ProofCard, { props: { dataset: 'd' }, answers: { 'datasets.published': () => ({ split: null }) } })
  expect(page.shown.text()).toBe('')
})
