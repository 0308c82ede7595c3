/** Jobs as the page tells them: by the names of their runs, in the strip, in the window's title and while they wait; and who cancels them. */
import { defineComponent, h } from 'vue'
import { afterEach, expect, test } from 'vitest'
import type { JobInfo } from '@contract/verbs/jobs.ts'
import StatusStrip from '@/components/app/StatusStrip.vue'
import { workTitle } from '@/composables/job-words.ts'
import { useAskedJob } from '@/composables/useAskedJob.ts'
import { leave, show } from './mounted.ts'

afterEach(leave)
const job = (more: Partial<JobInfo>): JobInfo => ({
  job: 'j1',
  kind: 'train',
  run: 'r1',
  name: 'late night',
  state: 'running',
  beside: false,
  queuedAt: '',
  startedAt: '',
  progress: { stage: 'training', done: 42, total: 100, unit: 'examples' },
  perSecond: 5,
  etaSeconds: 12,
  ...more,
})
const waiting = job({ job: 'j2', run: 'r2', name: 'next', state: 'waiting', progress: null, perSecond: null, etaSeconds: null })

test('a job is named by its run, links to it, and what waits shows no progress', async () => {
  const page = await show(StatusStrip, { answers: { 'jobs.list': () => ({ jobs: [job({}), waiting] }) } })
  const links = page.shown.findAll('a')
  expect(links[0]!.text()).toBe('late night')
  expect(links[0]!.attributes('href')).toBe('/runs/r1')
  expect(page.shown.text()).toContain('42%')
  expect(page.shown.text()).toContain('12 s left')
  expect(page.shown.findAll('[role=progressbar]')).toHaveLength(1)
})

test('what another process trains is told, and no job of this engine is taken for such a run', async () => {
  const table = (...running: string[]) => ({
    columns: { run: ['r0', ...running], state: { values: ['finished', 'running'], codes: Int32Array.of(0, ...running.map(() => 1)) } },
    protocols: [],
  })
  const strip = (jobs: JobInfo[], ...running: string[]) =>
    show(StatusStrip, { answers: { 'jobs.list': () => ({ jobs }), 'runs.table': () => table(...running) } })
  const idle = await strip([])
  expect(idle.shown.text()).toContain('No job is running')
  const page = await strip([], 'r7', 'r8')
  await expect.poll(() => page.shown.text()).toContain('Another process trains 2 runs')
  expect(page.shown.text()).not.toContain('No job is running')
  const own = await strip([job({})], 'r1', 'r8')
  await expect.poll(() => own.shown.text()).toContain('Another process trains 1 run')
})

test('the window title tells the one that runs, and how many there are besides', () => {
  expect(workTitle([waiting, job({})])).toBe('42% late night +1')
  expect(workTitle([job({ run: null, name: null, kind: 'import', progress: null })])).toBe('Import')
  expect(workTitle([waiting])).toBeNull()
})

test('who leaves cancels what was asked by looking, even before the engine has named it', async () => {
  let answer: (value: unknown) => void = () => undefined
  const answers = { 'runs.slices': () => new Promise((resolve) => (answer = resolve)), 'jobs.cancel': () => ({}) }
  const Asking = defineComponent(() => {
    useAskedJob('runs.slices', () => ({ runs: ['a', 'b'], metric: 'ndcg@20' }))
    return () => h('p')
  })
  const page = await show(Asking, { answers })
  leave()
  expect(page.asked('jobs.cancel')).toEqual([])
  answer({ job: 'j7' })
  await expect.poll(() => page.asked('jobs.cancel')).toEqual([{ job: 'j7' }])
})
