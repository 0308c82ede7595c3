/** The button that makes one run of several: when it is off and why, what it asks, and the curve of the shares that were tried. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import type { Trial } from '@contract/shapes/run.ts'
import { trialsCurve } from '@contract/trials.ts'
import BlendButton from '@/pages/compare/BlendButton.vue'
import type { ComparedGroup, ComparedRun } from '@/pages/compare/useCompared.ts'
import { leave, show, type Mounted } from '../mounted.ts'

const run = (id: string, model = 'two-tower', state = 'finished'): ComparedRun => ({ run: id, label: id, model, state }) as ComparedRun
const group = (...runs: ComparedRun[]): ComparedGroup => ({ runs }) as unknown as ComparedGroup
const button = (runs: ComparedRun[], groups = [group(...runs)]): Promise<Mounted> =>
  show(BlendButton, { props: { runs, groups }, answers: { 'runs.blend': () => ({ job: 'j1', run: 'both' }) } })

afterEach(leave)

test('asks for the runs that are shown, and goes to the new one', async () => {
  const page = await button([run('a'), run('b', 'ials')])
  await page.button('Blend').trigger('click')
  await flushPromises()
  expect(page.asked('runs.blend')).toEqual([{ runs: ['a', 'b'] }])
  expect(page.router.currentRoute.value.fullPath).toBe('/runs/both')
})

test.each([
  ['one run', [run('a')], undefined, /two or more/],
  ['one that has not finished', [run('a'), run('b', 'two-tower', 'running')], undefined, /finished/],
  ['two protocols', [run('a'), run('b')], [group(run('a')), group(run('b'))], /several protocols/],
  ['one without vectors', [run('a'), run('b', 'ease')], undefined, /b is of ease/],
  ['a blend', [run('a'), run('b', 'blend')], undefined, /b is a blend itself: choose its runs instead/],
])('is off for %s, and says why', async (_, runs, groups, why) => {
  const page = await button(runs, groups)
  expect(page.button('Blend').attributes('disabled')).toBeDefined()
  const reason = page.button('Blend').attributes('aria-describedby')
  expect(document.getElementById(reason!)?.textContent).toMatch(why)
})

test('a curve of one setting, or of two shares; of more there is none', () => {
  const trial = (settings: Trial['settings'], value: number): Trial => ({ settings, value, metric: 'ndcg@20', seconds: 1 })
  const shares = [trial({ 'weights.a': 1, 'weights.b': 0 }, 0.1), trial({ 'weights.a': 0, 'weights.b': 1 }, 0.2)]
  expect(trialsCurve(shares)).toBeNull()
  const curve = trialsCurve([...shares, trial({ 'weights.a': 0.5, 'weights.b': 0.5 }, 0.3)])
  expect(curve).toEqual({ path: 'weights.a', x: [0, 0.5, 1], y: [0.2, 0.3, 0.1] })
  expect(trialsCurve([250, 125, 500].map((lambda) => trial({ lambda }, lambda)))?.x).toEqual([125, 250, 500])
  expect(trialsCurve([1, 2, 3].map((a) => trial({ a, b: a }, a)))).toBeNull()
})
