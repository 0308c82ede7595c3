/**
 * The map of items beside its list: a point that is chosen, an outline, a name under the pointer, a colouring; all but
 * drawing, which wants WebGL.
 */
import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, test, vi } from 'vitest'
import type { Component } from 'vue'
import { PylonError } from '@contract/errors.ts'
import MapCanvas from '@/pages/inspect/map/MapCanvas.vue'
import MapFilters from '@/pages/inspect/map/MapFilters.vue'
import MapPanel from '@/pages/inspect/map/MapPanel.vue'
import MapViews from '@/pages/inspect/map/MapViews.vue'
import type { Camera } from '@/pages/inspect/map/point-renderer.ts'
import type { Filters } from '@/pages/inspect/map/useFilters.ts'
import { leave, show, type Answers, type Mounted } from '../mounted.ts'

afterEach(leave)
const entity = (index: number): object => ({ index, id: `i${index}`, title: `Item ${index}`, popularity: 10 * index })
const hit = (index: number): object => ({ index, item: `i${index}`, title: `Item ${index}`, popularity: 10 * index, score: 1 / index })
/** more than are listed */
const ITEMS = 310
const padded = <A extends Float32Array | Uint8Array>(of: new (length: number) => A, values: readonly number[]): A => {
  const all = new of(ITEMS)
  all.set(values)
  return all
}
const answers: Answers = {
  'map.points': () => ({
    run: 'r1',
    items: ITEMS,
    points: Float32Array.from({ length: 2 * ITEMS }, (_, i) => i % 5),
    explained: [0.5, 0.25],
    users: { indices: new Int32Array(), points: new Float32Array() },
    labels: [],
    epochs: new Int32Array(),
  }),
  'map.colours': ({ column }: { column: string | null }) =>
    column === null
      ? { kind: 'number', values: padded(Float32Array, [5, NaN, 30]), minimum: 5, maximum: 30 }
      : { kind: 'category', values: padded(Uint8Array, [0, 1, 255]), labels: ['lamp', 'chair'] },
  'entities.at': ({ indices }: { indices: readonly number[] }) => ({ entities: indices.map(entity) }),
  'entities.show': ({ id }: { id: string }) => ({ entity: entity(Number(id.slice(1))) }),
  'neighbours.inspect': () => ({ hits: [hit(1), hit(2)] }),
  'segments.list': () => ({ segments: [] }),
}
const go = vi.fn()
const manifest = { itemColumns: [{ name: 'kind', kind: 'category', distinct: 2 }] }
const panel = (place = '/inspect'): Promise<Mounted> =>
  show(MapPanel, { props: { run: { run: 'r1', name: 'one', dataset: 'd', bestEpoch: 3 }, manifest, inspection: { go } }, answers, place })
const canvas = (shown: VueWrapper): VueWrapper => shown.findComponent(MapCanvas as unknown as Component)
const listed = ({ shown }: Mounted): string[] => shown.findAll('aside li').map((row) => row.text())
async function emit({ shown }: Mounted, event: 'choose' | 'select' | 'hover', payload: unknown): Promise<void> {
  canvas(shown).vm.$emit(event, payload)
  await flushPromises()
}

test('a point that is chosen is in the address, and its neighbours are listed and ringed', async () => {
  const page = await panel()
  expect(listed(page)).toEqual([])
  await emit(page, 'choose', 2)
  expect(page.router.currentRoute.value.query).toMatchObject({ item: 'i2' })
  expect(page.asked('neighbours.inspect')).toEqual([{ run: 'r1', side: 'item', id: 'i2', k: 20 }])
  expect(page.shown.find('aside h2').text()).toBe('Item 2')
  expect(listed(page)).toEqual(['Item 11.0000', 'Item 20.5000'])
  expect(canvas(page.shown).props()).toMatchObject({ chosen: 2, marked: [1, 2] })
})

test('an outline lists what is in it, the first 300 at most, until it is cleared', async () => {
  const page = await panel('/inspect?item=i2')
  await emit(page, 'select', [0, 1])
  expect(page.shown.find('aside h2').text()).toBe('2 items')
  expect(listed(page)).toEqual(['Item 00', 'Item 110'])
  expect(canvas(page.shown).props()).toMatchObject({ chosen: -1, marked: [0, 1] })
  await emit(
    page,
    'select',
    Array.from({ length: 301 }, (_, i) => i),
  )
  expect(page.shown.text()).toContain('The first 300 are listed.')
  expect((page.asked('entities.at').at(-1) as { indices: number[] }).indices).toHaveLength(300)
  await page.button('Clear').trigger('click')
  expect(page.shown.find('aside h2').text()).toBe('Item 2')
})

