/** Small controls and panels that hold state, mounted: what they show, and what a press or a key does. */
import { mount } from '@vue/test-utils'
import { Plus } from '@lucide/vue'
import { describe, expect, test } from 'vitest'
import type { EntityDetail } from '@contract/shapes/entity.ts'
import type { InspectedHit } from '@contract/verbs/inspect.ts'
import Button from '@/components/Button.vue'
import HistoryPanel from '@/features/retrieval/HistoryPanel.vue'
import HitTable from '@/features/retrieval/HitTable.vue'

test('an icon button has its name, shows it to the pointer only where it is told to, and passes presses on', async () => {
  let presses = 0
  const shown = mount(Button, { props: { icon: Plus, label: 'Add' }, attrs: { onClick: () => presses++ } })
  expect(shown.attributes()).toMatchObject({ type: 'button', 'aria-label': 'Add', class: 'button icon quiet' })
  expect(shown.attributes('title')).toBeUndefined()
  expect(shown.find('svg').attributes('aria-hidden')).toBe('true')
  await shown.setProps({ tip: true, framed: true, small: true })
  expect(shown.attributes()).toMatchObject({ title: 'Add', class: 'button icon small' })
  await shown.trigger('click')
  expect(presses).toBe(1)
})

describe('a history', () => {
  const event = (position: number, part: 'train' | 'test') =>
    ({ position, part, id: `i${position}`, title: null, event: null, time: null }) as EntityDetail['events'][number]
  const detail = { side: 'user', total: 2, events: [event(1, 'test'), event(0, 'train')] } as unknown as EntityDetail
  const props = { detail, whatIf: true, contributions: null, explained: 'i9', without: [] as readonly number[] }

  test('what a model reads can be left out and taken back, what is held out cannot', async () => {
    const shown = mount(HistoryPanel, { props })
    const boxes = shown.findAll('.event input')
    expect(boxes).toHaveLength(1)
    await boxes[0]!.trigger('change')
    expect(shown.emitted('update:without')).toEqual([[[0]]])
    await shown.setProps({ without: [0] })
    await shown.find('.event input').trigger('change')
    expect(shown.emitted('update:without')!.at(-1)).toEqual([[]])
  })

  test('each part has one colour, in the strip, its key and the list', () => {
    const shown = mount(HistoryPanel, { props })
    for (const part of ['train', 'test'])
      expect(shown.findAll(`[data-part=${part}]`).map((each) => each.element.tagName.toLowerCase())).toEqual(['rect', 'span', 'span'])
  })
})

test('arrows walk through hits and stop at the last, Space explains one, Enter opens one of the catalogue only', async () => {
  const hit = (rank: number, index: number | null) =>
    ({ rank, index, item: `i${rank}`, title: null, score: 1 / rank, popularity: 3, met: null, values: [] }) as unknown as InspectedHit
  const props = { hits: [hit(1, 0), hit(2, null)], columns: [], label: 'hits', other: null, explained: null, mostPopular: 9 }
  const shown = mount(HitTable, { props, attachTo: document.body })
  const [first, second] = shown.findAll('tbody tr')
  await first!.trigger('keydown', { key: 'ArrowDown' })
  expect(document.activeElement).toBe(second!.element)
  await second!.trigger('keydown', { key: 'ArrowDown' })
  expect(document.activeElement).toBe(second!.element)
  await second!.trigger('keydown', { key: ' ' })
  await second!.trigger('keydown', { key: 'Enter' })
  await first!.trigger('keydown', { key: 'Enter' })
  expect([shown.emitted('explain'), shown.emitted('open')]).toEqual([[[props.hits[1]]], [[props.hits[0]]]])
  shown.unmount()
})
