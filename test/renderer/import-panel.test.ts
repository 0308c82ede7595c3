/** An import as it is prepared: looked at, named, stopped by what is wrong, started, and kept over a reload. */
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { InspectionProblem } from '@contract/shapes/inspection.ts'
import type { Finding } from '@contract/shapes/finding.ts'
import { language } from '@/composables/texts.ts'
import ImportPanel from '@/pages/data/import/ImportPanel.vue'
import { leave, show, type Mounted } from './mounted.ts'

afterEach(leave)
let problems: InspectionProblem[] = []
let hasOrder = true
beforeEach(() => {
  problems = []
  hasOrder = true
})
const column = (name: string, role: string | null, confidence: string | null = null): object => ({
  name,
  role,
  confidence,
  reason: '',
  kind: null,
  how: '',
  samples: ['1'],
  missing: 0,
})
let findings: Finding[] = []
const inspection = (): object => ({
  format: 'table',
  source: { path: '/books/ratings.csv', format: 'table' },
  files: [
    {
      role: 'interactions',
      path: '/books/ratings.csv',
      shown: 'ratings.csv',
      reader: 'delimited',
      bytes: 10,
      rows: 3,
      rowsExact: true,
      named: true,
      columns: [column('who', 'user'), column('what', 'item'), column('stars', null)],
    },
  ],
  problems,
  counts: { users: 2, items: 3, interactions: 3 },
  preparation: [],
  hasWeight: false,
  events: [],
  hasTime: false,
  hasOrder,
  activity: null,
  findings,
})
const panel = (taken: readonly string[] = []): Promise<Mounted> =>
  show(ImportPanel, {
    props: { taken, dropped: [] },
    answers: { 'datasets.inspect': inspection, 'datasets.import': () => ({ job: 'j1' }) },
  })
async function look(page: Mounted): Promise<void> {
  await page.shown.find('form input').setValue('/books/ratings.csv')
  await page.shown.find('form').trigger('submit')
  await flushPromises()
}
const nameOf = ({ shown }: Mounted): string => (shown.find('aside input.input').element as HTMLInputElement).value

test('a path is looked at, gets a free name and a split that fits, and is imported as it was looked at', async () => {
  const page = await panel(['books'])
  await look(page)
  expect(page.asked('datasets.inspect')).toEqual([{ path: '/books/ratings.csv', header: 'auto' }])
  expect(page.shown.text()).toContain('3 interactions of 2 users and 3 items')
  expect(nameOf(page)).toBe('books-2')
  await page.button('Import').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import')).toEqual([
    { name: 'books-2', path: '/books/ratings.csv', format: 'table', header: 'auto', split: 'leave-last', validation: 0.1, seed: 1 },
  ])
  expect(page.shown.findAll('button').some((button) => button.text() === 'Import')).toBe(false)
  await page.say('job.finished', { job: 'j1', run: null, state: 'done', result: { dataset: 'books-2' }, error: null })
  expect(page.shown.emitted('imported')).toEqual([['books-2']])
  expect(page.shown.find('.drop').exists()).toBe(true)
})

test('a name that is taken or has other signs stops the import, and says why', async () => {
  const page = await panel(['taken'])
  await look(page)
  for (const [name, why] of [
    ['taken', 'There is a dataset of that name.'],
    ['a/b', 'Letters, digits, _ . and -, at most 64.'],
  ] as const) {
    await page.shown.find('aside input.input').setValue(name)
    expect(page.shown.find('aside [role=alert]').text()).toBe(why)
    expect(page.button('Import').attributes('disabled')).toBeDefined()
  }
})

test('what is wrong stands at its column, and stops the import until other files are chosen', async () => {
  problems = [{ level: 'error', file: 'ratings.csv', column: 'stars', role: null, message: 'No number: "five".' }]
  const page = await panel()
  await look(page)
  expect(page.shown.find('section.file .of-column').text()).toBe('No number: "five".')
  expect(page.shown.text()).toContain('1 problem stops the import')
  expect(page.button('Import').attributes('disabled')).toBeDefined()
  await page.button('Other files').trigger('click')
  expect(page.shown.find('.drop').exists()).toBe(true)
})

test('files that are not used are named, also where the same is said of two', async () => {
  const message = 'This file is not used: it is empty.'
  problems = ['a.csv', 'b.csv'].map((file) => ({ level: 'warning', file, column: null, role: null, message }))
  const page = await panel()
  await look(page)
  const said = page.shown.findAll('.notice.warning').map((notice) => notice.text())
  expect(said).toEqual(['a.csv: This file is not used: it is empty.', 'b.csv: This file is not used: it is empty.'])
})

