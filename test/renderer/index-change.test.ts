/** Items put into an index and taken out of it: what is asked of the engine, what a refusal leaves as it was, what can be taken back. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import { PylonError } from '@contract/errors.ts'
import { BUILT_IN_INDEX } from '@contract/shapes/ann.ts'
import { toasts } from '@/composables/toast.ts'
import ChangePanel from '@/pages/index/ChangePanel.vue'
import { leave, show, type Answers, type Mounted } from './mounted.ts'

afterEach(leave)
const run = { run: 'r1', dataset: 'd' }
const live = { name: 'live', count: 81, removed: 0, added: [{ id: 'n1', title: null, addedAt: '2026-11-28T01:00:00.000Z' }] }
const field = { name: 'price', kind: 'number', minimum: null, maximum: null, options: [], samples: [], separator: null, width: null }
const answers: Answers = {
  'neighbours.form': () => ({ fields: [field] }),
  'index.add': () => ({}),
  'index.remove': () => ({}),
  'entities.search': () => ({ total: 1, entities: [{ index: 4, id: 'i4', title: 'Lamp', popularity: 9 }] }),
}
const panel = (chosen: object | null, more: Answers = {}): Promise<Mounted> =>
  show(ChangePanel, { props: { run, chosen }, answers: { ...answers, ...more } })
const press = async (page: Mounted, name: string): Promise<void> => {
  await page.button(name).trigger('click')
  await flushPromises()
}

test('the index that was evaluated is not changed: another one is built', async () => {
  const page = await panel({ ...live, name: BUILT_IN_INDEX })
  expect(page.shown.find('input').exists()).toBe(false)
  await press(page, 'Build an index')
  expect(page.shown.emitted('build')).toHaveLength(1)
})

test('a typed-in item is added with its features, and the form is empty for the next', async () => {
  const page = await panel(live)
  await press(page, 'Type it in')
  expect(page.asked('neighbours.form')).toEqual([{ run: 'r1', side: 'item' }])
  expect(page.button('Add to the index').attributes('disabled')).toBeDefined()
  const [id, title] = page.shown.findAll('.ids input')
  await id!.setValue(' new ')
  await page.shown.find('input[role=spinbutton]').setValue('12')
  await press(page, 'Add to the index')
  expect(page.asked('index.add')).toEqual([{ run: 'r1', name: 'live', id: 'new', title: null, features: '{"price":12}' }])
  expect(page.shown.emitted('changed')).toHaveLength(1)
  expect([id!, title!, page.shown.find('input[role=spinbutton]')].map(({ element }) => (element as HTMLInputElement).value)).toEqual([
    '',
    '',
    '',
  ])
})

test('what is refused stays as it was typed, with the reason beneath it', async () => {
  const refuse = (): never => {
    throw new PylonError('conflict', 'The id is taken.')
  }
  const page = await panel(live, { 'index.add': refuse })
  await press(page, 'Type it in')
  await page.shown.find('.ids input').setValue('n1')
  await press(page, 'Add to the index')
  expect(page.shown.find('[role=alert]').text()).toContain('The id is taken.')
  expect((page.shown.find('.ids input').element as HTMLInputElement).value).toBe('n1')
  expect(page.shown.emitted('changed')).toBeUndefined()
})

test('an item of the catalogue that is taken out can be put back, one that was typed in cannot', async () => {
  const page = await panel(live)
  await press(page, 'Remove: n1')
  expect(toasts.value.map(({ text, action }) => [text, action])).toEqual([['n1 was taken out of live', null]])
  await page.shown.find('[role=combobox]').trigger('focus')
  await flushPromises()
  await page.shown.find('[role=option]').trigger('mousedown')
  await flushPromises()
  expect(page.asked('index.remove').at(-1)).toEqual({ run: 'r1', name: 'live', items: ['i4'] })
  toasts.value.at(-1)!.action!.run()
  await flushPromises()
  expect(page.asked('index.remove').at(-1)).toEqual({ run: 'r1', name: 'live', items: ['i4'], restore: true })
  expect(page.shown.emitted('changed')).toHaveLength(3)
})