test('the list is walked by arrows; Space shows a row on the map, Enter inspects it', async () => {
  const page = await panel('/inspect?item=i2')
  const rows = page.shown.findAll('aside li')
  await rows[0]!.trigger('keydown', { key: 'ArrowDown' })
  expect(document.activeElement).toBe(rows[1]!.element)
  await rows[1]!.trigger('keydown', { key: 'Enter' })
  expect(go).toHaveBeenLastCalledWith('item', 'i2')
  await rows[0]!.trigger('keydown', { key: ' ' })
  await flushPromises()
  expect(page.router.currentRoute.value.query).toMatchObject({ item: 'i1' })
})

test('what lies under the pointer is named with its value, which may be missing', async () => {
  const page = await panel()
  await emit(page, 'hover', { index: 2, x: 5, y: 5 })
  await vi.waitFor(() => expect(page.shown.find('.tip').text()).toBe('Item 2Popularity: 30'))
  await emit(page, 'hover', { index: 1, x: 6, y: 5 })
  await vi.waitFor(() => expect(page.shown.find('.tip').text()).toBe('Item 1Popularity: missing'))
  await emit(page, 'hover', null)
  expect(page.shown.find('.tip').exists()).toBe(false)
})

test('the column of the address colours the points, and the legend says what the colours are', async () => {
  const page = await panel('/inspect?colour=kind')
  expect(page.asked('map.colours')).toEqual([{ dataset: 'd', column: 'kind' }])
  expect(page.shown.find('.map-legend').text()).toBe('kindlampchairother or missing')
})

test('by neighbourhoods: laid out by a job where it was not yet; users are points behind the items, of which none is listed', async () => {
  let made = false
  const laid = {
    run: 'r1',
    items: 3,
    points: Float32Array.of(0, 0, 1, 1, 2, 0),
    explained: null,
    users: { indices: Int32Array.of(41), points: Float32Array.of(1, 0) },
    labels: [{ x: 0, y: 0, text: 'Lamps', items: 2 }],
    epochs: new Int32Array(),
  }
  const own: Answers = {
    ...answers,
    'map.colours': () => ({ kind: 'number', values: Float32Array.of(5, NaN, 30), minimum: 5, maximum: 30 }),
    'map.points': () => {
      if (made) return laid
      throw new PylonError('not-found', 'not yet')
    },
    'map.layout': () => ({ job: 'j' }),
  }
  const page = await show(MapPanel, {
    props: { run: { run: 'r1', name: 'one', dataset: 'd', bestEpoch: 3 }, manifest, inspection: { go } },
    answers: own,
    place: '/inspect?layout=neighbourhoods',
  })
  await page.button('Lay out').trigger('click')
  expect(page.asked('map.layout')).toEqual([{ run: 'r1' }])
  made = true
  await page.say('job.finished', { job: 'j', run: 'r1', state: 'done', result: {}, error: null })
  await flushPromises()
  expect((canvas(page.shown).props() as { points: Float32Array }).points).toHaveLength(8)
  expect(canvas(page.shown).props()).toMatchObject({ labels: laid.labels })
  await emit(page, 'select', [1, 3])
  expect(page.shown.find('aside h2').text()).toBe('1 item')
  await emit(page, 'choose', 3)
  expect(page.asked('entities.at').at(-1)).toEqual({ dataset: 'd', side: 'user', indices: [41] })
  expect(go).toHaveBeenLastCalledWith('user', 'i41')
  await page.shown.find('input[type=checkbox]').setValue(false)
  expect((canvas(page.shown).props() as { points: Float32Array }).points).toHaveLength(6)
})

test('what was drawn around is measured beside all others, for two runs of one protocol, and forgotten with it', async () => {
  const side = (recall: number): object => ({ users: 5, held: 6, metrics: { 'recall@20': recall, 'ndcg@20': 0.1, 'hit@20': 0.2 } })
  const own: Answers = { ...answers, 'segments.measure': () => ({ job: 's' }) }
  const page = await show(MapPanel, {
    props: {
      run: { run: 'r1', name: 'one', dataset: 'd', protocolHash: 'p' },
      other: { run: 'r2', name: 'two', dataset: 'd', protocolHash: 'p', model: 'ease' },
      manifest,
      inspection: { go },
    },
    answers: own,
  })
  await emit(page, 'select', [0, 2])
  await page.button('Measure these items').trigger('click')
  expect(page.asked('segments.measure')).toEqual([{ runs: ['r1', 'r2'], items: [0, 2] }])
  const runs = [
    { run: 'r1', name: 'one', inside: side(0.3), outside: side(0.4) },
    { run: 'r2', name: 'two', inside: side(0.5), outside: side(0.6) },
  ]
  await page.say('job.finished', { job: 's', run: null, state: 'done', result: { runs }, error: null })
  const rows = page.shown.findAll('aside table tr').map((row) => row.findAll('th, td').map((cell) => cell.text()))
  expect(rows.filter(([name]) => ['one', 'two', 'recall@20'].includes(name!))).toEqual([
    ['one', 'these', 'all others'],
    ['recall@20', '0.3000', '0.4000'],
    ['two', 'these', 'all others'],
    ['recall@20', '0.5000', '0.6000'],
  ])
  await emit(page, 'select', [1])
  expect(page.shown.find('aside table').exists()).toBe(false)
})

