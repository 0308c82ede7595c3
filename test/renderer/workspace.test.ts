/** What the page says of its workspace: the trash, buttons of one that is open for reading only, refusals with their command. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defineComponent, h, shallowRef, type Component } from 'vue'
import type { Client } from '@contract/rpc.ts'
import type { VerbName } from '@contract/verbs.ts'
import type { TrashEntry } from '@contract/shapes/workspace.ts'
import RefusalNote from '@/components/app/RefusalNote.vue'
import ViewedBanner from '@/components/app/ViewedBanner.vue'
import { engineKey } from '@/composables/useEngine.ts'
import { useAllowed } from '@/composables/useAllowed.ts'
import { asked } from '@/composables/confirm.ts'
import { dismiss, toasts } from '@/composables/toast.ts'
import { useTrash } from '@/composables/useTrash.ts'
import TrashCard from '@/pages/settings/TrashCard.vue'

const WHY = 'It lies where this user cannot write.'
const entry = (id: string, name: string): TrashEntry => ({
  id,
  kind: 'run',
  name,
  what: `r-${id}`,
  deletedAt: '2026-11-28T01:00:00.000Z',
  bytes: 2048,
})

let calls: [VerbName, unknown][] = []
let trash: TrashEntry[] = []
let viewed: string | null = null
let listeners = new Map<string, () => void>()

/** An engine that holds a trash. */
const client = {
  call: async (verb: VerbName, input: { entry?: string; entries?: string[] }) => {
    calls.push([verb, input])
    if (verb === 'system.about') return { viewed }
    if (verb === 'trash.list') return { entries: trash }
    if (verb === 'trash.restore') {
      const taken = trash.find(({ id, what }) => [id, what].includes(input.entry!))!
      trash = trash.filter((other) => other !== taken)
      return { kind: taken.kind, what: taken.what }
    }
    trash = []
    return { removed: input.entries!.length, bytes: 2048 }
  },
  on: (event: string, listener: () => void) => {
    listeners.set(event, listener)
    return () => undefined
  },
  close: () => undefined,
} as unknown as Client

let shown: VueWrapper | null = null
async function show(component: unknown, props: Record<string, unknown> = {}): Promise<VueWrapper> {
  const link = { client, status: shallowRef({ state: 'ready', reason: null, detail: null, life: 1 } as const) }
  shown = mount(component as Component, {
    props,
    attachTo: document.body,
    global: { plugins: [createPinia()], provide: { [engineKey as symbol]: link } },
  })
  await flushPromises()
  return shown
}
const button = (wrapper: VueWrapper, text: string) => wrapper.findAll('button').find((each) => each.text() === text)!

beforeEach(() => {
  calls = []
  trash = [entry('1', 'first'), entry('2', 'second')]
  viewed = null
  listeners = new Map()
})
afterEach(() => {
  shown?.unmount()
  for (const { id } of toasts.value) dismiss(id)
})

describe('the trash', () => {
  test('gives back one entry, and is emptied of what it shows once that is confirmed', async () => {
    const card = await show(TrashCard)
    expect(
      card.findAll('tbody tr').map((row) =>
        row
          .findAll('td')
          .slice(0, 3)
          .map((cell) => cell.text()),
      ),
    ).toEqual([
      ['first r-1', 'run', '2 KB'],
      ['second r-2', 'run', '2 KB'],
    ])
    await button(card, 'Take back').trigger('click')
    await flushPromises()
    expect(calls).toContainEqual(['trash.restore', { entry: '1' }])
    expect(card.findAll('tbody tr')).toHaveLength(1)

    await button(card, 'Empty…').trigger('click')
    expect(asked.value?.danger).toBe(true)
    asked.value!.answer(false)
    await flushPromises()
    expect(calls.filter(([verb]) => verb === 'trash.empty')).toEqual([])
    await button(card, 'Empty…').trigger('click')
    asked.value!.answer(true)
    await flushPromises()
    expect(calls).toContainEqual(['trash.empty', { entries: ['2'] }])
    expect(card.text()).toContain('Nothing is in the trash')
    expect(button(card, 'Empty…').attributes('disabled')).toBeDefined()
  })

  test('an Undo takes back all that was deleted, and says so', async () => {
    const Deleting = defineComponent(() => {
      const { offerUndo } = useTrash()
      return () => h('button', { onClick: () => offerUndo('2 runs moved to the trash', ['r-1', 'r-2']) }, 'delete')
    })
    await (await show(Deleting)).find('button').trigger('click')
    toasts.value[0]!.action!.run()
    await flushPromises()
    expect(calls.filter(([verb]) => verb === 'trash.restore').map(([, input]) => input)).toEqual([{ entry: 'r-1' }, { entry: 'r-2' }])
    expect(toasts.value.map(({ text }) => text)).toEqual(['2 runs moved to the trash', 'Taken back: 2 runs'])
  })

  test('what was deleted by its id is taken back by its name', async () => {
    const Deleting = defineComponent(() => {
      const { offerUndo } = useTrash()
      return () => h('button', { onClick: () => offerUndo('bsl moved to the trash', ['r-1'], 'bsl') }, 'delete')
    })
    await (await show(Deleting)).find('button').trigger('click')
    toasts.value.at(-1)!.action!.run()
    await flushPromises()
    expect(toasts.value.at(-1)!.text).toBe('Taken back: bsl')
  })
})

describe('a workspace that is open for reading only', () => {
  const Buttons = defineComponent(() => {
    const allowed = useAllowed()
    return () => [
      h(ViewedBanner),
      ...(['runs.start', 'runs.export', 'trash.empty'] as const).map((verb) => h('button', { ...allowed(verb), id: verb })),
    ]
  })
  const off = (wrapper: VueWrapper): string[] =>
    wrapper
      .findAll('button')
      .filter(({ element }) => element.disabled)
      .map(({ element }) => element.id)

  test('turns off what would change it and says why, also where that begins later', async () => {
    const page = await show(Buttons)
    expect([off(page), page.text()]).toEqual([[], ''])
    viewed = WHY
    listeners.get('workspace.viewed')!()
    await flushPromises()
    expect(off(page)).toEqual(['runs.start', 'trash.empty'])
    expect(page.find('button').attributes('title')).toBe(WHY)
    expect(page.find('[role=status]').text()).toBe(`This workspace is open for reading only. ${WHY}`)
  })
})

test('a refusal shows its command apart, to be copied', async () => {
  const note = await show(RefusalNote, { message: "Make it anew: pylon doctor --repair --home '/home/me/my work'" })
  expect(note.find('.text').text()).toBe('Make it anew:')
  expect(note.find('code').text()).toBe("pylon doctor --repair --home '/home/me/my work'")
})
