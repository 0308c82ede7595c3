/** The engine as pages see it: one client that outlives engines, and whether one is there. Tests provide a link of their own. */
import { inject, shallowRef, type InjectionKey, type ShallowRef } from 'vue'
import type { Client } from '@contract/rpc.ts'
import type { EngineConnection, EngineStatus } from '@/engine/client.ts'

export interface EngineLink {
  readonly client: Client
  readonly status: Readonly<ShallowRef<EngineStatus>>
}

export const engineKey: InjectionKey<EngineLink> = Symbol('engine')

/** The link over a connection, for the app's lifetime. */
export function engineLinkOf(connection: EngineConnection): EngineLink {
  const status = shallowRef(connection.status)
  connection.onStatus((now) => {
    status.value = now
  })
  return { client: connection, status }
}

export function useEngine(): EngineLink {
  const link = inject(engineKey)
  if (link === undefined) throw new Error('No engine is provided: app.provide(engineKey, …)')
  return link
}