test('chosen items get a name, which is in the address, and are named anew and deleted', async () => {
  const kept = { segment: 's1', name: 'Lamps', dataset: 'd', tags: ['a', 'b'], items: 2, createdAt: '' }
  let segments: object[] = []
  const own: Answers = {
    ...answers,
    'segments.list': () => ({ segments }),
    'segments.save': () => {
      segments = [kept]
      return kept
    },
    'segments.items': () => ({ ...kept, indices: Int32Array.of(0, 2), missing: 1 }),
    'segments.edit': () => kept,
    'segments.delete': () => ({ deleted: 's1', forever: false }),
  }
  const page = await show(MapPanel, {
    props: { run: { run: 'r1', name: 'one', dataset: 'd', protocolHash: 'p' }, manifest, inspection: { go } },
    answers: own,
  })
  const type = async (label: string, text: string): Promise<void> => {
    const input = document.querySelector<HTMLInputElement>(
      `#${[...document.querySelectorAll('label')].find((each) => each.textContent.startsWith(label))!.htmlFor}`,
    )!
    input.value = text
    input.dispatchEvent(new Event('input'))
    await flushPromises()
  }
  await emit(page, 'select', [0, 2])
  await page.button('Keep as a segment').trigger('click')
  await flushPromises()
  await type('Name', ' Lamps ')
  await type('Tags', 'b, a,')
  document.querySelector('form')!.dispatchEvent(new Event('submit'))
  await flushPromises()
  expect(page.asked('segments.save')).toEqual([{ name: 'Lamps', tags: ['b', 'a'], dataset: 'd', items: [0, 2] }])
  expect(page.router.currentRoute.value.query).toMatchObject({ segment: 's1' })
  await page.say('segments.changed', { segment: 's1' })
  await flushPromises()
  expect(page.shown.find('aside h2').text()).toBe('Lamps')
  expect(page.shown.find('aside').text()).toContain('no longer has 1 of its items')
  await page.button('Measure these items').trigger('click')
  expect(page.asked('segments.measure')).toEqual([{ runs: ['r1'], segment: 's1' }])
  await page.button('Name and tags of the segment').trigger('click')
  await flushPromises()
  await type('Name', 'Bulbs')
  document.querySelector('form')!.dispatchEvent(new Event('submit'))
  await flushPromises()
  expect(page.asked('segments.edit')).toEqual([{ name: 'Bulbs', tags: ['a', 'b'], segment: 's1' }])
  await page.button('Delete the segment').trigger('click')
  await flushPromises()
  expect(page.asked('segments.delete')).toEqual([{ segment: 's1' }])
  expect(page.router.currentRoute.value.query).not.toHaveProperty('segment')
})

test('an epoch is laid on the map of the run, and what moved most is listed and coloured', async () => {
  const moved = padded(Float32Array, [0.1, 0.9, 0.5])
  const own: Answers = {
    ...answers,
    'map.points': (input: never) => ({ ...(answers['map.points']!(input) as object), epochs: Int32Array.of(1, 3) }),
    'map.moved': ({ epoch = null }: { epoch?: number | null }) => ({
      ...{ run: 'r1', to: 'r1', epoch, layout: 'axes', moved },
      points: new Float32Array(2 * ITEMS).fill(epoch ?? 7),
    }),
  }
  const shownWith = (props: object, place: string): Promise<Mounted> =>
    show(MapPanel, {
      props: { run: { run: 'r1', name: 'one', dataset: 'd', bestEpoch: 3 }, manifest, inspection: { go }, ...props },
      answers: own,
      place,
    })
  const page = await shownWith({}, '/inspect')
  expect(page.shown.text()).toContain('served')
  await page.shown.find('input[type=range]').setValue('1')
  await flushPromises()
  expect(page.asked('map.moved')).toEqual([{ run: 'r1', epoch: 3, to: 'r1', layout: 'axes' }])
  expect(page.shown.text()).toContain('epoch 3, the best')
  expect((canvas(page.shown).props() as { points: Float32Array }).points[0]).toBe(3)
  expect(page.shown.find('aside h2').text()).toBe('What moved most')
  expect(listed(page).slice(0, 3)).toEqual(['Item 10.9000', 'Item 20.5000', 'Item 00.1000'])

  const two = await shownWith({ other: { run: 'r2', name: 'two', dataset: 'd', model: 'two-tower' } }, '/inspect?colour=:moved')
  expect(two.asked('map.moved')).toEqual([{ run: 'r2', epoch: null, to: 'r1', layout: 'axes' }])
  expect(two.shown.findAllComponents(MapCanvas as unknown as Component)).toHaveLength(2)
  expect(two.shown.find('.map-legend').text()).toContain('how far it moved')
  const without = await shownWith({ other: { run: 'r3', name: 'three', dataset: 'd', model: 'ease' } }, '/inspect')
  expect(without.asked('map.moved')).toEqual([])
})

