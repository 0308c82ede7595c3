/** Starting servers: what is sent, what a refusal and a death look like, and that the list is asked again only while it is seen. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PylonError } from '@contract/errors.ts'
import ServePage from '@/pages/serve/ServePage.vue'
import ServePanel from '@/pages/serve/ServePanel.vue'
import { leave, show, type Answers, type Mounted } from './mounted.ts'

const server = (name: string): object => ({
  server: name,
  url: `http://127.0.0.1:1${name}`,
  token: 'secret-token',
  source: `run ${name}`,
  stats: { version: 'v1', users: 3, items: 4, memoryMb: 1, uptimeSeconds: 5, waiting: 0, known: { user: 'ann', item: 'lamp' }, routes: [] },
})
let servers: object[] = []
const answers: Answers = {
  'serving.list': () => ({ servers }),
  'serving.start': () => {
    servers = [server('7')]
    return servers[0]
  },
}
const runs = [{ value: 'r1', label: 'first' }]
const panel = (more: Answers = {}, props: object = { runs, run: 'r1' }): Promise<Mounted> =>
  show(ServePanel, { props, answers: { ...answers, ...more } })
const submit = async ({ shown }: Mounted): Promise<void> => {
  await shown.find('form').trigger('submit')
  await flushPromises()
}

beforeEach(() => {
  servers = []
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
})
afterEach(() => {
  leave()
  vi.useRealTimers()
})

test('serves the run that is chosen on any free port, and shows the server', async () => {
  const page = await panel()
  expect(page.shown.text()).toContain('Nothing is served')
  await submit(page)
  expect(page.asked('serving.start')).toEqual([{ run: 'r1', port: 0, openProbes: false }])
  expect(page.shown.text()).not.toContain('Nothing is served')
  expect(page.shown.find('h2.mono').text()).toBe('http://127.0.0.1:17')
})

test('what cannot be sent cannot be pressed: no run, or a token of fewer than 8 characters', async () => {
  expect((await panel({}, { runs: [], run: '' })).button('Start').attributes('disabled')).toBeDefined()
  const page = await panel()
  const [token] = page.shown.findAll('input[type=text]').slice(-2) // before that of the log
  await token!.setValue('short')
  expect(page.button('Start').attributes('disabled')).toBeDefined()
  await token!.setValue('long enough')
  await page.shown.find('input[type=checkbox]').setValue(true)
  expect(page.button('Start').attributes('disabled')).toBeUndefined()
  await submit(page)
  expect(page.asked('serving.start')).toEqual([{ run: 'r1', port: 0, token: 'long enough', openProbes: true }])
})

test('a refusal stands under the form, which can be sent again; so does the death of a server', async () => {
  let refused = true
  const page = await panel({
    'serving.start': () => {
      if (refused) throw new PylonError('conflict', 'Port 80 is taken.')
      return server('8')
    },
  })
  await submit(page)
  expect(page.shown.find('[role=alert]').text()).toContain('Port 80 is taken.')
  expect(page.button('Start').attributes('disabled')).toBeUndefined()
  refused = false
  await submit(page)
  expect(page.shown.find('[role=alert]').exists()).toBe(false)
  const before = page.asked('serving.list').length
  await page.say('serving.ended', { server: '8', error: { code: 'unavailable', message: 'It was killed.' } as never })
  expect(page.shown.find('[role=alert]').text()).toContain('It was killed.')
  expect(page.asked('serving.list')).toHaveLength(before + 1)
})

test('the servers are asked for every two seconds, but not behind another window', async () => {
  const page = await panel()
  const visible = vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible')
  vi.advanceTimersByTime(4000)
  await flushPromises()
  expect(page.asked('serving.list')).toHaveLength(3)
  visible.mockReturnValue('hidden')
  vi.advanceTimersByTime(10_000)
  await flushPromises()
  expect(page.asked('serving.list')).toHaveLength(3)
  visible.mockRestore()
})

test('the page serves the run that its address names, not the newest, and the first request is one that works', async () => {
  const listed = (run: string): object => ({ run, name: run, dataset: 'd', state: 'finished', model: 'two-tower', trial: null })
  const page = await show(ServePage, {
    answers: { ...answers, 'runs.list': () => ({ runs: [listed('older'), listed('newest')] }) },
    place: '/serve?tab=serve&run=older',
  })
  await submit(page)
  expect(page.asked('serving.start')).toEqual([{ run: 'older', port: 0, openProbes: false }])
  expect(JSON.parse(page.shown.find('textarea').element.value)).toEqual({ user: 'ann', k: 10, excludeSeen: true })
})
