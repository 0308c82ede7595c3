/** The focus and dialogs: it goes in, and back to the button that opened one, or to the button of the menu. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import { defineComponent, h, shallowRef } from 'vue'
import Button from '@/components/Button.vue'
import Dialog from '@/components/Dialog.vue'
import Menu from '@/components/Menu.vue'
import { leave, show } from './mounted.ts'

afterEach(leave)

const Page = defineComponent(() => {
  const open = shallowRef(false)
  const ask = (): unknown => (open.value = true)
  return () => [
    h(Button, { text: 'Open', onClick: ask }),
    h(Menu, { entries: [{ label: 'Open from here', run: ask }] }, () => h(Button, { text: 'Menu' })),
    h(Dialog, { open: open.value, 'onUpdate:open': (value: boolean) => (open.value = value), title: 'Asked' }, () =>
      h('input', { id: 'answer' }),
    ),
  ]
})
const focused = (): string => document.activeElement?.textContent.trim() ?? ''
const press = (key: string): unknown =>
  document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))

test('from a button', async () => {
  const page = await show(Page)
  const button = page.button('Open').element as HTMLElement
  button.focus()
  button.click()
  await vi.waitFor(() => expect(document.activeElement?.closest('.dialog')).not.toBeNull())
  press('Escape')
  await vi.waitFor(() => expect(document.querySelector('.dialog')).toBeNull())
  await vi.waitFor(() => expect(focused()).toBe('Open'))
})

test('from an entry of a menu', async () => {
  const page = await show(Page)
  ;(page.button('Menu').element as HTMLElement).focus()
  press('Enter')
  await vi.waitFor(() => expect(document.querySelector('[role=menuitem]')).not.toBeNull())
  const entry = document.querySelector<HTMLElement>('[role=menuitem]')!
  entry.focus()
  press('Enter')
  await flushPromises()
  await vi.waitFor(() => expect(document.activeElement?.closest('.dialog')).not.toBeNull())
  press('Escape')
  await vi.waitFor(() => expect(document.querySelector('.dialog')).toBeNull())
  await vi.waitFor(() => expect(focused()).toBe('Menu'))
})
