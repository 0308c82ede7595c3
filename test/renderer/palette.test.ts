/** The palette finds runs, datasets, recipes, items and users by the words that are typed, asks nothing before, and goes there. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import CommandPalette from '@/components/app/CommandPalette.vue'
import { leave, show, type Answers } from './mounted.ts'

const text = (...values: string[]) => ({ values, codes: Int32Array.from(values.keys()) })
const columns = {
  run: ['r1', 'r2'],
  name: text('late night', 'morning'),
  dataset: { values: ['market'], codes: Int32Array.of(0, 0) },
  recipe: text('bpr', 'two-tower'),
  protocol: { values: ['p'], codes: Int32Array.of(0, 0) },
  createdAt: Float64Array.of(1, 2),
  metrics: {},
  spec: {},
}
const entity = (id: string, title: string | null) => ({ index: 0, id, title, popularity: 1 })
const answers: Answers = {
  'runs.table': () => ({ columns, protocols: [] }),
  'runs.fields': () => ({ metrics: [], spec: [], tags: [], folders: [] }),
  'datasets.list': () => ({ datasets: [{ name: 'market' }] }),
  'recipes.list': () => ({ recipes: [{ name: 'night-owl', title: 'Night owl', card: { summary: '' } }] }),
  'entities.search': ({ side }: { side: string }) => ({
    entities: side === 'item' ? [entity('i9', 'Night train')] : [entity('night-user', null)],
    total: 1,
  }),
}
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => {
  vi.useRealTimers()
  leave()
})

async function type(words: string): Promise<void> {
  const input = document.querySelector<HTMLInputElement>('input.typed')!
  input.value = words
  input.dispatchEvent(new Event('input', { bubbles: true }))
  await flushPromises()
  await vi.advanceTimersByTimeAsync(500)
  await flushPromises()
}

test('finds of every kind, and where they lead', async () => {
  const page = await show(CommandPalette, { props: { open: true }, answers })
  expect(page.asked('runs.table')).toEqual([])
  await type('night')
  const options = [...document.querySelectorAll<HTMLElement>('[role=option]')].map((each) => each.textContent.trim())
  expect(options).toEqual(['late nightmarket · r1', 'Night owlnight-owl', 'Night traini9 · market', 'night-usermarket'])
  expect(page.asked('entities.search')).toEqual(['item', 'user'].map((side) => ({ dataset: 'market', side, text: 'night', limit: 6 })))
  const item = [...document.querySelectorAll<HTMLElement>('[role=option]')][2]!
  item.click()
  await flushPromises()
  await vi.waitFor(() => expect(page.router.currentRoute.value.name).toBe('inspect'))
  expect(page.router.currentRoute.value.fullPath).toBe('/inspect?run=r2&side=item&id=i9')
})

test('what is called as was typed comes first, then what begins so, then the newest', async () => {
  const named = ['bsl', 'bsl wide', 'spectral', 'spectral + bsl', 'my bsl']
  const same = { values: ['x'], codes: new Int32Array(named.length) }
  const table = {
    ...columns,
    run: named.map((_, i) => `r${i}`),
    name: text(...named),
    dataset: same,
    recipe: same,
    protocol: same,
    createdAt: Float64Array.from(named.keys()),
  }
  await show(CommandPalette, { props: { open: true }, answers: { ...answers, 'runs.table': () => ({ columns: table, protocols: [] }) } })
  await type('BSL')
  const options = [...document.querySelectorAll<HTMLElement>('[role=option] > span:first-child')].map((each) => each.textContent)
  expect(options.slice(0, 4)).toEqual(['bsl', 'bsl wide', 'my bsl', 'spectral + bsl'])
})
