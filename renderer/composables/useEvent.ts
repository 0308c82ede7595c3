/** Calls a listener at an event of the engine while the component is there. */
import { onScopeDispose } from 'vue'
import type { EventName, Events } from '@contract/events.ts'
import { useEngine } from './useEngine.ts'

export function useEvent<E extends EventName>(event: E, listener: (payload: Events[E]) => void): void {
  onScopeDispose(useEngine().client.on(event, listener))
}
