/** The engine going under what was asked of it: no error while another may come, no answer of another question, and no wait without end. */
import { flushPromises } from '@vue/test-utils'
import { defineComponent, h, shallowRef } from 'vue'
import { afterEach, expect, test } from 'vitest'
import { EngineGone, notFound } from '@contract/errors.ts'
import { useAskedJob } from '@/composables/useAskedJob.ts'
import { useJob, type Job } from '@/composables/useJob.ts'
import { useVerb, type VerbQuery } from '@/composables/useVerb.ts'
import { leave, show } from './mounted.ts'

afterEach(leave)
const GONE = new EngineGone('The engine is gone: SIGKILL.')

test('a question that the engine dies of stays a question, also when it dies again at the next', async () => {
  const run = shallowRef('a')
  let query: VerbQuery<unknown>
  let answer: () => unknown = () => ({ run: run.value })
  const Asking = defineComponent(() => {
    query = useVerb('runs.show', () => ({ run: run.value }))
    return () => h('p')
  })
  const page = await show(Asking, { answers: { 'runs.show': () => answer() } })
  const seen = (): unknown[] => [query.data.value, query.error.value, query.loading.value]
  expect(seen()).toEqual([{ run: 'a' }, null, false])

  answer = () => Promise.reject(GONE)
  await page.gone()
  await query!.refresh()
  expect(seen()).toEqual([{ run: 'a' }, null, true])
  // another question: the answer before it would be shown as its own, also while the call waits for an engine
  answer = () => new Promise(() => undefined)
  run.value = 'b'
  await flushPromises()
  expect(seen()).toEqual([null, null, true])
  answer = () => Promise.reject(GONE)
  // each engine dies as it is asked: before the page has heard that it is gone
  for (let life = 0; life < 3; life++) {
    await page.back()
    expect(seen()).toEqual([null, null, true])
  }
  answer = () => Promise.reject(notFound('There is no run "b".'))
  await page.back()
  expect(query!.error.value!.message).toBe('There is no run "b".')
  answer = () => Promise.reject(GONE)
  await page.back()
  expect(query!.error.value).toBeNull()
  answer = () => ({ run: run.value })
  await page.back()
  expect(seen()).toEqual([{ run: 'b' }, null, false])
})

test('a job whose engine went has failed when the next does not know it, and goes on when it does', async () => {
  let jobs: { job: string }[] = [{ job: 'j1' }]
  let job: Job<'runs.slices'>
  const Working = defineComponent(() => {
    job = useJob('runs.slices')
    return () => h('p')
  })
  const page = await show(Working, {
    answers: { 'runs.slices': () => ({ job: 'j1' }), 'jobs.list': () => ({ jobs }), 'jobs.cancel': () => ({}) },
  })
  const ended = job!.start({ runs: ['a', 'b'], metric: 'ndcg@20' })
  await flushPromises()
  await page.gone()
  await page.back()
  expect(job!.state.value).toBe('running')
  jobs = [{ job: 'j2' }]
  await page.back()
  expect(job!.state.value).toBe('failed')
  expect(job!.error.value!.message).toContain('look whether it was done')
  expect(await ended).toBeNull()
  // its end, heard late, changes nothing
  await page.say('job.finished', { job: 'j1', run: null, result: {}, error: null } as never)
  expect(job!.state.value).toBe('failed')

  // one that was being cancelled is
  jobs = []
  const other = job!.start({ runs: ['a', 'b'], metric: 'ndcg@20' })
  await flushPromises()
  void job!.cancel()
  await page.gone()
  await page.back()
  expect([await other, job!.state.value, job!.error.value]).toEqual([null, 'cancelled', null])
})

test('what is asked by looking is asked of each next engine, and is no error meanwhile', async () => {
  let job: Job<'runs.slices'>
  const Asking = defineComponent(() => {
    job = useAskedJob('runs.slices', () => ({ runs: ['a', 'b'], metric: 'ndcg@20' }))
    return () => h('p')
  })
  let answer: () => unknown = () => ({ job: 'j1' })
  const answers = { 'runs.slices': () => answer(), 'jobs.cancel': () => ({}), 'jobs.list': () => ({ jobs: [] }) }
  const page = await show(Asking, { answers })
  expect(job!.state.value).toBe('running')
  // the next engine does not know its job
  await page.gone()
  await page.back()
  expect([job!.state.value, job!.error.value, page.asked('runs.slices').length]).toEqual(['running', null, 2])
  await page.gone()
  // dies as it is asked
  answer = () => Promise.reject(GONE)
  await page.back()
  await page.gone()
  expect([job!.state.value, job!.error.value]).toEqual(['idle', null])
  answer = () => ({ job: 'j2' })
  await page.back()
  await page.say('job.finished', { job: 'j2', run: null, result: { slices: [] }, error: null } as never)
  expect([job!.state.value, job!.result.value]).toEqual(['done', { slices: [] }])
})

test('of quick switches the last is asked, and what was asked before is cancelled, also before it has its name', async () => {
  const [metric, names] = [shallowRef('x'), [] as ((value: unknown) => void)[]]
  const Asking = defineComponent(() => {
    useAskedJob('runs.slices', () => ({ runs: ['a', 'b'], metric: metric.value }))
    return () => h('p')
  })
  const answers = { 'runs.slices': () => new Promise((resolve) => names.push(resolve)), 'jobs.cancel': () => new Promise(() => undefined) }
  const page = await show(Asking, { answers })
  metric.value = 'y'
  await flushPromises()
  names[0]!({ job: 'jx' })
  await flushPromises()
  expect(page.asked('jobs.cancel')).toEqual([{ job: 'jx' }])
  names[1]!({ job: 'jy' })
  await flushPromises()
  // the cancel of jy is under way: nothing is asked before it is answered, and nothing at all once the page is left
  metric.value = 'x'
  await flushPromises()
  leave()
  await flushPromises()
  expect(page.asked('runs.slices')).toHaveLength(2)
})
