/** Another dataset by the choices of one: what it makes is told before, and it is imported as it was looked at. */
import { flushPromises } from '@vue/test-utils'
import { expect, test } from 'vitest'
import type { DatasetManifest } from '@contract/shapes/dataset.ts'
import AgainPanel from '@/pages/data/dataset/AgainPanel.vue'
import { show } from './mounted.ts'

test('further rows are previewed and imported with those of the dataset, or others in their place', async () => {
  let problems: object[] = []
  const page = await show(AgainPanel, {
    props: { manifest: { name: 'books' } as DatasetManifest },
    answers: {
      'datasets.inspect': () => ({
        findings: [{ code: 'again-added', values: { dataset: 'books', n: 1200, users: 7, items: 3 } }],
        problems,
      }),
      'datasets.import': () => ({ job: 'j1' }),
    },
  })
  const path = page.shown.findAll('input')[0]!
  await path.setValue('/next')
  await flushPromises()
  expect(page.asked('datasets.inspect')).toEqual([{ like: 'books', append: ['/next'] }])
  expect(page.shown.text()).toContain('Added to books: 1,200 interactions, 7 users and 3 items that it did not have.')
  await page.button('Import').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import')).toEqual([{ name: 'books-next', like: 'books', append: ['/next'] }])

  problems = [{ level: 'error', file: null, column: null, role: null, message: 'This column was of kind number' }]
  await path.setValue('/wrong')
  await flushPromises()
  expect(page.shown.text()).toContain('This column was of kind number')
  await page.shown
    .findAll('button')
    .find((button) => button.text() === 'Import')
    ?.trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import')).toHaveLength(1)
})
