/** What the frame of the page says of an address that no page has, and of a message that comes twice. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import ToastHost from '@/components/app/ToastHost.vue'
import { toast, toasts } from '@/composables/toast.ts'
import NowherePage from '@/pages/nowhere/NowherePage.vue'
import { router } from '@/router.ts'
import { leave, show } from './mounted.ts'

afterEach(leave)

test('an unknown address has a page that names it and leads on; the old address of the runs is theirs', async () => {
  expect(router.resolve('/nosuch?a=1').name).toBe('nowhere')
  expect(router.resolve('/runs').matched[0]?.redirect).toBe('/')
  expect(router.resolve('/runs/0vc2scrb').name).toBe('run')
  const { shown } = await show(NowherePage)
  expect(shown.text()).toContain('There is no page at #/')
  expect(shown.findAll('a').map((link) => link.attributes('href'))).toEqual(['/', '/data', '/new'])
})

test('a message that is there already takes its own place; what can be undone twice stands twice', async () => {
  const { shown } = await show(ToastHost)
  toast.success('The engine is back')
  toast.info('another')
  toast.success('The engine is back')
  toast.undo('Moved to the trash: a', 'Undo', () => undefined)
  toast.undo('Moved to the trash: a', 'Undo', () => undefined)
  await flushPromises()
  expect(toasts.value.map(({ text }) => text)).toEqual(['another', 'The engine is back', 'Moved to the trash: a', 'Moved to the trash: a'])
  expect(shown.findAll('.toast')).toHaveLength(4)
})