test('filters by columns take items off the map, count what others leave, and are a segment', async () => {
  const page = await panel()
  const filters = page.shown.findComponent(MapFilters as unknown as Component).props() as { filters: Filters }
  await filters.filters.add('kind')
  await filters.filters.add('')
  await flushPromises()
  expect(page.shown.find('[role=status]').text()).toBe('310 of 310 items')
  const card = page.shown.find('section[aria-label="Filter by kind"]')
  expect(card.findAll('label').map((row) => row.text())).toEqual(['lamp308', 'chair1', 'missing1'])
  await card.findAll('input')[0]!.setValue(false)
  expect(page.shown.find('[role=status]').text()).toBe('2 of 310 items')
  const { colours, shown } = canvas(page.shown).props() as { colours: Uint8Array; shown: Uint8Array }
  expect([...shown.subarray(0, 4)]).toEqual([0, 1, 1, 0])
  expect([colours[3], colours[7]! > 0]).toEqual([0, true])
  // of the popularity of those that are left: one has none
  const range = page.shown.find('section[aria-label="Filter by Popularity"]')
  expect(range.findAll('output').map((end) => end.text())).toEqual(['5', '30'])
  await range.findAll('input[type=range]')[0]!.setValue('100')
  expect(page.shown.find('[role=status]').text()).toBe('2 of 310 items')
  await range.find('input[type=checkbox]').setValue(false)
  expect(page.shown.find('[role=status]').text()).toBe('1 of 310 items')
  await page.button('Choose them').trigger('click')
  await flushPromises()
  expect(listed(page)).toEqual(['Item 220'])
  await emit(page, 'hover', null)
  await page.shown.find('[aria-label="Remove the filter by kind"]').trigger('click')
  await page.button('Clear').trigger('click')
  expect(page.shown.find('section[aria-label^="Filter by"]').exists()).toBe(false)
  expect((canvas(page.shown).props() as { shown: unknown }).shown).toBeNull()
})

test('filters of a link are those of the map; one by a column of another kind is left out', async () => {
  const page = await show(MapPanel, {
    props: { run: { run: 'r1', name: 'one', dataset: 'd' }, manifest, inspection: { go } },
    answers,
    place: '/inspect?filter=kind!0,~x~3,kind~1~2',
  })
  await flushPromises()
  expect(page.shown.find('aside [role=status]').text()).toBe('2 of 310 items')
  expect(page.shown.findAll('section[aria-label^="Filter by"]').map((card) => card.attributes('aria-label'))).toEqual(['Filter by kind'])
  const wrong = await show(MapPanel, {
    props: { run: { run: 'r1', name: 'one', dataset: 'd' }, manifest, inspection: { go } },
    answers,
    place: '/inspect?filter=kind~1~2',
  })
  await flushPromises()
  expect(wrong.shown.find('section[aria-label^="Filter by"]').exists()).toBe(false)
})

test('two maps have one camera', async () => {
  // this DOM lays nothing out
  const laid = vi.spyOn(Element.prototype, 'getBoundingClientRect').mockReturnValue({ left: 0, top: 0, width: 400, height: 300 } as DOMRect)
  const views = ['one', 'two'].map((name) => ({
    name,
    points: Float32Array.of(0, 0, 1, 1),
    colours: new Uint8Array(8),
    labels: [],
    label: name,
  }))
  const page = await show(MapViews, { props: { views, marked: [], chosen: -1, shown: null, lasso: false, unable: '' } })
  const [left, right] = page.shown.findAllComponents(MapCanvas as unknown as Component)
  const cameraOf = (of: VueWrapper): Camera => (of.props() as { camera: Camera }).camera
  const before = cameraOf(left!)
  await right!.trigger('keydown', { key: '+' })
  await right!.trigger('keydown', { key: 'ArrowRight' })
  expect(cameraOf(left!)).toEqual(cameraOf(right!))
  expect(cameraOf(left!).scale).toBeCloseTo(1.3 * before.scale)
  expect(cameraOf(left!).x).toBeGreaterThan(before.x)
  laid.mockRestore()
})
