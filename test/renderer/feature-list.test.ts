/**
 * The features of a side in the form of a new run: written out, offered by column, named apart, removed, and opened
 * where they are wrong.
 */
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, test } from 'vitest'
import { computed, shallowRef, type Component } from 'vue'
import type { DatasetManifest } from '@contract/shapes/dataset.ts'
import { formKey } from '@/pages/new-run/form/form-context.ts'
import { useSpecTexts } from '@/pages/new-run/form/spec-texts.ts'
import SpecNode from '@/pages/new-run/form/SpecNode.vue'
import { nodeAt, specTree, type Path } from '@/pages/new-run/spec/tree.ts'
import { valueAt, withValue } from '@/pages/new-run/spec/values.ts'
import { leave, show, type Mounted } from './mounted.ts'

afterEach(leave)
const PATH = ['user', 'features'] as const
const column = (name: string, kind: string): object => ({ name, kind })
const manifest = { userColumns: [column('age', 'number'), column('note', 'ignore')], itemColumns: [column('price', 'number')] }
const id = { kind: 'id', dim: 16 }
const age = (name: string): object => ({ kind: 'number', name, column: 'age' })

async function list(features: unknown, problems: Readonly<Record<string, readonly string[]>> = {}) {
  const spec = shallowRef<unknown>({ model: 'two-tower', user: { features } })
  const form = {
    control: SpecNode as unknown as Component,
    spec: computed(() => spec.value),
    manifest: computed(() => manifest as unknown as DatasetManifest),
    automatic: computed(() => ({ user: [id, age('age')], item: [] })),
    problems: computed(() => new Map(Object.entries(problems))),
    texts: useSpecTexts(),
    set: (path: Path, value: unknown) => (spec.value = withValue(spec.value, path, value)),
  }
  const node = nodeAt(specTree(), spec.value, PATH)
  const page = await show(SpecNode, { props: { node, path: PATH, name: 'tower.features' }, provide: { [formKey as symbol]: form } })
  return { page, now: () => valueAt(spec.value, PATH) }
}
const heads = ({ shown }: Mounted): (readonly [string, boolean])[] =>
  shown.findAll('.option').map((head) => [head.find('strong').text(), head.attributes('aria-expanded') === 'true'] as const)
async function add({ button }: Mounted, entry: string): Promise<void> {
  await button('Add feature').trigger('keydown', { key: 'Enter' })
  await flushPromises()
  const item = [...document.querySelectorAll<HTMLElement>('[role=menuitem]')].find(({ textContent }) => textContent.trim() === entry)
  if (item === undefined) throw new Error(`no entry "${entry}" in: ${document.body.textContent}`)
  item.click()
  await flushPromises()
}

test('automatic features are written out as the dataset makes them of its side, and can be automatic again', async () => {
  const { page, now } = await list('auto')
  expect(heads(page)).toEqual([])
  await page.button('Write them out').trigger('click')
  expect(now()).toEqual([id, age('age')])
  expect(heads(page)).toEqual([
    ['id', false],
    ['age', false],
  ])
  await page.button('Automatic').trigger('click')
  expect(now()).toBe('auto')
})

test('a column of the own side is offered with its kind; what is added is opened, and named apart from the others', async () => {
  const { page, now } = await list([age('age')])
  await page.button('Add feature').trigger('keydown', { key: 'Enter' })
  await flushPromises()
  const offered = [...document.querySelectorAll('[role=menuitem]')].map(({ textContent }) => textContent.trim())
  expect(offered).toContain('age (number)')
  expect(offered.filter((entry) => /price|note/.test(entry))).toEqual([])
  document.querySelector('[role=menu]')!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  await flushPromises()
  await add(page, 'age (number)')
  expect(now()).toEqual([age('age'), age('age-2')])
  expect(heads(page)).toEqual([
    ['age', false],
    ['age-2', true],
  ])
})

test('where one is removed, those that were open stay open', async () => {
  const { page, now } = await list([id, age('age'), age('other')])
  await page.shown.findAll('.option')[2]!.trigger('click')
  expect(heads(page).at(-1)).toEqual(['other', true])
  await page.button('Remove: id').trigger('click')
  expect(now()).toEqual([age('age'), age('other')])
  expect(heads(page)).toEqual([
    ['age', false],
    ['other', true],
  ])
})

test('one that is wrong says so and shows its fields, though nobody has opened it', async () => {
  const { page } = await list([id, age('age')], {
    'user.features[1]': ['there is no column "age"'],
    'user.features[1].transform': ['unknown'],
  })
  const [fine, wrong] = page.shown.findAll('li')
  expect([fine!.classes(), wrong!.classes()]).toEqual([[], ['faulty']])
  expect(wrong!.text()).toContain('there is no column "age"')
  expect([fine!.find('.body').exists(), wrong!.find('.body').exists()]).toEqual([false, true])
})
