/** The query of the runs table as it is typed: what is offered and taken, when it is run, and where a mistake is marked. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import QueryBar from '@/pages/runs/QueryBar.vue'
import { parseQuery } from '@/query/parse.ts'
import type { Field, QueryError } from '@/query/query.ts'
import { leave, show, type Mounted } from './mounted.ts'

const fields: readonly Field[] = [
  { name: 'recall@20', kind: 'number' },
  { name: 'recipe', kind: 'text', values: ['two-tower', 'ease'] },
  { name: 'loss', kind: 'text', values: ['bsl', 'ccl'] },
]
beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  leave()
  vi.useRealTimers()
})

const bar = (text = '', error: QueryError | null = null): Promise<Mounted> =>
  show(QueryBar, { props: { modelValue: text, fields, error, found: 1, total: 2 } })
async function type({ shown }: Mounted, text: string): Promise<void> {
  const input = shown.find('input')
  input.element.focus()
  input.element.value = text
  input.element.setSelectionRange(text.length, text.length)
  await input.trigger('input')
}
const offered = ({ shown }: Mounted): string[] => shown.findAll('[role=option] .mono').map((option) => option.text())
const runs = ({ shown }: Mounted): unknown[] => (shown.emitted('update:modelValue') ?? []).map(([text]) => text)

test('offers what begins alike, and arrows and Enter take it at the cursor, with a blank after it', async () => {
  const page = await bar()
  await type(page, 'rec')
  expect(offered(page)).toEqual(['recall@20', 'recipe'])
  const input = page.shown.find('input')
  expect(input.attributes('aria-activedescendant')).toBeUndefined()
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp']) await input.trigger('keydown', { key })
  expect(page.shown.findAll('[role=option]').map((option) => option.attributes('aria-selected'))).toEqual(['false', 'true'])
  await input.trigger('keydown', { key: 'Enter' })
  await nextTick()
  expect(input.element.value).toBe('recipe ')
  expect(runs(page)).toEqual(['recipe '])
  expect(offered(page)).toContain('=')
})

test('is run a moment after the typing rests, at once by Enter, and once what was typed is left', async () => {
  const page = await bar()
  await type(page, 'loss = b')
  await type(page, 'loss = bsl')
  expect(runs(page)).toEqual([])
  vi.advanceTimersByTime(200)
  await nextTick()
  expect(runs(page)).toEqual(['loss = bsl'])
  await type(page, 'loss = ccl')
  await page.shown.find('input').trigger('keydown', { key: 'Enter' })
  expect(runs(page).at(-1)).toBe('loss = ccl')
  expect(page.shown.find('[role=listbox]').exists()).toBe(false)
  await type(page, 'ease')
  await page.shown.find('input').trigger('blur')
  expect(runs(page).at(-1)).toBe('ease')
})

test('Escape only closes what is offered; the cross empties the query and runs that', async () => {
  const page = await bar('loss = ')
  const input = page.shown.find('input')
  await input.trigger('focus')
  expect(offered(page)).toEqual(['bsl', 'ccl'])
  await input.trigger('keydown', { key: 'Escape' })
  expect(page.shown.find('[role=listbox]').exists()).toBe(false)
  expect(input.element.value).toBe('loss = ')
  await page.button('Clear').trigger('click')
  expect([input.element.value, runs(page).at(-1), document.activeElement]).toEqual(['', '', input.element])
})

test('a mistake is underlined at its characters, until the text under it is another', async () => {
  const text = 'loss = bsl)'
  const error = ((): QueryError => {
    try {
      parseQuery(text)
    } catch (thrown) {
      return thrown as QueryError
    }
    throw new Error('the query can be read')
  })()
  const page = await bar(text, error)
  expect(page.shown.find('.wrong').text()).toBe(')')
  expect(page.shown.find('[role=alert]').text()).toBe('This bracket has no partner.')
  expect(page.shown.find('input').attributes()).toMatchObject({
    'aria-invalid': 'true',
    'aria-describedby': page.shown.find('[role=alert]').attributes('id'),
  })
  await type(page, 'loss = bsl')
  expect(page.shown.find('.wrong').exists()).toBe(false)
})
