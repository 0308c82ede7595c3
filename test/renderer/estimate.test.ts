/** The estimate of a new run: what it says of models that are trained by steps and of those that are not, and nothing of another model. */
import { mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { expect, test } from 'vitest'
import type { EstimateResult } from '@contract/verbs.ts'
import EstimateCard from '@/pages/new-run/side/EstimateCard.vue'

const estimate = (method: EstimateResult['method']): EstimateResult => ({
  method,
  parameters: { total: 10, tables: [], dense: 10 },
  towers: null,
  memory: { parameters: 40, optimizer: 80, peak: 1000 },
  examples: 100,
  batch: 10,
  stepsPerEpoch: 10,
  secondsPerEpoch: 39,
  probedSteps: 3,
  threads: 2,
  busy: false,
})
const card = (props: object): VueWrapper =>
  mount(EstimateCard as never, {
    props: { estimate: estimate('measured'), loading: false, flawed: false, error: null, epochs: 20, seeds: 1, ...props } as never,
    global: { plugins: [createPinia()] },
  })
const rows = (shown: VueWrapper): string[] => shown.findAll('dt').map((term) => term.text())

test('a model without epochs has no time of one', () => {
  expect(rows(card({}))).toEqual(['Parameters', 'Memory', 'An epoch', 'All epochs'])
  expect(rows(card({ epochs: null }))).toEqual(['Parameters', 'Memory', 'An epoch'])
  expect(rows(card({ epochs: 0 }))).toEqual(['Parameters', 'Memory'])
})

test('that a model is not trained by steps is not said of the next one while that is measured', async () => {
  const shown = card({ estimate: estimate('none'), epochs: null })
  expect(shown.text()).toContain('counted or solved')
  await shown.setProps({ loading: true })
  expect(shown.text()).not.toContain('counted or solved')
  expect(shown.text()).toContain('measuring…')
})
