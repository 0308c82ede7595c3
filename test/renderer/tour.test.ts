/** The tour opens each page that it speaks of, keeps its place over a reload, and is left at any step. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import TourCard from '@/components/app/TourCard.vue'
import { TOUR, useTour } from '@/composables/useTour.ts'
import en from '@/locales/en/all.ts'
import { leave, show } from './mounted.ts'

afterEach(() => {
  useTour().leave()
  leave()
})

test('from the first page to the last, each in words of its own', async () => {
  const page = await show(TourCard)
  expect(page.shown.find('section').exists()).toBe(false)
  useTour().start()
  await flushPromises()
  for (const [i, name] of TOUR.entries()) {
    expect(page.router.currentRoute.value.name).toBe(name)
    expect(page.shown.find('p').text()).toBe(en.common.tour.steps[name])
    expect(localStorage.getItem('pylon.tour')).toBe(String(i))
    await page.button(i === TOUR.length - 1 ? 'Done' : 'Next').trigger('click')
    await flushPromises()
  }
  expect(page.shown.find('section').exists()).toBe(false)
})

test('it has the focus when it begins, goes back, and Escape leaves it', async () => {
  const page = await show(TourCard)
  useTour().start()
  await flushPromises()
  expect(document.activeElement).toBe(page.shown.find('section').element)
  await page.button('Next').trigger('click')
  await page.button('Back').trigger('click')
  await flushPromises()
  expect(page.router.currentRoute.value.name).toBe('data')
  await page.shown.find('section').trigger('keydown', { key: 'Escape' })
  expect(page.shown.find('section').exists()).toBe(false)
})