test('an import that fails says so at the column it stumbled over, and can be tried again', async () => {
  const page = await panel()
  await look(page)
  await page.button('Import').trigger('click')
  await flushPromises()
  const error = { code: 'bad-data', message: 'Line 7 has no id.', place: 'ratings.csv:7 column "who"' } as const
  await page.say('job.finished', { job: 'j1', run: null, state: 'failed', result: null, error })
  expect(page.shown.findAll('.of-column').map((row) => row.text())).toEqual([expect.stringContaining('Line 7 has no id.')])
  expect(page.shown.find('aside [role=alert]').exists()).toBe(false)
  expect(page.button('Import').attributes('disabled')).toBeUndefined()
})

test('what is being prepared is there again after a reload', async () => {
  await look(await panel())
  const page = await panel()
  expect(page.asked('datasets.inspect')).toEqual([{ path: '/books/ratings.csv', header: 'auto' }])
  expect(nameOf(page)).toBe('books')
})

test('steps before the split go with the look and the import', async () => {
  const page = await panel()
  await look(page)
  const labelled = page.shown.findAll('details .field').find((field) => field.text().includes('k-core'))!
  await labelled.find('input').setValue('5')
  await labelled.find('input').trigger('blur')
  await flushPromises()
  expect(page.asked('datasets.inspect').at(-1)).toEqual({ path: '/books/ratings.csv', header: 'auto', core: 5 })
  await page.button('Import').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import').at(-1)).toMatchObject({ path: '/books/ratings.csv', core: 5 })
})

test('a role that is not sure is asked about, and said once it is confirmed', async () => {
  const page = await show(ImportPanel, {
    props: { taken: [], dropped: [] },
    answers: {
      'datasets.inspect': () => {
        const found = inspection() as { files: { columns: object[] }[] }
        found.files[0]!.columns[1] = column('what', 'item', 'low')
        return found
      },
    },
  })
  await look(page)
  await page.button('It is the item').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.inspect').at(-1)).toEqual({ path: '/books/ratings.csv', map: 'item=what', header: 'auto' })
})

test('how files are read can be said, and is asked of the look and the import alike', async () => {
  const page = await panel()
  await look(page)
  const fields = page.shown.findAll('aside details input.input')
  await fields[0]!.setValue('mdy')
  await page.shown.findAll('aside details input.input')[1]!.setValue(';')
  await flushPromises()
  expect(page.asked('datasets.inspect').at(-1)).toEqual({ path: '/books/ratings.csv', header: 'auto', dateFormat: 'mdy', delimiter: ';' })
  await page.button('Import').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import').at(-1)).toMatchObject({ dateFormat: 'mdy', delimiter: ';' })
})

test('what is found stands before the import, and the recommended split is taken at a button', async () => {
  findings = [
    { code: 'one-event-users', values: { n: 31_178, users: 32_992, share: 0.945 } },
    { code: 'split-random', values: { split: 'random:0.3' }, split: 'random:0.3' },
  ]
  const page = await panel()
  await look(page)
  findings = []
  expect(page.shown.text()).toContain('31,178 of 32,992 users (94.5%) have one interaction')
  expect(page.shown.text()).not.toContain('Nothing stands against the import.')
  await page.button('Take this split').trigger('click')
  await flushPromises()
  expect(page.button('chosen').attributes('disabled')).toBeDefined()
  await page.button('Import').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import').at(-1)).toMatchObject({ split: 'random:0.3' })
})

test('lists where ids must be can be unrolled at a button', async () => {
  const list = { level: 'error' as const, file: 'ratings.csv', column: 'items', role: null, message: 'Lists are no ids: --unroll items' }
  problems = [list]
  const page = await panel()
  await look(page)
  problems = []
  await page.button('Unroll items: each entry by itself').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.inspect').at(-1)).toMatchObject({ unroll: 'items' })
  expect(page.shown.text()).toContain('Nothing stands against the import.')
})

const purchases = (role: 'interactions' | null, also?: true): object => ({
  ...(inspection() as { files: object[] }).files[0]!,
  role,
  path: '/books/buys.csv',
  shown: 'buys.csv',
  columns: [column('who', null), column('what', null), column('stars', null)],
  ...(also && { also }),
})

