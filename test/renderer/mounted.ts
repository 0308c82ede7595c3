/** A component mounted as in the page, at an engine that answers from a table: what it asked is kept, and events are said to it. */
import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia } from 'pinia'
import { TooltipProvider } from 'reka-ui'
import { h, shallowRef, type Component } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import type { EventName, Events } from '@contract/events.ts'
import type { Client } from '@contract/rpc.ts'
import type { VerbName } from '@contract/verbs.ts'
import { engineKey } from '@/composables/useEngine.ts'
import { dismiss, toasts } from '@/composables/toast.ts'
import type { EngineStatus } from '@/engine/client.ts'
import { PAGES } from '@/router.ts'

/** What each verb answers; one that is not in it fails. A thrown error is the engine's refusal. */
export type Answers = Readonly<Partial<Record<VerbName, (input: never) => unknown>>>

export interface Mounted {
  readonly shown: VueWrapper
  /** what was asked, in order */
  readonly asked: (verb: VerbName) => unknown[]
  readonly say: <E extends EventName>(event: E, payload: Events[E]) => Promise<void>
  readonly router: Router
  /** the engine goes; what was asked fails as `answers` say */
  readonly gone: () => Promise<void>
  /** another engine is there */
  readonly back: () => Promise<void>
  /** the button of that text, or of that name */
  readonly button: (name: string) => ReturnType<VueWrapper['findAll']>[number]
}

let mounted: VueWrapper | null = null

/** `place`: the address it is shown at. The one that was mounted before goes. */
export async function show(
  component: unknown,
  { props = {}, answers = {}, place = '/', provide = {} }: { props?: object; answers?: Answers; place?: string; provide?: object } = {},
): Promise<Mounted> {
  mounted?.unmount()
  const calls: [VerbName, unknown][] = []
  const listeners = new Map<string, Set<(payload: unknown) => void>>()
  const client = {
    call: async (verb: VerbName, input: never) => {
      calls.push([verb, input])
      if (verb === 'system.about') return { viewed: null }
      if (answers[verb] === undefined) throw new Error(`nobody answers ${verb}`)
      return answers[verb](input)
    },
    on: (event: string, listener: (payload: unknown) => void) => {
      listeners.set(event, (listeners.get(event) ?? new Set()).add(listener))
      return () => listeners.get(event)?.delete(listener)
    },
    close: () => undefined,
  } as unknown as Client
  const status = shallowRef<EngineStatus>({ state: 'ready', reason: null, detail: null, life: 1 })
  const link = { client, status }
  const empty = { render: () => null }
  const router = createRouter({ history: createMemoryHistory(), routes: PAGES.map(({ name, path }) => ({ name, path, component: empty })) })
  await router.push(place)
  mounted = mount(() => h(TooltipProvider, () => h(component as Component, props)), {
    attachTo: document.body,
    global: { plugins: [createPinia(), router], provide: { [engineKey as symbol]: link, ...provide } },
  })
  await flushPromises()
  const shown = mounted.findComponent(component as Component) as VueWrapper
  return {
    shown,
    router,
    gone: async () => {
      status.value = { ...status.value, state: 'lost', reason: 'engine' }
      await flushPromises()
    },
    back: async () => {
      status.value = { state: 'ready', reason: null, detail: null, life: status.value.life + 1 }
      await flushPromises()
    },
    asked: (verb) => calls.filter(([name]) => name === verb).map(([, input]) => input),
    say: async (event, payload) => {
      for (const listener of listeners.get(event) ?? []) listener(payload)
      await flushPromises()
    },
    button: (name) => {
      const found = shown.findAll('button').find((each) => each.text() === name || each.attributes('aria-label') === name)
      if (found === undefined) throw new Error(`no button "${name}" in: ${shown.html()}`)
      return found
    },
  }
}

/** Takes away what is shown, its toasts, and what it kept in the browser. */
export function leave(): void {
  mounted?.unmount()
  mounted = null
  for (const { id } of toasts.value) dismiss(id)
  localStorage.clear()
}
