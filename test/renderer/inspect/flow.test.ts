/** The picture of epochs and runs: what it asks, where lines begin and end, the numbers it leaves with, and what it says where epochs are missing. */
import { ref } from 'vue'
import { afterEach, expect, test, vi } from 'vitest'
import FlowPanel from '@/pages/inspect/flow/FlowPanel.vue'
import { lineOf, placesOf, runAt } from '@/pages/inspect/flow/rank-flow.ts'
import { leave, show, type Mounted } from '../mounted.ts'

afterEach(leave)
const column = (run: string, epoch: number | null, isBest = false): object => ({ run, name: `run ${run}`, epoch, isBest })
const item = (id: string, ranks: (number | null)[]): object => ({
  item: id,
  title: `Item ${id}`,
  popularity: 3,
  ranks,
  scores: ranks.map((rank) => (rank === null ? null : 1 / rank)),
})
const flow = {
  query: { side: 'user', id: 'u1', title: null },
  k: 2,
  csv: false,
  columns: [column('a', 1), column('a', 4, true), column('a', null), column('b', null)],
  items: [item('x', [9, 1, 1, 1]), item('y', [1, 2, 3, 2]), item('z', [2, null, 2, 40])],
  without: [{ run: 'b', name: 'run b', why: 'user', known: ['u7'] }],
}
const go = vi.fn()
const state = (more: object): object => ({
  ...{ side: ref('user'), id: ref('u1'), typed: ref(null), k: ref(100), includeSeen: ref(true), go },
  ...more,
})
const panel = (more: object = {}): Promise<Mounted> =>
  show(FlowPanel, { props: { inspection: state(more), runs: [{ run: 'a' }, { run: 'b' }] }, answers: { 'neighbours.flow': () => flow } })

test('asks all runs at once, lists ranks by column, and sends those who are not followed to who is', async () => {
  const page = await panel()
  expect(page.asked('neighbours.flow')).toEqual([{ runs: ['a', 'b'], user: 'u1', includeSeen: true, k: 50 }])
  expect(page.shown.findAll('th').map((cell) => cell.text())).toEqual([
    'Item',
    'run a · 1',
    '4 ★',
    'served',
    'run b · served',
    'Item x',
    'Item y',
    'Item z',
  ])
  expect(page.shown.findAll('tbody tr').map((row) => row.findAll('td').map((cell) => cell.text()))).toEqual([
    ['9', '1', '1', '1'],
    ['1', '2', '3', '2'],
    ['2', '–', '2', '40'],
  ])
  await page.shown.find('.notice button').trigger('click')
  expect(go).toHaveBeenCalledWith('user', 'u7')
})

test('somebody typed in is asked to be known', async () => {
  const page = await panel({ typed: ref({ age: 3 }) })
  expect(page.asked('neighbours.flow')).toEqual([])
  expect(page.shown.text()).toContain('Choose a known user or item')
})

test('a line is drawn in the list and one step into and out of it; runs with epochs are apart', () => {
  const columns = flow.columns as Parameters<typeof placesOf>[0]['columns']
  const places = placesOf({ columns })
  expect(places).toEqual([0, 1, 2, null, 3])
  expect(placesOf({ columns: columns.slice(2) })).toEqual([0, 1])
  expect(lineOf([9, 1, 1, 1], places, 2)).toEqual([3, 1, 1, null, 1])
  expect(lineOf([1, 7, 8, 40], places, 2)).toEqual([1, 3, null, null, null])
  expect(lineOf([2, null, 2, 40], places, 2)).toEqual([2, 3, 2, null, null])
  expect([0, 1, 2, 3].map((at) => runAt({ columns }, at))).toEqual(['run a', null, null, 'run b'])
})