test('a file with the columns of the interactions is joined with them at a button, looked at and imported so', async () => {
  let joined = false
  const page = await show(ImportPanel, {
    props: { taken: [], dropped: [] },
    answers: {
      'datasets.inspect': (input: { also?: string[] }) => {
        joined = input.also !== undefined
        const found = inspection() as { files: object[]; source: object; events: string[] }
        const source = { format: 'auto', interactions: '/books/ratings.csv', ...(joined && { also: input.also }) }
        return { ...found, source, files: [...found.files, joined ? purchases('interactions', true) : purchases(null)] }
      },
      'datasets.import': () => ({ job: 'j1' }),
    },
  })
  await look(page)
  await page.button('Join with the interactions').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.inspect').at(-1)).toEqual({ interactions: '/books/ratings.csv', also: ['/books/buys.csv'], header: 'auto' })
  expect(page.shown.findAll('section.file')[1]!.text()).toContain('more interactions')
  expect(page.shown.findAll('button').some((button) => button.text() === 'Join with the interactions')).toBe(false)
  await page.button('Import').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import').at(-1)).toMatchObject({ interactions: '/books/ratings.csv', also: ['/books/buys.csv'] })
})

test('event types are positives or kept apart as they are ticked, and what is kept apart is told before the import', async () => {
  const page = await show(ImportPanel, {
    props: { taken: [], dropped: [] },
    answers: {
      'datasets.inspect': ({ positives }: { positives?: string }) => ({
        ...inspection(),
        events: ['buy', 'shown, not taken'],
        apart: positives === undefined ? null : { positives: ['buy'], events: [{ event: 'shown, not taken', interactions: 1200 }] },
      }),
      'datasets.import': () => ({ job: 'j1' }),
    },
  })
  await look(page)
  const boxes = page.shown.findAll('[role=group] input[type=checkbox]')
  expect(boxes.map((box) => (box.element as HTMLInputElement).checked)).toEqual([true, true])
  await boxes[1]!.setValue(false)
  await flushPromises()
  expect(page.asked('datasets.inspect').at(-1)).toMatchObject({ positives: 'buy' })
  expect(page.shown.find('.apart').text()).toBe('Kept apart: 1,200 shown, not taken. Positives: buy.')
  // the last positive stays
  expect(page.shown.findAll('[role=group] input[type=checkbox]')[0]!.attributes('disabled')).toBeDefined()
  await page.button('Import').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.import').at(-1)).toMatchObject({ positives: 'buy' })
})

test('what is wrong is said in the language of the page', async () => {
  const message =
    'ratings.csv:7 column "what": This cell is empty; every interaction needs an item id. Correct the row, or leave it out with --missing-ids drop.'
  problems = [{ level: 'error', file: 'ratings.csv', column: 'what', role: null, message }]
  const page = await panel()
  await look(page)
  expect(page.shown.find('section.file .of-column').text()).toBe(
    `${message.replace('--missing-ids drop', '“Rows without an id: Leave them out”')}Leave these rows out`,
  )
  language.value = 'zh'
  await flushPromises()
  expect(page.shown.find('section.file .of-column').text()).toContain('ratings.csv 第 7 行“what”列：此格为空；每次交互都需要物品标识。')
  language.value = 'en'
})

test('what a message names as its remedy is a button; the words around are of the page', async () => {
  const message =
    'ratings.csv:7: This row has 1 field, the header has 5; correct the row (the delimiter is taken to be ";"; --delimiter says another), or leave such rows out with --bad-rows skip.'
  problems = [{ level: 'error', file: 'ratings.csv', column: null, role: null, message }]
  const page = await panel()
  await look(page)
  await page.button('Leave such rows out').trigger('click')
  await flushPromises()
  expect(page.asked('datasets.inspect').at(-1)).toMatchObject({ badRows: 'skip' })
  language.value = 'zh'
  await flushPromises()
  expect(page.shown.find('section.file .notice').text()).toContain('此行有 1 个字段，而表头有 5 个')
  language.value = 'en'
})

test('the split goes with what is found of the files until somebody chose one', async () => {
  hasOrder = false
  problems = [{ level: 'error', file: 'ratings.csv', column: null, role: null, message: 'No. Leave such rows out with --bad-rows skip.' }]
  const page = await panel()
  await look(page)
  const split = (): string => (page.shown.find('input[name=split]:checked').element as HTMLInputElement).value
  expect(split()).toBe('random')
  hasOrder = true
  await page.button('Leave such rows out').trigger('click')
  await flushPromises()
  expect(split()).toBe('leave-last')
  await page.shown.find('input[value=random]').trigger('change')
  await page.button('Leave such rows out').trigger('click')
  await flushPromises()
  expect(split()).toBe('random')
})
